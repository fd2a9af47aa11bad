"""The proof of an authentication: what the issuer makes of an order, and the acquirer again.

Source: reliability paper A.11.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

_VERSION = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What the proof holds together; change any of it and it is another proof.

    Units: minor is in the currency's smallest unit; currency is the ISO 4217 number.
    """

    issuer_id: str  # acsTransID
    number: str
    minor: int
    currency: str
    exponent: int
    merchant_id: str  # acquirerMerchantID
    eci: str


def cavv(key: bytes, proven: Proven) -> str:
    """The value: 28 characters, base64 of 20 bytes."""
    text = "|".join(
        [
            "cavv1",
            proven.issuer_id,
            proven.number,
            str(proven.minor),
            proven.currency,
            str(proven.exponent),
            proven.merchant_id,
            proven.eci,
        ]
    )
    digest = hmac.digest(key, text.encode(), hashlib.sha256)
    return base64.b64encode(_VERSION + digest[:19]).decode()
