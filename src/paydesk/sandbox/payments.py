"""What the sandbox bank is asked to collect, to give back and what it is told of by its customers.

What is kept of each is what its line in the log says, so all are read back from there.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from paydesk.kit import ids


class Kind(StrEnum):
    """How the payer reaches the bank: sent there by a link, or by scanning a code."""

    EFT = "eft"
    QR = "qr"


class State(StrEnum):
    """Where a payment stands. Open and waiting are not final."""

    OPEN = "open"
    WAITING = "waiting"  # the payer agreed and the bank pays later; it can't be cancelled any more
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# (state, step) → state. A step that is not here changes nothing.
MOVES: Mapping[tuple[State, str], State] = {
    (State.OPEN, "approve"): State.PAID,
    (State.OPEN, "refuse"): State.REFUSED,
    (State.OPEN, "cancel"): State.CANCELLED,
    (State.OPEN, "expire"): State.EXPIRED,
    (State.OPEN, "later"): State.WAITING,
    (State.WAITING, "approve"): State.PAID,
    (State.WAITING, "refuse"): State.REFUSED,
}


class Course(StrEnum):
    """What the last two digits of an amount make happen, for who can't press a button."""

    ASKS_PAYER = "asks_payer"
    APPROVED = "approved"
    REFUSED = "refused"
    LATER = "later"
    ANSWER_LOST = "answer_lost"  # it is taken, and the caller hears nothing
    NEVER_TAKEN = "never_taken"  # the caller hears nothing, and nothing is taken


_COURSES = {
    91: Course.APPROVED,
    92: Course.REFUSED,
    93: Course.LATER,
    94: Course.ANSWER_LOST,
    95: Course.NEVER_TAKEN,
}


def course_of(amount: int) -> Course:
    """What happens to a payment of so many minor units.

    >>> course_of(120091).value
    'approved'
    """
    return _COURSES.get(amount % 100, Course.ASKS_PAYER)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that a shop asks for. token is the unguessable part of its page's address.

    Units: amount is in minor units; expires_at is Unix time in seconds.
    """

    id: str
    token: str
    reference: str
    amount: int
    currency: str
    kind: Kind
    return_url: str
    notify_url: str
    expires_at: int

    def asked(self) -> dict[str, Any]:
        """What the shop said, without what the bank added."""
        return {name: value for name, value in asdict(self).items() if name not in ("id", "token")}


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that somebody sent by hand, with the words they gave as its reference.

    Units: amount is in minor units.
    """

    id: str
    reference: str
    amount: int
    currency: str
    sender: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to give back. of is a payment's reference, or a credit's id or reference.

    Units: amount is in minor units.
    """

    id: str
    reference: str
    of: str
    amount: int
    currency: str


def new_payment(
    *,
    reference: str,
    amount: int,
    currency: str,
    kind: str,
    return_url: str,
    notify_url: str,
    expires_at: int,
) -> Payment:
    """A payment with an id and a token of the bank's own.

    Raises: ValueError, for a kind there is not.
    """
    return Payment(
        ids.new("bnk"),
        secrets.token_urlsafe(24),
        reference,
        amount,
        currency,
        Kind(kind),
        return_url,
        notify_url,
        expires_at,
    )


def payment_of(line: Mapping[str, Any]) -> Payment:
    """The payment that a line of the log is about."""
    kept = {name: line[name] for name in Payment.__dataclass_fields__}
    return Payment(**{**kept, "kind": Kind(line["kind"])})


def now_seconds() -> int:
    return int(datetime.now(UTC).timestamp())
