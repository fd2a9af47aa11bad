import hashlib
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk import limits
from paydesk.kit import ids

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def number_of(text: str) -> int:
    number = 0
    for letter in text.partition("_")[2]:
        number = number * 32 + ALPHABET.index(letter)
    return number


def test_an_id_is_a_prefix_and_a_uuid_of_version_7() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.new("chk")
    after = time.time_ns() // 1_000_000
    unpacked = uuid.UUID(int=number_of(made))
    assert made.startswith("chk_")
    assert len(made) == 30 <= limits.ID_LENGTH_MAX
    assert (unpacked.version, unpacked.variant) == (7, uuid.RFC_4122)
    assert before <= unpacked.int >> 80 <= after


def test_ids_are_all_different() -> None:
    assert len({ids.new("tra") for _ in range(20_000)}) == 20_000


def test_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = []
    for _ in range(20):
        made.append(ids.new("chk"))
        time.sleep(0.002)
    assert made == sorted(made)


def test_an_id_looks_like_its_own_kind_only() -> None:
    made = ids.new("chk")
    assert ids.looks_like("chk", made)
    assert not ids.looks_like("ord", made)


GOOD = "chk_01k5kq8m5sf3zr4w8x2tq9y7ab"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chk_",
        GOOD[:-1],
        GOOD + "a",
        GOOD + "\n",
        " " + GOOD,
        GOOD.upper(),
        GOOD.replace("chk_", "chk-"),
        GOOD.replace("chk_", ""),
        GOOD.replace("chk_0", "chk_8"),
        *(GOOD[:-1] + letter for letter in "ilou-_ é０\x00"),
    ],
)
def test_other_texts_do_not_look_like_an_id(text: str) -> None:
    assert ids.looks_like("chk", GOOD)
    assert not ids.looks_like("chk", text)


@given(st.binary(min_size=16, max_size=64))
def test_an_id_from_a_digest_carries_its_first_128_bits(digest: bytes) -> None:
    made = ids.from_digest("loo", digest)
    assert ids.looks_like("loo", made)
    assert number_of(made) == int.from_bytes(digest[:16])
    assert made == ids.from_digest("loo", digest)


def test_an_id_from_a_known_digest_never_changes() -> None:
    digest = hashlib.sha256(b"CURRENCY ZAR").digest()
    assert ids.from_digest("loo", digest) == "loo_1frzdfvs26tfk7hr4fwr71qh7d"


@given(
    st.integers(min_value=0, max_value=2**128 - 1), st.integers(min_value=0, max_value=2**128 - 1)
)
def test_ids_sort_as_their_numbers_do(first: int, second: int) -> None:
    a, b = (ids.from_digest("chk", number.to_bytes(16)) for number in (first, second))
    assert (a < b) == (first < second)
