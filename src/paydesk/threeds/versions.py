"""In what do the versions of the protocol differ? Everything that does stands here, by version.

Source: reliability paper A.13, and the places marked 2.3.1 in A.3 to A.7.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from paydesk.threeds.messages import (
    AReq,
    AReq220,
    AReq231,
    ARes,
    ARes220,
    ARes231,
    CRes,
    CRes220,
    CRes231,
    RReq,
    RReq220,
    RReq231,
)
from paydesk.threeds.model import Version

_NUMBERS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version says things.

    Shape: color_depths are in order; challenge_method names the field that says how a challenge
        is made.
    """

    areq: type[AReq]
    ares: type[ARes]
    rreq: type[RReq]
    cres: type[CRes]
    method_seconds: int
    color_depths: tuple[int, ...]
    language_length_max: int
    is_language_required: bool
    lists_languages: bool
    lists_challenge_wishes: bool
    tells_recurring_amount: bool
    challenge_method: str
    has_request_ids: bool


DIALECTS: Mapping[Version, Dialect] = {
    Version.V2_2_0: Dialect(
        areq=AReq220,
        ares=ARes220,
        rreq=RReq220,
        cres=CRes220,
        method_seconds=10,
        color_depths=(1, 4, 8, 15, 16, 24, 32, 48),
        language_length_max=8,
        is_language_required=True,
        lists_languages=False,
        lists_challenge_wishes=False,
        tells_recurring_amount=False,
        challenge_method="authenticationType",
        has_request_ids=False,
    ),
    Version.V2_3_1: Dialect(
        areq=AReq231,
        ares=ARes231,
        rreq=RReq231,
        cres=CRes231,
        method_seconds=5,
        color_depths=tuple(range(1, 100)),
        language_length_max=35,
        is_language_required=False,
        lists_languages=True,
        lists_challenge_wishes=True,
        tells_recurring_amount=True,
        challenge_method="authenticationMethod",
        has_request_ids=True,
    ),
}


def choose(acs: tuple[str, str], directory: tuple[str, str]) -> Version | None:
    """The highest version that issuer, directory server and we share; None where there is none.

    Shape: each is the first and the last version spoken. A fourth number is a document's, not
        the protocol's: 2.3.1.1 is 2.3.1. What is no version at all is shared by nobody.

    >>> choose(("2.1.0", "2.3.1"), ("2.2.0", "2.2.0"))
    <Version.V2_2_0: '2.2.0'>
    """
    shared = [v for v in Version if _is_in(v, acs) and _is_in(v, directory)]
    return max(shared, key=_numbers, default=None)


def method_seconds(version: Version) -> int:
    """How long the issuer's method frame may take."""
    return DIALECTS[version].method_seconds


def headers(version: Version, *, request_id: str, response_id: str | None = None) -> dict[str, str]:
    """The headers of a message between servers.

    request_id is a UUID, fresh for each request, and given back with the answer to it, which has
    a response_id of its own.
    """
    named = {"Content-Type": "application/JSON; charset=UTF-8"}
    if DIALECTS[version].has_request_ids:
        named["X-Request-ID"] = request_id
        if response_id is not None:
            named["X-Response-ID"] = response_id
    return named


def _is_in(version: Version, span: tuple[str, str]) -> bool:
    first, last = map(_numbers, span)
    return bool(first and last) and first <= _numbers(version) <= last


def _numbers(text: str) -> tuple[int, ...]:
    """The three numbers of a version, or nothing where the text is none."""
    if _NUMBERS.fullmatch(text.strip()) is None:
        return ()
    numbers = [int(number) for number in text.strip().split(".")]
    return tuple([*numbers, 0, 0][:3])
