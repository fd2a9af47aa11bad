"""The formats that fields of 3-D Secure messages have.

Source: reliability paper A.4.1. What is wrong with a value is a fault of pydantic's, except that
a code no ISO list has is an "iso_code", which the protocol gives an error code of its own.
"""

import ipaddress
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from paydesk.sandbox.currencies import BY_NUMERIC, COUNTRIES

ISO_CODE = "iso_code"

_Value = TypeVar("_Value")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _never_empty(value: Any) -> Any:
    # An optional field is absent; null is a value, and a wrong one, as is what is empty.
    if value is None or value in ("", [], {}):
        raise _wrong("empty")
    return value


def _wrong(why: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{why}", {"why": why})


def _https(text: str) -> str:
    """https, or http to this machine itself, as where everything is tried out on one."""
    parts = _split(text)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise _wrong("not https")
    return text


def _web_address(text: str) -> str:
    _split(text)
    return text


def _split(text: str) -> Any:
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_whole = False
    if not is_whole or any(character.isspace() for character in text):
        raise _wrong("not a URL")
    return parts


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise _wrong("not an IP address") from None
    return text


def _currency(text: str) -> str:
    if text not in BY_NUMERIC:
        raise PydanticCustomError(ISO_CODE, "no currency")
    return text


def _country(text: str) -> str:
    if text not in COUNTRIES:
        raise PydanticCustomError(ISO_CODE, "no country")
    return text


def _dated(form: str) -> AfterValidator:
    def check(text: str) -> str:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 (only whether there is such a time)
        except ValueError:
            raise _wrong("no such time") from None
        return text

    return AfterValidator(check)


def _matching(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^(?:{pattern})$")


# A field that may be absent, and is never null or empty.
May = Annotated[_Value | None, BeforeValidator(_never_empty)]

Text16 = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Text20 = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Text32 = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Text35 = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Text40 = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Text50 = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Text2048 = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Name = Annotated[str, StringConstraints(min_length=2, max_length=45)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Language8 = Annotated[str, StringConstraints(min_length=1, max_length=8)]

ID = Annotated[str, _matching("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]
YesNo = Annotated[str, _matching("[YN]")]
Number = Annotated[str, _matching("[0-9]{13,19}")]
Digits1 = Annotated[str, _matching("[0-9]")]
Digits1To3 = Annotated[str, _matching("[0-9]{1,3}")]
Digits1To4 = Annotated[str, _matching("[0-9]{1,4}")]
Digits1To6 = Annotated[str, _matching("[0-9]{1,6}")]
Digits1To15 = Annotated[str, _matching("[0-9]{1,15}")]
Digits4 = Annotated[str, _matching("[0-9]{4}")]
Digits5 = Annotated[str, _matching("[0-9]{5}")]
Amount = Annotated[str, _matching("[0-9]{1,48}")]
BankNumber = Annotated[str, _matching("[0-9]{1,11}")]
Instalments = Annotated[str, _matching("0?0?[2-9]|0?[1-9][0-9]|[1-9][0-9]{2}")]
TimeZone = Annotated[str, _matching("[+-]?[0-9]{1,4}")]
State = Annotated[str, _matching("[0-9A-Za-z]{1,3}")]

Currency = Annotated[str, _matching("[0-9]{3}"), AfterValidator(_currency)]
Country = Annotated[str, _matching("[0-9]{3}"), AfterValidator(_country)]
YearMonth = Annotated[str, _matching("[0-9]{4}"), _dated("%y%m")]
Day = Annotated[str, _matching("[0-9]{8}"), _dated("%Y%m%d")]
Moment = Annotated[str, _matching("[0-9]{14}"), _dated("%Y%m%d%H%M%S")]

IPAddress = Annotated[str, StringConstraints(max_length=45), AfterValidator(_address)]
WebAddress = Annotated[Text2048, AfterValidator(_web_address)]
SafeAddress256 = Annotated[str, StringConstraints(max_length=256), AfterValidator(_https)]
SafeAddress2048 = Annotated[Text2048, AfterValidator(_https)]

Object = dict[str, Any]
Objects = Annotated[list[Object], Field(min_length=1, max_length=3)]


def codes(*allowed: str) -> StringConstraints:
    """One of these codes; a range is written "01-09"."""
    listed: list[str] = []
    for one in allowed:
        first, _, last = one.partition("-")
        width = len(first)
        listed += (
            [f"{code:0{width}d}" for code in range(int(first), int(last) + 1)] if last else [first]
        )
    return _matching("|".join(listed))
