"""What follows from a charge's outcome, and from a merchant's wish. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from paydesk import limits
from paydesk.connectors.contract import Declined, DeclineReason, Finding, Reversal
from paydesk.payments.model import Payment
from paydesk.payments.schedule import day_of, due_after, due_from, moment_of
from paydesk.payments.states import State, Step

# No issuer was asked: it is nothing about the card.
_UNHEARD = frozenset({DeclineReason.PROVIDER_UNAVAILABLE, DeclineReason.RATE_LIMITED})
# Nor was one where the account's cards have taken what they may this month.
LIMIT_REACHED = Declined(DeclineReason.LIMIT_EXCEEDED, "monthly_limit")
# What may pass by itself. All other reasons stay as they are, however often the card is tried.
SOFT = _UNHEARD | {
    DeclineReason.DECLINED_GENERIC,
    DeclineReason.INSUFFICIENT_FUNDS,
    DeclineReason.ISSUER_UNAVAILABLE,
    DeclineReason.LIMIT_EXCEEDED,
    DeclineReason.CONFIGURATION,
}


@dataclass(frozen=True, slots=True)
class Next:
    """The step of a payment, and what is charged next: which day, which try, and when."""

    step: Step
    due_on: date | None
    try_number: int = 1
    charge_at: datetime | None = None
    resumed_on: date | None = None


def after_charge(payment: Payment) -> Next:
    """What follows when a charge has succeeded."""
    return _on(payment, Step.CHARGE, Step.CHARGE_LAST)


def after_failure(
    payment: Payment, reason: str | None, now: datetime, *, retry_days: Sequence[int]
) -> Next:
    """What follows when a charge has failed: another try, or the next day of the schedule.

    A charge is not tried again on the day of the next one, or later.
    Units: retry_days is how long after the day of its first try a charge is tried again.
    """
    retry_at = _retry_at(payment, reason, now, retry_days)
    following = _following(payment)
    if retry_at is not None and (following is None or day_of(retry_at) < following):
        charge_at = None if payment.state is State.PAUSED else retry_at
        return Next(Step.RETRY, payment.due_on, payment.try_number + 1, charge_at)
    return _on(payment, Step.MISS, Step.MISS_LAST if payment.charges else Step.REJECT)


def concerns_payer(reason: str | None, finding: Finding | Reversal) -> bool:
    """Whether a failure is one that the payer is told of: their card's, and nobody else's."""
    return reason not in _UNHEARD and finding != LIMIT_REACHED


def resumed(payment: Payment, now: datetime) -> Next:
    """What follows when a paused payment goes on: days that went by meanwhile are not charged."""
    assert payment.due_on is not None, "a paused payment has a day to go on from"
    today = day_of(now)
    if payment.transaction_id is not None:
        # That one decides first; the days that went by are passed over when it has.
        return Next(Step.RESUME, payment.due_on, payment.try_number, resumed_on=today)
    due_on = due_from(payment.schedule, max(payment.due_on, today))
    if due_on is None:
        return Next(Step.RUN_OUT if payment.charges else Step.REJECT, None)
    try_number = payment.try_number if due_on == payment.due_on else 1
    return Next(Step.RESUME, due_on, try_number, moment_of(due_on))


def _on(payment: Payment, step: Step, last: Step) -> Next:
    due_on = _following(payment)
    if due_on is None:
        return Next(last, None)
    return Next(step, due_on, 1, None if payment.state is State.PAUSED else moment_of(due_on))


def _following(payment: Payment) -> date | None:
    assert payment.due_on is not None, "a charge is that of a day"
    following = due_after(payment.schedule, payment.due_on)
    if following is None or payment.resumed_on is None:
        return following
    return due_from(payment.schedule, max(following, payment.resumed_on))


def _retry_at(
    payment: Payment, reason: str | None, now: datetime, retry_days: Sequence[int]
) -> datetime | None:
    """When a failed charge is tried again: the same day where no issuer heard of it.

    Days are counted from the first try and not from the charge's own day, so that a worker that
    was away does not find them all over.
    """
    if reason not in SOFT:
        return None
    again = now + timedelta(seconds=limits.CHARGE_AGAIN_SECONDS)
    today = day_of(now)
    if reason in _UNHEARD and day_of(again) == today:
        return again
    first = payment.tried_on or today
    days = (first + timedelta(days=number) for number in retry_days)
    return next((moment_of(day) for day in days if day > today), None)
