"""What goes over the vault's socket: its requests as frozen commands, its results as JSON.

Both ends are ours, so a request that does not fit is a bug; it is refused without saying which
of its values did not fit, for that might be a card number.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from paydesk.cards.model import CardForm, KeptCard, Lost
from paydesk.connectors.contract import CardField, Request
from paydesk.kit.json import Unreadable, read_object
from paydesk.vault.errors import RequestMalformed
from paydesk.vault.store import Place


@dataclass(frozen=True, slots=True)
class KeepCommand:
    """Check these card fields and keep the card."""

    account_id: int
    is_live: bool
    connector: str
    form: CardForm
    may_be_saved: bool = False


@dataclass(frozen=True, slots=True)
class ForwardCommand:
    """Fill this card into this request and send it."""

    account_id: int
    card_id: str
    connector: str
    request: Request = field(repr=False)
    seconds_max: int


@dataclass(frozen=True, slots=True)
class SecurityCodeCommand:
    """Remember this security code of a kept card."""

    account_id: int
    security_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UseCommand:
    """Keep a saved card once more, for one payment with this security code."""

    account_id: int
    connector: str
    security_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SaveCommand:
    """Keep the number of the card of this id for good."""

    account_id: int
    source_id: str


@dataclass(frozen=True, slots=True)
class CleanAnswer:
    """An acquirer's answer with the card's data taken out."""

    status: int
    body: str


def read_keep(raw: bytes) -> KeepCommand:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {
            "account": int(account_id),
            "is_live": bool(is_live),
            "connector": str(connector),
            "number": str(number),
            "expiry": str(expiry),
            "security_code": str(code),
            "name": str(name),
            "may_be_saved": bool(may_be_saved),
        }:
            form = CardForm(number, expiry, code, name)
            return KeepCommand(account_id, is_live, connector, form, may_be_saved)
    raise RequestMalformed


def read_forward(raw: bytes) -> ForwardCommand:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {
            "account": int(account_id),
            "card": str(card_id),
            "connector": str(connector),
            "request": {
                "method": str(method),
                "url": str(url),
                "headers": dict(headers),
                "body": dict() | None as body,
            },
            "fill": dict(pointers),
            "timeout_seconds": int(seconds_max),
        }:
            request = Request(method, url, headers, body, _fields(pointers))
            return ForwardCommand(account_id, card_id, connector, request, seconds_max)
    raise RequestMalformed


def read_security_code(raw: bytes) -> SecurityCodeCommand:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {"account": int(account_id), "security_code": str(code)}:
            return SecurityCodeCommand(account_id, code)
    raise RequestMalformed


def read_use(raw: bytes) -> UseCommand:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {
            "account": int(account_id),
            "connector": str(connector),
            "security_code": str(code),
        }:
            return UseCommand(account_id, connector, code)
    raise RequestMalformed


def read_save(raw: bytes) -> SaveCommand:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {"account": int(account_id), "source": str(source_id)}:
            return SaveCommand(account_id, source_id)
    raise RequestMalformed


def read_account(raw: bytes) -> int:
    """Raises: RequestMalformed."""
    match _object(raw):
        case {"account": int(account_id)}:
            return account_id
    raise RequestMalformed


def read_place(raw: bytes) -> Place | None:
    """Where re-wrapping goes on. Raises: RequestMalformed."""
    match _object(raw):
        case {"after": [int(account_id), str(card_id)]}:
            return account_id, card_id
        case {"after": None}:
            return None
    raise RequestMalformed


def card_kept(card: KeptCard) -> dict[str, Any]:
    return {"card": asdict(card)}


def card_at_fault(faults: Mapping[str, str]) -> dict[str, Any]:
    return {"faults": faults}


def forwarded(result: CleanAnswer | Lost) -> dict[str, Any]:
    if isinstance(result, CleanAnswer):
        return {"answer": {"status": result.status, "body": result.body}}
    # "sent" is only ever said when nothing was: then nothing can have happened.
    return {"lost": result.why} | ({} if result.was_sent else {"sent": False})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return read_object(raw)
    except Unreadable:
        # Without its cause, whose text may quote the request.
        raise RequestMalformed from None


def _fields(pointers: Mapping[str, Any]) -> dict[str, CardField]:
    try:
        return {pointer: CardField(name) for pointer, name in pointers.items()}
    except ValueError:
        raise RequestMalformed from None
