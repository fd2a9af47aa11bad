"""No card's data is left on the disk; and the search that says so finds what is there."""

import base64
import io
import random

import pytest

import canary
import traces
from traces import Scan

NUMBER = "4000001213241105"
NAME = "ZBCDFGHJKLMN"


def scan(path):
    made = Scan(frozenset({NUMBER, "5200001200001000"}), frozenset({NAME}))
    made.read_file(path)
    return made


def grouped(sign):
    return sign.join(NUMBER[place : place + 4] for place in range(0, 16, 4))


PLANTED = [
    ("a card number", NUMBER.encode()),
    ("a card number", b"x" + NUMBER.encode() + b"9"),
    ("a card number", grouped(" ").encode()),
    ("a card number", grouped("-").encode()),
    ("a card number", grouped("%20").encode()),
    ("a card number", NUMBER.encode("utf-16-le")),
    ("a card number", grouped(" ").encode("utf-16-be")),
    ("a card number in hexadecimal", NUMBER.encode().hex().encode()),
    *[
        ("a card number in base64", base64.b64encode(b"x" * shift + NUMBER.encode() + b" and so"))
        for shift in range(3)
    ],
    ("a cardholder's name", f"{NAME} Canary".encode()),
    ("a cardholder's name", NAME.encode("utf-16-le")),
    ("a security code beside its name", b'{"security_code": "917"}'),
    ("a security code beside its name", b"card_security_code=917&b=1"),
    ("a security code beside its name", b"cvv%3D9170%26"),
    ("a security code beside its name", b"CVC: 917"),
    ("a security code beside its name", b'"cardCvv2":"917"'),
    ("a security code beside its name", 'cvv="917"'.encode("utf-16-le")),
]


@pytest.mark.parametrize(("kind", "left"), PLANTED, ids=range(len(PLANTED)))
def test_one_that_is_planted_is_found_wherever_it_stands(kind, left, tmp_path, monkeypatch):
    # Also where two readings of the file meet.
    monkeypatch.setattr(traces, "_CHUNK", 1000)
    for before in (0, 1, 990, 1000, 2345):
        path = tmp_path / f"file-{before}"
        path.write_bytes(random.Random(before).randbytes(before) + left + b"\n" + bytes(600))
        found = scan(path)
        assert {trace.kind for trace in found.traces} == {kind}, before
        assert NUMBER not in str(found.faults())


@pytest.mark.parametrize(
    "text",
    [
        b"4000001213241106",  # not one of the marked
        b"400000121324110",
        b'{"security_code": "security_code_length"}',
        b'"card_security_code": null, "a": 917',
        b"security_code_missing | 123",
        b"chk_01k5kq8m5sf3zr4w8x2tq9ycsc\t917\tZAR",
        NUMBER[:8].encode() + b" " + NUMBER[-4:].encode(),
    ],
)
def test_what_is_no_card_data_is_not_told(text, tmp_path):
    (tmp_path / "file").write_bytes(text)
    assert scan(tmp_path / "file").traces == []


def test_a_search_that_read_nothing_or_met_no_control_fails(tmp_path):
    empty = Scan(frozenset({NUMBER}), controls=(canary.CONTROL,))
    empty.read_tree(tmp_path)
    assert empty.faults() == [
        "nothing was read",
        f"the control {canary.CONTROL!r} was not found",
    ]
    empty.read_stream("pipe", io.BytesIO(canary.CONTROL.encode()))
    assert empty.faults() == []
    with pytest.raises(AssertionError):
        Scan(frozenset())


def test_payments_leave_no_card_data_on_the_disk():
    found, states = canary.run(60)
    assert states.total() == 60
    assert found.faults() == []
    assert found.files > 900
    assert found.bytes > 30_000_000


def test_no_nonce_comes_twice():
    assert canary.repeated_nonces(20_000) == 0
