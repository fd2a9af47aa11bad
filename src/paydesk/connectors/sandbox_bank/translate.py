"""What the sandbox bank is sent, and what its answers mean. Pure, both ways."""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from paydesk.connectors.contract import (
    Answer,
    Approved,
    Awaiting,
    Collection,
    Credit,
    Declined,
    DeclineReason,
    Deposit,
    Finding,
    Manifest,
    Modification,
    NotFound,
    Outcome,
    Pending,
    Request,
    Reversal,
    Reversed,
    Stands,
    StatementPage,
    Unknown,
    Way,
)
from paydesk.kit.money import Currency, Money

_TEXT_LENGTH_MAX = 200  # of ids, paths and names, which have under 100 characters
_HEADERS = {"Authorization": "Bearer sandbox", "Content-Type": "application/json"}
_KINDS = {Way.LINK: "eft", Way.CODE: "qr"}
_NOTICE_SECONDS_MAX = 300  # older ones are repeats of somebody who overheard one

# What ended without money. A payment of our reference that never was asked for is fenced by being
# cancelled, and has no id then.
_ENDED = {
    "refused": DeclineReason.DECLINED_GENERIC,
    "cancelled": DeclineReason.CANCELLED_BY_PAYER,
    "expired": DeclineReason.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class SandboxBank:
    """The connector to the sandbox bank.

    Shape: origin is "scheme://host:port", without a path; key is what its notices are signed with.
    """

    origin: str
    key: bytes = field(repr=False)

    @property
    def manifest(self) -> Manifest:
        return Manifest("sandbox-bank", is_live=False, origins=frozenset({self.origin}))

    def collect(self, order: Collection) -> Request:
        body = {
            "reference": order.reference,
            "amount": order.amount.minor,
            "currency": order.amount.currency.code,
            "kind": _KINDS[order.way],
            "return_url": order.return_url,
            "notify_url": order.notify_url,
            "expires_at": int(order.until.timestamp()),
        }
        return Request("POST", f"{self.origin}/v1/payments", _HEADERS, body)

    def read_collection(self, answer: Answer) -> Outcome:
        return self._payment(answer)

    def inquire(self, reference: str) -> Request:
        return Request("GET", f"{self.origin}/v1/payments/{_quoted(reference)}", _HEADERS)

    def read_inquiry(self, answer: Answer) -> Finding:
        return NotFound() if _is_missing(answer) else self._payment(answer)

    def reverse(self, reference: str) -> Request:
        url = f"{self.origin}/v1/payments/{_quoted(reference)}/cancel"
        return Request("POST", url, _HEADERS, {})

    def read_reversal(self, answer: Answer) -> Reversal:
        match answer.status, _body(answer):
            case 200, {"result": "cancelled", "id": None}:
                return Reversed(had_approved=False)
        found = self._payment(answer)
        # Cancelled, it can't be open any more; what says so is not understood.
        return _not_understood(answer) if isinstance(found, Awaiting | Unknown) else Stands(found)

    def modify(self, order: Modification) -> Request:
        body = {
            "reference": order.reference,
            "of": order.of_reference,
            "amount": order.amount.minor,
            "currency": order.amount.currency.code,
        }
        return Request("POST", f"{self.origin}/v1/refunds", _HEADERS, body)

    def read_modification(self, answer: Answer) -> Outcome:
        match answer.status, _body(answer):
            case 200, {"result": "done", "id": str(id_)} if _text(id_):
                return Approved(id_)
            case 200, {"result": "refused" | "cancelled" as code}:
                return Declined(DeclineReason.DECLINED_GENERIC, code)
        return _not_understood(answer)

    def inquire_modification(self, order: Modification) -> Request:
        return Request("GET", f"{self.origin}/v1/refunds/{_quoted(order.reference)}", _HEADERS)

    def read_modification_inquiry(self, answer: Answer) -> Finding:
        return NotFound() if _is_missing(answer) else self.read_modification(answer)

    def reverse_modification(self, order: Modification) -> Request:
        url = f"{self.origin}/v1/refunds/{_quoted(order.reference)}/cancel"
        return Request("POST", url, _HEADERS, {})

    def read_modification_reversal(self, answer: Answer) -> Reversal:
        match self.read_modification(answer):
            case Declined(_, "cancelled"):
                return Reversed(had_approved=False)
            case Approved() | Declined() as found:
                return Stands(found)
        return _not_understood(answer)

    def list_deposits(self, reference: str) -> Request:
        return Request("GET", f"{self.origin}/v1/credits?reference={_quoted(reference)}", _HEADERS)

    def read_deposits(self, answer: Answer) -> Sequence[Deposit] | Unknown:
        match answer.status, _body(answer):
            case 200, {"credits": list(listed)}:
                found = _credits(listed)
                if found is not None:
                    return [_deposit(one) for one in found if one.currency == _RAND.code]
        return _not_understood(answer)

    def list_credits(self, after: str) -> Request:
        return Request("GET", f"{self.origin}/v1/statement?after={_quoted(after)}", _HEADERS)

    def read_credits(self, answer: Answer) -> StatementPage | Unknown:
        match answer.status, _body(answer):
            case 200, {"credits": list(listed), "next": str(cursor), "has_more": bool(more)} if (
                cursor == "" or _text(cursor)
            ):
                found = _credits(listed)
                if found is not None:
                    return StatementPage(found, cursor, more)
        return _not_understood(answer)

    def trial_url(self, reference: str, amount: Money, notify_url: str) -> str | None:
        asked = {"reference": reference, "amount": amount.text(), "notify_url": notify_url}
        return f"{self.origin}/transfer?{urlencode(asked)}"

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
        at, given = headers.get("x-bank-timestamp", ""), headers.get("x-bank-signature", "")
        signed = hmac.digest(self.key, f"{at}.".encode() + body, "sha256").hex()
        if not hmac.compare_digest(signed.encode(), given.encode()):
            return None
        is_fresh = at.isdecimal() and abs(int(at) - now.timestamp()) <= _NOTICE_SECONDS_MAX
        return _text(_object(body).get("reference")) if is_fresh else None

    def _payment(self, answer: Answer) -> Outcome:
        match answer.status, _body(answer):
            case 200, {"result": "open", "id": str(id_), "page": str(page)} if (
                _text(id_) and _text(page) and page.startswith("/")
            ):
                return Awaiting(id_, self.origin + page)
            case 200, {"result": "paid", "id": str(id_)} if _text(id_):
                return Approved(id_)
            case 200, {"result": "waiting", "id": str(id_)} if _text(id_):
                return Pending(id_)
            case 200, {"result": str(result)} if result in _ENDED:
                return Declined(_ENDED[result], result)
        return _not_understood(answer)


def _deposit(credit: Credit) -> Deposit:
    return Deposit(credit.provider_id, Money(credit.minor, _RAND), credit.sender)


def _credits(listed: Sequence[Any]) -> Sequence[Credit] | None:
    """All sums of the list; None where one is not understood.

    One that is passed over is money that nobody would look for.
    """
    found = [credit for credit in map(_credit, listed) if credit is not None]
    return found if len(found) == len(listed) else None


def _credit(entry: Any) -> Credit | None:
    match entry:
        case {
            "id": str(id_),
            "reference": str(reference),
            "amount": int(minor),
            "currency": str(currency),
            **rest,
        } if (
            _text(id_)
            and type(minor) is int
            and 0 < minor < _MINOR_MAX
            and _CODE.fullmatch(currency)
        ):
            # What its sender wrote is no reason to overlook money.
            words = "".join(letter for letter in reference if letter.isprintable())
            return Credit(id_, words[:_TEXT_LENGTH_MAX], minor, currency, _text(rest.get("sender")))
    return None


_CODE = re.compile(r"[A-Z]{3}")
_MINOR_MAX = 2**63  # what a database keeps
_RAND = Currency("ZAR", 2)


def _is_missing(answer: Answer) -> bool:
    return answer.status == 404 and _body(answer).get("result") == "not_found"


def _body(answer: Answer) -> Mapping[str, Any]:
    return _object(answer.body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _text(value: Any) -> str | None:
    """The value, if it is a text that can be kept: no NUL, no end of it in sight."""
    is_plain = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _TEXT_LENGTH_MAX
    return value if is_plain else None


def _quoted(reference: str) -> str:
    return quote(reference, safe="")


def _not_understood(answer: Answer) -> Unknown:
    return Unknown(f"answer not understood, HTTP {answer.status}")
