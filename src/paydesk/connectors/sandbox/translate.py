"""What the sandbox acquirer is sent, and what its answers mean. Pure, both ways."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from paydesk.connectors.contract import (
    Answer,
    Approved,
    Authorisation,
    CardField,
    Declined,
    DeclineReason,
    Directory,
    Finding,
    FirstPayment,
    Manifest,
    Modification,
    NotFound,
    NotReversed,
    Outcome,
    Pending,
    Proof,
    Request,
    Reversal,
    Reversed,
    Unknown,
    origin_of,
)
from paydesk.kit import clock

_TEXT_LENGTH_MAX = 200  # of ids and codes, which have under 40 characters

_HEADERS = {"Authorization": "Bearer sandbox", "Content-Type": "application/json"}

_FILL = {
    f"/card/{field.value}": field
    for field in (
        CardField.NUMBER,
        CardField.EXPIRE_MONTH,
        CardField.EXPIRE_YEAR,
        CardField.SECURITY_CODE,
        CardField.NAME,
    )
}

_FILL_WITHOUT_PAYER = {
    pointer: field for pointer, field in _FILL.items() if field is not CardField.SECURITY_CODE
}

# ISO 8583 response codes; any other code of an explicit decline is a generic one.
_REASONS = {
    "14": DeclineReason.INCORRECT_NUMBER,
    "51": DeclineReason.INSUFFICIENT_FUNDS,
    "54": DeclineReason.EXPIRED_CARD,
    "61": DeclineReason.LIMIT_EXCEEDED,
    "1A": DeclineReason.AUTHENTICATION_FAILED,  # nobody present, and no first payment known
    "82": DeclineReason.AUTHENTICATION_FAILED,  # the authentication value is not the issuer's
    "N7": DeclineReason.INCORRECT_CVC,
}

# How the sandbox's directory server and acquirer know the merchant.
# Source: reliability paper A.14.
_KNOWN_AS = {
    "server_reference": "SANDBOX-3DSS-0001",
    "requestor_id": "MERCH0001",
    "acquirer_bin": "400000",
    "acquirer_merchant_id": "ACQ-MERCHANT-1",
    "mcc": "5732",
    "country": "ZA",
}


@dataclass(frozen=True, slots=True)
class SandboxConnector:
    """The connector to the sandbox acquirer.

    Shape: origin is "scheme://host:port", without a path; directory_url is where the sandbox's
        directory server takes AReqs, None where nobody is to be authenticated.
    """

    origin: str
    directory_url: str | None = None

    @property
    def manifest(self) -> Manifest:
        origins = {self.origin}
        directory = None
        if self.directory_url is not None:
            origins.add(origin_of(self.directory_url))
            directory = Directory(self.directory_url, **_KNOWN_AS)
        return Manifest(
            "sandbox",
            is_live=False,
            origins=frozenset(origins),
            directory=directory,
            verifies_for_nothing=True,
        )

    def authorise(self, order: Authorisation) -> Request:
        body: dict[str, Any] = {
            "reference": order.reference,
            "order": order.order_reference,
            "amount": order.amount.minor,
            "currency": order.amount.currency.code,
            "capture": order.capture,
            "card": {},
        }
        if order.proof is not None:
            body["authentication"] = _authentication(order.proof)
        fill: Mapping[str, CardField] = _FILL
        if order.first is not None:
            body["first_payment"] = _first_payment(order.first)
            fill = _FILL_WITHOUT_PAYER
        return Request("POST", f"{self.origin}/v1/authorisations", _HEADERS, body, fill)

    def read_authorisation(self, answer: Answer) -> Outcome:
        return _outcome(answer)

    def inquire(self, reference: str) -> Request:
        url = f"{self.origin}/v1/authorisations/{quote(reference, safe='')}"
        return Request("GET", url, _HEADERS)

    def read_inquiry(self, answer: Answer) -> Finding:
        return _finding(answer)

    def reverse(self, reference: str) -> Request:
        body = {"reference": reference}
        return Request("POST", f"{self.origin}/v1/reversals", _HEADERS, body)

    def read_reversal(self, answer: Answer) -> Reversal:
        match answer.status, _body(answer):
            case 200, {"result": "reversed", "had_approved": bool(had_approved)}:
                return Reversed(had_approved)
            case 200, {"result": "refused", **rest}:
                return NotReversed(_text(rest.get("code")))
        return _not_understood(answer)

    def modify(self, order: Modification) -> Request:
        body = {
            "reference": order.reference,
            "kind": order.kind.value,
            "of": order.of_reference,
            "amount": order.amount.minor,
            "currency": order.amount.currency.code,
        }
        return Request("POST", f"{self.origin}/v1/modifications", _HEADERS, body)

    def read_modification(self, answer: Answer) -> Outcome:
        return _outcome(answer)

    def inquire_modification(self, order: Modification) -> Request:
        url = f"{self.origin}/v1/modifications/{quote(order.reference, safe='')}"
        return Request("GET", url, _HEADERS)

    def read_modification_inquiry(self, answer: Answer) -> Finding:
        return _finding(answer)

    def reverse_modification(self, order: Modification) -> Request:
        # References of authorisations and of modifications are one namespace to the acquirer.
        return self.reverse(order.reference)

    def read_modification_reversal(self, answer: Answer) -> Reversal:
        return self.read_reversal(answer)


def _authentication(proof: Proof) -> dict[str, str | None]:
    return {
        "version": proof.version,
        "eci": proof.eci,
        "value": proof.value,
        "directory_id": proof.directory_id,
        "server_id": proof.server_id,
        "issuer_id": proof.issuer_id,
        "status": proof.status,
        "result_status": proof.result_status,
        "status_reason": proof.status_reason,
        "challenge_cancel": proof.challenge_cancel,
        "acquirer_bin": proof.acquirer_bin,
        "acquirer_merchant_id": proof.acquirer_merchant_id,
        "merchant_name": proof.merchant_name,
        "merchant_country": proof.merchant_country,
    }


def _first_payment(first: FirstPayment) -> dict[str, str | None]:
    return {
        "at": clock.iso(first.at),
        "scheme_id": first.scheme_id,
        "directory_id": first.directory_id,
        "issuer_id": first.issuer_id,
    }


def _finding(answer: Answer) -> Finding:
    result = _body(answer).get("result")
    if answer.status == 404 and result == "not_found":
        return NotFound()
    if answer.status == 200 and result == "reversed":
        # Nothing is done under this reference, nor ever will be.
        return Declined(DeclineReason.DECLINED_GENERIC, "reversed")
    return _outcome(answer)


def _outcome(answer: Answer) -> Outcome:
    match answer.status, _body(answer):
        case 200, {"result": "approved", "id": str(provider_id), **rest} if _text(provider_id):
            return Approved(
                provider_id,
                _text(rest.get("authorisation_code")),
                _text(rest.get("eci")),
                _text(rest.get("scheme_id")),
            )
        case 200, {"result": "declined", "code": str(code)} if _text(code):
            return Declined(_REASONS.get(code, DeclineReason.DECLINED_GENERIC), code)
        case 200, {"result": "review", **rest}:
            return Pending(_text(rest.get("id")))
    return _not_understood(answer)


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(value: Any) -> str | None:
    """The value, if it is a text that can be kept: no NUL, no end of it in sight."""
    is_plain = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _TEXT_LENGTH_MAX
    return value if is_plain else None


def _not_understood(answer: Answer) -> Unknown:
    return Unknown(f"answer not understood, HTTP {answer.status}")
