"""Proof of work: a puzzle that costs one payer a moment and a tester of thousands of cards much.

A challenge is signed text, bound to its checkout, so that nothing is stored until it is solved.
The answer is a number that, behind the challenge, gives a SHA-256 beginning with enough zero bits.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

from paydesk import limits
from paydesk.merchants import GuardLevel

_NONCE_BYTES = 16
_SIGNATURE_BYTES = 18


@dataclass(frozen=True, slots=True)
class Proof:
    """A solved challenge, which counts unless its nonce was taken before.

    Units: until_seconds is Unix time.
    """

    nonce: bytes
    until_seconds: int


def bits_at(level: GuardLevel) -> int:
    """How many zero bits an answer needs; each more doubles the work.

    >>> bits_at(GuardLevel.NORMAL)
    0
    """
    return limits.WORK_BITS[level]


def new_challenge(
    key: bytes, checkout_id: str, level: GuardLevel, *, now_seconds: int, nonce: bytes | None = None
) -> str:
    """A challenge for one attempt of this checkout, good for limits.WORK_SECONDS_MAX.

    Shape: until.bits.nonce.signature
    """
    nonce = nonce or os.urandom(_NONCE_BYTES)
    until = now_seconds + limits.WORK_SECONDS_MAX
    return _signed(key, checkout_id, f"{until}.{bits_at(level)}.{_text(nonce)}")


def read_answer(
    key: bytes, checkout_id: str, level: GuardLevel, answer: str, *, now_seconds: int
) -> Proof | None:
    """The proof that an answer is, or None: too late, too easy, wrong, or for another checkout.

    Shape: answer is the challenge, a point and the number.
    """
    challenge, _, number = answer.rpartition(".")
    said, _, _ = challenge.rpartition(".")
    if not hmac.compare_digest(challenge.encode(), _signed(key, checkout_id, said).encode()):
        return None
    # From here on, what it says is what we wrote.
    until, bits, nonce = said.split(".")
    is_due = now_seconds <= int(until) and int(bits) >= bits_at(level)
    is_number = number.isascii() and number.isdigit() and len(number) <= limits.WORK_DIGITS_MAX
    if not (is_due and is_number and zero_bits(answer) >= int(bits)):
        return None
    return Proof(base64.urlsafe_b64decode(f"{nonce}=="), int(until))


def solve(challenge: str) -> str:
    """The answer to a challenge, as the page's script finds it.

    >>> zero_bits(solve("1.8.x.y")) >= 8
    True
    """
    bits = int(challenge.split(".")[1])
    number = 0
    while zero_bits(f"{challenge}.{number}") < bits:
        number += 1
    return f"{challenge}.{number}"


def zero_bits(text: str) -> int:
    """How many zero bits the SHA-256 of a text begins with."""
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return 256 - digest.bit_length()


def _signed(key: bytes, checkout_id: str, said: str) -> str:
    made = hmac.digest(key, f"work|{checkout_id}|{said}".encode(), "sha256")
    return f"{said}.{_text(made[:_SIGNATURE_BYTES])}"


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
