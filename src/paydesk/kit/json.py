"""JSON as a payment system wants it: strict to read, exact in its numbers, cheap to write.

Python's own reader accepts NaN, duplicate keys, lone surrogates and endless nesting, and rounds
decimals; each of these is refused here or kept as it was written.
"""

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

import jiter
from jiter import LosslessFloat

from paydesk import limits

_INTEGER_MAX = 10**18
_NUMBER_LENGTH_MAX = 40
# How the reader words it; it has no other sign of it.
_NAMED_TWICE = re.compile(r'Detected duplicate key "(.*)" at line', re.DOTALL)
_HUGE_EXPONENT = re.compile(r"[eE][+-]?[0-9]{3,}")
# Made anew by each process and never sent, so that no text a caller sends can hold it.
_NUMBER_MARK = f"\0{secrets.token_hex(16)}"
_MARK_WRITTEN = json.dumps(_NUMBER_MARK)[1:-1].encode()
_RAW_NUMBER = re.compile(b'"' + re.escape(_MARK_WRITTEN) + b'([^"]*)"')


class Unreadable(ValueError):
    """The bytes are not JSON as it is accepted here. path names the place, "" is the whole."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.path = path


class NamedTwice(Unreadable):
    """An object has two members of this name. Where they stand is not known."""

    def __init__(self, why: str, name: str) -> None:
        super().__init__(why)
        self.name = name


class TooDeep(Unreadable):
    """Arrays and objects stand in each other more deeply than they may."""


class HoldsNul(Unreadable):
    """A text or a name holds a NUL character, which no database keeps."""


class NumberTooLong(Unreadable):
    """A number is larger or longer than one that is kept as it was written."""


def read_object(raw: bytes, *, depth_max: int = limits.JSON_DEPTH_MAX) -> dict[str, Any]:
    """The JSON object in these bytes. Decimals come as LosslessFloat, with their text kept.

    Bounds: depth_max levels; integers to ±10^18; decimals of at most 40 characters.
    Raises: Unreadable, also for duplicate keys, NaN, NUL characters and lone surrogates.

    >>> read_object(b'{"amount": 1200.10}')
    {'amount': LosslessFloat(1200.10)}
    """
    try:
        value = jiter.from_json(
            raw, catch_duplicate_keys=True, float_mode="lossless-float", allow_inf_nan=False
        )
    except ValueError as broken:
        twice = _NAMED_TWICE.match(str(broken))
        raise (NamedTwice(str(broken), twice[1]) if twice else Unreadable(str(broken))) from broken
    if not isinstance(value, dict):
        raise Unreadable("the body is not a JSON object")
    _walk(value, depth_max)
    return value


def write(value: Any) -> bytes:
    r"""Compact UTF-8 JSON. Decimals that were read are written as they had been.

    >>> write(read_object(b'{"rate": 1.10, "name": "Zo\xc3\xab"}')).decode()
    '{"rate":1.10,"name":"Zoë"}'
    """
    written = _ENCODER.encode(value).encode()
    return _RAW_NUMBER.sub(rb"\1", written) if _MARK_WRITTEN in written else written


def text_or_none(value: Mapping[str, Any] | None) -> str | None:
    """The object's JSON as text, for a database column that may be null."""
    return None if value is None else write(value).decode()


def _walk(value: Any, levels: int) -> None:
    if isinstance(value, dict | list):
        if levels == 0:
            raise TooDeep("nested too deeply")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            if isinstance(name, str) and "\0" in name:
                raise HoldsNul("a name holds a NUL character")
            if isinstance(member, str) and "\0" not in member:
                continue  # as most members are; the call is saved
            # The path is put together only on the way out of a fault: made for every member, a
            # long name above a long list would cost a second of copying.
            try:
                _walk(member, levels - 1)
            except Unreadable as bad:
                path = f"{name}.{bad.path}" if bad.path else str(name)
                raise type(bad)(str(bad), path) from None
    elif isinstance(value, str):
        if "\0" in value:
            raise HoldsNul("a text holds a NUL character")
    elif not _is_short(value):
        raise NumberTooLong("a number is too long")


def _is_short(value: Any) -> bool:
    if isinstance(value, LosslessFloat):
        text = str(value)
        return len(text) <= _NUMBER_LENGTH_MAX and not _HUGE_EXPONENT.search(text)
    return not isinstance(value, int) or -_INTEGER_MAX <= value <= _INTEGER_MAX


def _raw_number(value: Any) -> str:
    # The encoder can't be handed raw text, so a decimal goes through as a string with a mark that
    # no other string can hold, and loses mark and quotes afterwards.
    if isinstance(value, LosslessFloat):
        return f"{_NUMBER_MARK}{value}"
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(default=_raw_number, ensure_ascii=False, separators=(",", ":"))
