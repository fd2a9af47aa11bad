"""The life of a payment: one charge of a stored card, or many by a schedule.

The states are the reference's payment_status. Source: kwik-api paper, sections 3 and 8.3.
"""

from collections.abc import Mapping
from enum import StrEnum

from paydesk.kit.moves import Move


class State(StrEnum):
    """Where a payment stands. The last four are final."""

    PENDING = "PENDING"  # nothing was charged yet
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"  # by the merchant
    CANCELLED = "CANCELLED"  # by the payer, or by the merchant for them
    COMPLETED = "COMPLETED"  # its last day is over
    REJECTED = "REJECTED"  # its last day is over, and nothing was ever charged

    @property
    def is_final(self) -> bool:
        return self not in _GOING_ON


_GOING_ON = (State.PENDING, State.RUNNING, State.PAUSED)


class Step(StrEnum):
    """What can happen to a payment."""

    BEGIN = "begin"  # a charge is committed and on its way
    CHARGE = "charge"
    CHARGE_LAST = "charge_last"
    RETRY = "retry"  # the charge failed and is tried again
    MISS = "miss"  # the charge failed for good; the next day of the schedule stands
    MISS_LAST = "miss_last"
    REJECT = "reject"  # the last charge failed, as did all before
    PAUSE = "pause"
    RESUME = "resume"
    RUN_OUT = "run_out"  # no day is left to charge
    STOP = "stop"
    CANCEL = "cancel"


class Event(StrEnum):
    """What endpoints of the account are told."""

    CREATED = "payment.created"
    UPDATED = "payment.updated"


def _from_each(step: Step, to: State | None) -> Mapping[tuple[State, Step], Move[State, Event]]:
    """The step from each state that is not final: to this one, or leaving it as it is."""
    return {(state, step): Move(to or state, Event.UPDATED) for state in _GOING_ON}


MOVES: Mapping[tuple[State, Step], Move[State, Event]] = {
    (State.PENDING, Step.BEGIN): Move(State.PENDING),
    (State.RUNNING, Step.BEGIN): Move(State.RUNNING),
    (State.PENDING, Step.CHARGE): Move(State.RUNNING, Event.UPDATED),
    (State.RUNNING, Step.CHARGE): Move(State.RUNNING, Event.UPDATED),
    # A charge that was on its way when the payment was paused.
    (State.PAUSED, Step.CHARGE): Move(State.PAUSED, Event.UPDATED),
    **_from_each(Step.CHARGE_LAST, State.COMPLETED),
    **_from_each(Step.RETRY, None),
    **_from_each(Step.MISS, None),
    **_from_each(Step.MISS_LAST, State.COMPLETED),
    **_from_each(Step.REJECT, State.REJECTED),
    (State.PENDING, Step.PAUSE): Move(State.PAUSED, Event.UPDATED),
    (State.RUNNING, Step.PAUSE): Move(State.PAUSED, Event.UPDATED),
    (State.PAUSED, Step.RESUME): Move(State.RUNNING, Event.UPDATED),
    (State.PAUSED, Step.RUN_OUT): Move(State.COMPLETED, Event.UPDATED),
    # Its first payment was the only one.
    (State.RUNNING, Step.RUN_OUT): Move(State.COMPLETED, Event.UPDATED),
    **_from_each(Step.STOP, State.STOPPED),
    **_from_each(Step.CANCEL, State.CANCELLED),
}
