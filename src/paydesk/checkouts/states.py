"""The life of a checkout: every legal move, and the webhook event each one announces.

This table is the only place that says when a webhook is sent; `store.save_move` is the only
place that writes a state. `docs/states.md` is printed from it.
"""

from collections.abc import Mapping
from enum import StrEnum

from paydesk.kit.moves import Move


class State(StrEnum):
    """Where a checkout stands. The last four are final."""

    OPEN = "open"
    PENDING = "pending"  # an attempt to pay is under way and not decided
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        return self not in {State.OPEN, State.PENDING}


class Step(StrEnum):
    """What can happen to a checkout."""

    BEGIN = "begin"  # the payer pressed Pay
    WAIT = "wait"  # the outcome will take time: the issuer's step, a review, or no answer
    APPROVE = "approve"
    DECLINE = "decline"
    DECLINE_LAST = "decline_last"  # the attempts are used up
    CANCEL = "cancel"
    EXPIRE = "expire"
    ABANDON = "abandon"  # the page was opened and then nothing happened
    WARN = "warn"  # what was authorised has to be captured soon
    EXTEND = "extend"  # the payer asked for more time
    CHANGE = "change"  # the merchant changed the amount, the order or the terms


class Event(StrEnum):
    """The six events of the reference, and one of ours for Pre-Authorization."""

    COMPLETED = "checkout.completed"
    FAILED = "checkout.failed"
    PENDING = "checkout.pending"
    CANCELLED = "checkout.cancelled"
    EXPIRED = "checkout.expired"
    ABANDONED = "checkout.abandoned"
    CAPTURE_DUE = "checkout.capture_due"


MOVES: Mapping[tuple[State, Step], Move[State, Event]] = {
    (State.OPEN, Step.BEGIN): Move(State.PENDING),
    (State.OPEN, Step.CANCEL): Move(State.CANCELLED, Event.CANCELLED),
    (State.OPEN, Step.EXPIRE): Move(State.EXPIRED, Event.EXPIRED),
    (State.OPEN, Step.ABANDON): Move(State.OPEN, Event.ABANDONED),
    (State.OPEN, Step.EXTEND): Move(State.OPEN),
    (State.OPEN, Step.CHANGE): Move(State.OPEN),
    (State.PENDING, Step.WAIT): Move(State.PENDING, Event.PENDING),
    (State.PENDING, Step.APPROVE): Move(State.COMPLETED, Event.COMPLETED),
    (State.PENDING, Step.DECLINE): Move(State.OPEN, Event.FAILED),
    (State.PENDING, Step.DECLINE_LAST): Move(State.FAILED, Event.FAILED),
    # Only while the payer is being authenticated: nothing was sent to the acquirer then.
    (State.PENDING, Step.CANCEL): Move(State.CANCELLED, Event.CANCELLED),
    (State.COMPLETED, Step.WARN): Move(State.COMPLETED, Event.CAPTURE_DUE),
}
