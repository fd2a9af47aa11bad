"""What follows from a charge's outcome, and from a merchant's wish. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from paydesk.connectors.contract import DeclineReason
from paydesk.payments.model import Payment
from paydesk.payments.schedule import day_of, due_after, due_from, moment_of
from paydesk.payments.states import State, Step

# What may pass by itself. All other reasons stay as they are, however often the card is tried.
SOFT = frozenset(
    {
        DeclineReason.DECLINED_GENERIC,
        DeclineReason.INSUFFICIENT_FUNDS,
        DeclineReason.ISSUER_UNAVAILABLE,
        DeclineReason.LIMIT_EXCEEDED,
        DeclineReason.CONFIGURATION,
        DeclineReason.RATE_LIMITED,
        DeclineReason.PROVIDER_UNAVAILABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Next:
    """The step of a payment, and what is charged next: which day, which try, and when."""

    step: Step
    due_on: date | None
    try_number: int = 1
    charge_at: datetime | None = None


def after_charge(payment: Payment) -> Next:
    """What follows when a charge has succeeded."""
    return _on(payment, Step.CHARGE, Step.CHARGE_LAST)


def after_failure(
    payment: Payment, reason: str | None, now: datetime, *, retry_days: Sequence[int]
) -> Next:
    """What follows when a charge has failed: another try, or the next day of the schedule.

    A charge is not tried again on the day of the next one, or later.
    Units: retry_days[n] is how long after its day the charge is tried for the n + 2nd time.
    """
    retry_on = _retry_on(payment, now, retry_days)
    following = _following(payment)
    has_room = retry_on is not None and (following is None or retry_on < following)
    if retry_on is not None and has_room and reason in SOFT:
        charge_at = None if payment.state is State.PAUSED else moment_of(retry_on)
        return Next(Step.RETRY, payment.due_on, payment.try_number + 1, charge_at)
    return _on(payment, Step.MISS, Step.MISS_LAST if payment.charges else Step.REJECT)


def resumed(payment: Payment, now: datetime) -> Next:
    """What follows when a paused payment goes on: days that went by meanwhile are not charged."""
    assert payment.due_on is not None, "a paused payment has a day to go on from"
    if payment.transaction_id is not None:
        return Next(Step.RESUME, payment.due_on, payment.try_number)
    today = day_of(now)
    due_on = due_from(payment.schedule, max(payment.due_on, today))
    if due_on is None:
        return Next(Step.RUN_OUT, None)
    try_number = payment.try_number if due_on == payment.due_on else 1
    return Next(Step.RESUME, due_on, try_number, moment_of(due_on))


def _on(payment: Payment, step: Step, last: Step) -> Next:
    due_on = _following(payment)
    if due_on is None:
        return Next(last, None)
    return Next(step, due_on, 1, None if payment.state is State.PAUSED else moment_of(due_on))


def _following(payment: Payment) -> date | None:
    assert payment.due_on is not None, "a charge is that of a day"
    return due_after(payment.schedule, payment.due_on)


def _retry_on(payment: Payment, now: datetime, retry_days: Sequence[int]) -> date | None:
    """The day of the next try: as long after this one as the schedule has them apart.

    Counted from this try and not from the charge's day, so that a worker that was away does not
    make all tries at once.
    """
    if payment.try_number > len(retry_days):
        return None
    days = (0, *retry_days)
    return day_of(now) + timedelta(days=days[payment.try_number] - days[payment.try_number - 1])
