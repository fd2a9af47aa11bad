"""JSON as a payment system wants it: strict to read, exact in its numbers, cheap to write.

Python's own reader accepts NaN, duplicate keys, lone surrogates and endless nesting, and rounds
decimals; each of these is refused here or kept as it was written.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import jiter
from jiter import LosslessFloat

from paydesk import limits

_INTEGER_MAX = 10**18
_NUMBER_LENGTH_MAX = 40
_HUGE_EXPONENT = re.compile(r"[eE][+-]?[0-9]{3,}")
_RAW_NUMBER = re.compile(rb'"\\u0000([^"\\]*)\\u0000"')


class Unreadable(ValueError):
    """The bytes are not JSON as it is accepted here. path names the place, "" is the whole."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.path = path


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Decimals come as LosslessFloat, with their text kept.

    Bounds: limits.JSON_DEPTH_MAX levels; integers to ±10^18; decimals of at most 40 characters.
    Raises: Unreadable, also for duplicate keys, NaN, NUL characters and lone surrogates.

    >>> read_object(b'{"amount": 1200.10}')
    {'amount': LosslessFloat(1200.10)}
    """
    try:
        value = jiter.from_json(
            raw, catch_duplicate_keys=True, float_mode="lossless-float", allow_inf_nan=False
        )
    except ValueError as broken:
        raise Unreadable(str(broken)) from broken
    if not isinstance(value, dict):
        raise Unreadable("the body is not a JSON object")
    _walk(value, limits.JSON_DEPTH_MAX)
    return value


def write(value: Any) -> bytes:
    r"""Compact UTF-8 JSON. Decimals that were read are written as they had been.

    >>> write(read_object(b'{"rate": 1.10, "name": "Zo\xc3\xab"}')).decode()
    '{"rate":1.10,"name":"Zoë"}'
    """
    written = _ENCODER.encode(value).encode()
    return _RAW_NUMBER.sub(rb"\1", written) if b"\\u0000" in written else written


def text_or_none(value: Mapping[str, Any] | None) -> str | None:
    """The object's JSON as text, for a database column that may be null."""
    return None if value is None else write(value).decode()


def _walk(value: Any, levels: int) -> None:
    if isinstance(value, dict | list):
        if levels == 0:
            raise Unreadable("nested too deeply")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            if isinstance(name, str) and "\0" in name:
                raise Unreadable("a name holds a NUL character")
            if isinstance(member, str) and "\0" not in member:
                continue  # as most members are; the call is saved
            # The path is put together only on the way out of a fault: made for every member, a
            # long name above a long list would cost a second of copying.
            try:
                _walk(member, levels - 1)
            except Unreadable as bad:
                path = f"{name}.{bad.path}" if bad.path else str(name)
                raise Unreadable(str(bad), path) from None
    elif not _is_usable(value):
        raise Unreadable("a text holds a NUL character, or a number is too long")


def _is_usable(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, LosslessFloat):
        text = str(value)
        return len(text) <= _NUMBER_LENGTH_MAX and not _HUGE_EXPONENT.search(text)
    return not isinstance(value, int) or -_INTEGER_MAX <= value <= _INTEGER_MAX


def _raw_number(value: Any) -> str:
    # The encoder can't be handed raw text, so a decimal goes through as a string between NULs,
    # which no other string here can hold, and loses its quotes afterwards.
    if isinstance(value, LosslessFloat):
        return f"\0{value}\0"
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(default=_raw_number, ensure_ascii=False, separators=(",", ":"))
