"""What the two versions of the protocol that are spoken here do differently, in one place.

Source: reliability paper A.13.
"""
# ruff: noqa: N815 (the protocol's own names)

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from paydesk.sandbox import elements as form
from paydesk.sandbox.elements import May, codes
from paydesk.sandbox.messages import AReq

_CODE_BY_MESSAGE = "02"  # a one-time code: authenticationType "dynamic", and the same method
_FROM_ISSUER = "03"
_NOT_LISTED = "N"


class _AReq220(AReq):
    threeDSRequestorAuthenticationInd: Annotated[str, codes("01-06")]
    threeDSRequestorChallengeInd: May[Annotated[str, codes("01-09")]] = None
    threeDSRequestorAuthenticationInfo: May[form.Object] = None
    threeDSRequestorPriorAuthenticationInfo: May[form.Object] = None
    notificationURL: form.SafeAddress256
    browserLanguage: May[form.Language8] = None
    whiteListStatus: May[Annotated[str, codes("Y", "N", "E", "P", "R", "U")]] = None
    whiteListStatusSource: May[Annotated[str, codes("01-03")]] = None

    def absent(self) -> Iterator[str]:
        yield from super().absent()
        if not self.browserJavascriptEnabled and self.browserLanguage is None:
            yield "browserLanguage"

    @property
    def asks_for_trust_listing(self) -> bool:
        return self.threeDSRequestorChallengeInd == "09"

    @property
    def mandates_challenge(self) -> bool:
        return self.threeDSRequestorChallengeInd == "04"


class _AReq231(AReq):
    threeDSRequestorAuthenticationInd: Annotated[str, codes("01-10")]
    threeDSRequestorChallengeInd: May[
        Annotated[list[Annotated[str, codes("01-14")]], Field(min_length=1, max_length=2)]
    ] = None
    threeDSRequestorAuthenticationInfo: May[form.Objects] = None
    threeDSRequestorPriorAuthenticationInfo: May[form.Objects] = None
    notificationURL: form.SafeAddress2048
    browserColorDepth: May[Annotated[str, codes("1-99")]] = None
    acceptLanguage: May[Annotated[list[form.Text35], Field(min_length=1, max_length=99)]] = None
    recurringAmount: May[form.Amount] = None
    recurringCurrency: May[form.Currency] = None
    recurringExponent: May[form.Digits1] = None
    recurringDate: May[form.Day] = None
    recurringInd: May[form.Object] = None
    trustListStatus: May[Annotated[str, codes("Y", "N", "E", "P", "R", "U")]] = None
    trustListStatusSource: May[Annotated[str, codes("01-03")]] = None

    @property
    def asks_for_trust_listing(self) -> bool:
        return "09" in (self.threeDSRequestorChallengeInd or [])

    @property
    def mandates_challenge(self) -> bool:
        return "04" in (self.threeDSRequestorChallengeInd or [])


@dataclass(frozen=True, slots=True)
class Version:
    """One version: how its messages are read, and how the same thing is said in it."""

    number: str
    areq: type[AReq]

    def code_was_asked(self) -> dict[str, Any]:
        """How the payer was authenticated."""
        if self._is_new:
            return {"authenticationMethod": [_CODE_BY_MESSAGE]}
        return {"authenticationType": _CODE_BY_MESSAGE}

    def cardholder_info(self, text: str) -> dict[str, Any]:
        """The issuer's words to the payer."""
        return {"cardholderInfo": {"text": text} if self._is_new else text}

    def not_trust_listed(self) -> dict[str, Any]:
        """The answer to a wish for the merchant to be trust-listed: not by this payer."""
        name = "trustListStatus" if self._is_new else "whiteListStatus"
        return {name: _NOT_LISTED, f"{name}Source": _FROM_ISSUER}

    def refusal_of_late_creq(self) -> str | None:
        """The error code for a CReq after the RReq; None where its challenge is shown ended."""
        return "315" if self._is_new else None

    def request_headers(self) -> dict[str, str]:
        return {"X-Request-ID": str(uuid.uuid4())} if self._is_new else {}

    def response_headers(self, request: Mapping[str, str]) -> dict[str, str]:
        if not self._is_new:
            return {}
        asked = request.get("X-Request-ID")
        echoed = {"X-Request-ID": asked} if asked else {}
        return {**echoed, "X-Response-ID": str(uuid.uuid4())}

    @property
    def _is_new(self) -> bool:
        return self.number == "2.3.1"


VERSIONS: Mapping[str, Version] = {
    "2.2.0": Version("2.2.0", _AReq220),
    "2.3.1": Version("2.3.1", _AReq231),
}
LOWEST, HIGHEST = min(VERSIONS), max(VERSIONS)
