"""Ids that say what they are: a prefix and a time-ordered UUID in base32.

`chk_` + 26 characters is 30 in all, inside the API's 32. Ids sort by the millisecond in which
they were made. They are names, not secrets.
"""

import os
import re
import time

# Crockford's alphabet without I, L, O, U: readable aloud, and in order of the ASCII codes.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _LETTERS for b in _LETTERS]
_SHAPE = re.compile(r"([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}")


def new(prefix: str) -> str:
    """A fresh id such as `chk_01k…`.

    Source: RFC 9562 section 5.7 (UUIDv7: 48 bits of Unix milliseconds, 74 random bits).

    >>> new("chk")[:4], len(new("chk"))
    ('chk_', 30)
    """
    random = int.from_bytes(os.urandom(10)) & ~(0xF << 76) & ~(0x3 << 62)
    number = time.time_ns() // 1_000_000 << 80 | 0x7 << 76 | 0x2 << 62 | random
    return f"{prefix}_{_base32(number)}"


def first_at(prefix: str, seconds: float) -> str:
    """What all ids sort after that are made from that moment on, and all made before sort before.

    Units: Unix seconds.

    >>> first_at("web", 0.001) < new("web") < first_at("web", time.time() + 1)
    True
    """
    return f"{prefix}_{_base32(int(1000 * seconds) << 80)}"


def looks_like(prefix: str, text: str) -> bool:
    """Whether the text has the form of an id with this prefix.

    >>> looks_like("chk", new("chk")), looks_like("ord", new("chk")), looks_like("chk", "chk_1")
    (True, False, False)
    """
    match = _SHAPE.fullmatch(text)
    return match is not None and match[1] == prefix


def from_digest(prefix: str, digest: bytes) -> str:
    """An id made of a digest's first 128 bits: the same input gives the same id everywhere."""
    return f"{prefix}_{_base32(int.from_bytes(digest[:16]))}"


def _base32(number: int) -> str:
    # 130 bits of letters for 128 bits of number, ten bits (two letters) at a time.
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in range(120, -1, -10)])
