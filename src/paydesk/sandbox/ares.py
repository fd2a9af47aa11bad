"""What the sandbox issuer answers to an AReq: a decision that the card number makes."""

from collections.abc import Mapping
from typing import Any

from paydesk.sandbox.cavv import Proven, cavv
from paydesk.sandbox.eci import eci_of
from paydesk.sandbox.enrolment import Answer
from paydesk.sandbox.messages import AReq, ARes
from paydesk.sandbox.versions import VERSIONS

REFERENCE = "SANDBOX-ACS-0001"

# Reliability paper A.6: 01 authentication failed, 11 suspected fraud, 22 technical.
_REASONS: Mapping[Answer, str] = {Answer.N: "01", Answer.R: "11", Answer.U: "22"}
_WORDS: Mapping[Answer, str] = {
    Answer.N: "Your bank could not confirm that it is you. Please call the number on your card.",
    Answer.R: "Your bank does not allow this payment. Please call the number on your card.",
}


def ares_for(areq: AReq, answer: Answer, *, issuer_id: str, challenge_url: str, key: bytes) -> ARes:
    """The ARes with everything that its version and its status have.

    Bounds: answer is one that is a transStatus.
    """
    version = VERSIONS[areq.messageVersion]
    said: dict[str, Any] = {}
    if answer in _REASONS:
        said["transStatusReason"] = _REASONS[answer]
    if answer in _WORDS:
        said |= version.cardholder_info(_WORDS[answer])
    if answer in {Answer.Y, Answer.A}:
        said["authenticationValue"] = authentication_value(areq, answer.value, issuer_id, key)
    if answer is Answer.C:
        said |= {"acsChallengeMandated": "Y", "acsURL": challenge_url}
        said |= version.code_was_asked()
    else:
        said["eci"] = eci_of(areq.acctNumber, answer.value)
    if areq.asks_for_trust_listing:
        said |= version.not_trust_listed()
    return ARes.of(
        messageVersion=areq.messageVersion,
        threeDSServerTransID=areq.threeDSServerTransID,
        dsTransID=areq.dsTransID or "",
        acsTransID=issuer_id,
        dsReferenceNumber=areq.dsReferenceNumber or "",
        acsReferenceNumber=REFERENCE,
        transStatus=answer.value,
        **said,
    )


def authentication_value(areq: AReq, status: str, issuer_id: str, key: bytes) -> str | None:
    """The proof for this status; None where nothing is bought."""
    if not (areq.purchaseAmount and areq.purchaseCurrency and areq.purchaseExponent):
        return None
    proven = Proven(
        issuer_id=issuer_id,
        number=areq.acctNumber,
        minor=int(areq.purchaseAmount),
        currency=areq.purchaseCurrency,
        exponent=int(areq.purchaseExponent),
        merchant_id=areq.acquirerMerchantID,
        eci=eci_of(areq.acctNumber, status),
    )
    return cavv(key, proven)
