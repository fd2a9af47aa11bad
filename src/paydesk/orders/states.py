"""The life of an order: every legal move. Payment makes most of them, the merchant the rest.

The states are the lookups of `order_status`. `docs/states.md` is printed from this table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Never

from paydesk.kit.moves import Move


class State(StrEnum):
    """Where an order stands."""

    PENDING = "PENDING"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    REFUNDED = "REFUNDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"

    @property
    def is_paid(self) -> bool:
        """Whether money was taken for it, if only in part, or was and went back."""
        return self in {State.PARTIALLY_PAID, State.PAID, State.REFUNDED}


class Step(StrEnum):
    """What can happen to an order. The last three are the merchant's own."""

    PAY = "pay"
    PAY_PART = "pay_part"  # less than the order's total was taken
    VOID = "void"  # an authorised amount was let go
    REFUND = "refund"  # all that was paid went back
    CANCEL = "cancel"
    EXPIRE = "expire"
    REOPEN = "reopen"


# Nobody is told of an order's moves: the checkout's events say what became of its payment.
MOVES: Mapping[tuple[State, Step], Move[State, Never]] = {
    (State.PENDING, Step.PAY): Move(State.PAID),
    (State.PENDING, Step.PAY_PART): Move(State.PARTIALLY_PAID),
    (State.PENDING, Step.VOID): Move(State.CANCELLED),
    (State.PENDING, Step.CANCEL): Move(State.CANCELLED),
    (State.PENDING, Step.EXPIRE): Move(State.EXPIRED),
    (State.PARTIALLY_PAID, Step.PAY): Move(State.PAID),
    (State.PARTIALLY_PAID, Step.PAY_PART): Move(State.PARTIALLY_PAID),
    (State.PARTIALLY_PAID, Step.REFUND): Move(State.REFUNDED),
    (State.PAID, Step.REFUND): Move(State.REFUNDED),
    (State.CANCELLED, Step.REOPEN): Move(State.PENDING),
    (State.CANCELLED, Step.EXPIRE): Move(State.EXPIRED),
    (State.EXPIRED, Step.REOPEN): Move(State.PENDING),
    (State.EXPIRED, Step.CANCEL): Move(State.CANCELLED),
}

# Set by the merchant, each by its step; all others follow from payment.
MERCHANT_STEPS: Mapping[State, Step] = {
    State.PENDING: Step.REOPEN,
    State.CANCELLED: Step.CANCEL,
    State.EXPIRED: Step.EXPIRE,
}
