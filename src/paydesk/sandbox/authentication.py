"""Whether the acquirer believes the authentication that an order comes with.

It trusts nothing that the order says of itself: the proof is made again from the card, amount
and currency that are to be charged. Source: reliability paper A.9 to A.11.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from paydesk.sandbox.cards import AUTHENTICATION_FAILED, Handling
from paydesk.sandbox.cavv import Proven, cavv
from paydesk.sandbox.currencies import BY_CODE
from paydesk.sandbox.eci import eci_of

BIN = "400000"
MERCHANT_ID = "ACQ-MERCHANT-1"

_TEXTS = (
    "version",
    "eci",
    "directory_id",
    "server_id",
    "issuer_id",
    "status",
    "acquirer_bin",
    "acquirer_merchant_id",
    "merchant_name",
    "merchant_country",
)
_MAYBE_TEXTS = ("value", "result_status", "status_reason", "challenge_cancel")
_PROVEN = {"Y", "A"}
# Nothing is known against the payer, and nothing is proven: whoever sends it bears the risk.
_UNPROVEN = {"U", "I"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What an order says of the authentication of its payer, as far as it is judged."""

    status: str  # the result's, where there was a challenge
    eci: str
    value: str
    issuer_id: str
    acquirer_bin: str
    acquirer_merchant_id: str


@dataclass(frozen=True, slots=True)
class Belief:
    """What the acquirer makes of it. proof is a digest by which the value is known again."""

    is_accepted: bool
    eci: str
    proof: str | None = None


def authentication_of(part: Mapping[str, Any]) -> Authentication:
    """The authentication in an order's JSON.

    Raises: KeyError or TypeError, where it is not as it must be.
    """
    texts = {name: part[name] for name in _TEXTS}
    maybe = {name: part.get(name) for name in _MAYBE_TEXTS}
    is_text = all(isinstance(value, str) for value in texts.values())
    if not is_text or not all(value is None or type(value) is str for value in maybe.values()):
        raise TypeError("authentication")
    return Authentication(
        status=maybe["result_status"] or texts["status"],
        eci=texts["eci"],
        value=maybe["value"] or "",
        issuer_id=texts["issuer_id"],
        acquirer_bin=texts["acquirer_bin"],
        acquirer_merchant_id=texts["acquirer_merchant_id"],
    )


def believe(
    authentication: Authentication | None, *, number: str, amount: int, currency: str, key: bytes
) -> Belief:
    """Whether the order may go on, and as what.

    Units: amount is in minor units.
    """
    plain = Belief(is_accepted=True, eci=eci_of(number, None))
    refused = replace(plain, is_accepted=False)
    if authentication is None:
        return plain
    known_as = (authentication.acquirer_bin, authentication.acquirer_merchant_id)
    if known_as != (BIN, MERCHANT_ID):
        return refused
    if authentication.status not in _PROVEN:
        return plain if authentication.status in _UNPROVEN else refused
    money = BY_CODE.get(currency)
    if money is None or authentication.eci != eci_of(number, authentication.status):
        return refused
    expected = Proven(
        issuer_id=authentication.issuer_id,
        number=number,
        minor=amount,
        currency=money.numeric,
        exponent=money.exponent,
        merchant_id=authentication.acquirer_merchant_id,
        eci=authentication.eci,
    )
    if authentication.value != cavv(key, expected):
        return refused
    digest = hashlib.sha256(authentication.value.encode()).hexdigest()
    return Belief(is_accepted=True, eci=authentication.eci, proof=digest)


def handling(how: Handling, belief: Belief, number: str) -> Handling:
    """What the card's script comes to, given what is believed: an approval names its ECI."""
    if not belief.is_accepted:
        return Handling(AUTHENTICATION_FAILED)
    if not how.verdict.is_approval:
        return how
    eci = eci_of(number, None) if how.is_downgraded else belief.eci
    return replace(how, verdict=replace(how.verdict, eci=eci))
