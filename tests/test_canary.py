"""The search for card data on the disk: a short one, and proof that it finds what is there."""

import base64
import time

import pytest

import canary

CARDS = canary.numbers(20)


def test_no_file_holds_a_card_number_or_a_security_code(open_folder):
    found, states = canary.examine(open_folder(), 40, since=time.time())
    assert found.hits == []
    assert {"paid", "declined"} == set(states)


def test_a_planted_number_and_a_planted_code_are_found(open_folder):
    def plant(server, cards):
        (server.data / "log" / "trace.log").write_text(f"sent {cards[3]} with cvv: 123\n")

    found, _ = canary.examine(open_folder(), 8, since=time.time(), plant=plant)
    assert [hit.split(": ")[1].split(" at")[0] for hit in found.hits] == [
        "a card number",
        "a security code",
    ]


@pytest.mark.parametrize("spelling", list(canary.spellings(CARDS[7])))
def test_every_spelling_of_a_number_is_found(tmp_path, spelling):
    (tmp_path / "somewhere").write_bytes(b"\x00\x01" * 5000 + spelling + b"\xff")
    assert len(canary.search(CARDS, [tmp_path]).hits) >= 1


@pytest.mark.parametrize("offset", range(3))
def test_a_number_within_base64_is_found_wherever_it_begins(tmp_path, offset):
    text = base64.b64encode(b"x" * (30 + offset) + CARDS[2].encode() + b" and more")
    (tmp_path / "somewhere").write_bytes(b"data:" + text)
    assert canary.search(CARDS, [tmp_path]).hits


@pytest.mark.parametrize(
    "text",
    [
        b'{"security_code":"123"}',
        b"card_security_code=1234&card_name=J",
        b"CVV: 999",
        b'\\"cvc\\": \\"007\\"',
    ],
)
def test_a_code_that_is_called_one_is_found(tmp_path, text):
    (tmp_path / "somewhere").write_bytes(text)
    assert len(canary.search(CARDS, [tmp_path]).hits) == 1


@pytest.mark.parametrize(
    "text", [b"4000001234567890", b"security_code_missing", b"amount=123", CARDS[0][:-1].encode()]
)
def test_what_is_none_of_these_is_not(tmp_path, text):
    (tmp_path / "somewhere").write_bytes(text)
    assert canary.search(CARDS, [tmp_path]).hits == []


def test_a_search_that_read_nothing_says_so(tmp_path):
    found = canary.search(CARDS, [tmp_path])
    assert (found.files, found.controls) == (0, 0)
