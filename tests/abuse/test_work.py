"""A proof of work counts once, in time, and for its own checkout."""

import pytest

from paydesk import limits
from paydesk.abuse.work import new_challenge, read_answer, solve, zero_bits
from paydesk.merchants import GuardLevel

KEY = bytes(range(32))
NOW = 1_760_000_000
LEVEL = GuardLevel.PROOF_OF_WORK


@pytest.fixture(scope="module")
def answer():
    return solve(new_challenge(KEY, "chk_1", LEVEL, now_seconds=NOW))


def read(answer, *, key=KEY, checkout_id="chk_1", level=LEVEL, now_seconds=NOW):
    return read_answer(key, checkout_id, level, answer, now_seconds=now_seconds)


def test_a_solved_challenge_is_taken(answer):
    proof = read(answer)
    assert proof.until_seconds == NOW + limits.WORK_SECONDS_MAX
    assert len(proof.nonce) == 16
    assert zero_bits(answer) >= limits.WORK_BITS[LEVEL]


def test_it_is_good_for_five_minutes(answer):
    assert read(answer, now_seconds=NOW + 300) == read(answer)
    assert read(answer, now_seconds=NOW + 301) is None


def test_one_for_another_checkout_key_or_level_is_not_taken(answer):
    assert read(answer, checkout_id="chk_2") is None
    assert read(answer, key=bytes(32)) is None
    assert read(answer, level=GuardLevel.AUTHENTICATION) is None


@pytest.mark.parametrize("part", range(5))
def test_one_that_was_changed_is_not_taken(answer, part):
    parts = answer.split(".")
    parts[part] = parts[part][:-1] + ("1" if parts[part][-1] != "1" else "2")
    assert read(".".join(parts)) is None


@pytest.mark.parametrize(
    "nonsense", ["", ".", "....", "1.2.3.4.5", "x" * 256, "é.ü.ö.ä.1", "1.14.AA.AA.-5"]
)
def test_nonsense_is_not_taken(nonsense):
    assert read(nonsense) is None


def test_a_number_must_be_one(answer):
    challenge = answer.rpartition(".")[0]
    assert read(f"{challenge}.0x1") is None
    assert read(f"{challenge}.") is None
    assert read(f"{challenge}.{'1' * 10}") is None


def test_an_unsolved_challenge_is_not_taken():
    challenge = new_challenge(KEY, "chk_1", LEVEL, now_seconds=NOW, nonce=b"n" * 16)
    unsolved = next(
        f"{challenge}.{number}"
        for number in range(100)
        if zero_bits(f"{challenge}.{number}") < limits.WORK_BITS[LEVEL]
    )
    assert read(unsolved) is None
