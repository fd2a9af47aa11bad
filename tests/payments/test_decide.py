"""What is charged next, and a year of charges by a virtual clock, with workers that miss days."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paydesk.connectors.contract import NOT_SENT, Declined, DeclineReason
from paydesk.kit.money import Currency, Money
from paydesk.kit.moves import step
from paydesk.payments.decide import (
    LIMIT_REACHED,
    SOFT,
    Next,
    after_charge,
    after_failure,
    concerns_payer,
    resumed,
)
from paydesk.payments.model import Payment, PaymentID
from paydesk.payments.schedule import Interval, Schedule, due_from, moment_of
from paydesk.payments.states import MOVES, State, Step
from payments_calendar import walked

RETRY_DAYS = (1, 3, 7)
MONTHLY = Schedule(Interval.MONTHLY, date(2026, 1, 31))
NO_FUNDS = DeclineReason.INSUFFICIENT_FUNDS


def payment(schedule=MONTHLY, **changes):
    due_on = due_from(schedule, schedule.start)
    made = Payment(
        account_id=1,
        id=PaymentID("pay_1"),
        customer_id="cus_1",
        card_id="crd_1",
        amount=Money(10_000, Currency("ZAR", 2)),
        reference="INV1",
        schedule=schedule,
        state=State.PENDING,
        due_on=due_on,
        charge_at=moment_of(due_on),
    )
    return replace(made, **changes)


def at(day, hour=6):
    return moment_of(date.fromisoformat(day)) + timedelta(hours=hour - 6)


def failed(made, day, reason=NO_FUNDS):
    return after_failure(made, reason, at(day), retry_days=RETRY_DAYS)


def test_after_a_charge_the_next_day_of_the_schedule_stands():
    due = date(2026, 2, 28)
    assert after_charge(payment()) == Next(Step.CHARGE, due, 1, moment_of(due))


def test_the_last_charge_completes_it():
    schedule = replace(MONTHLY, end=date(2026, 2, 27))
    assert after_charge(payment(schedule)) == Next(Step.CHARGE_LAST, None)


def test_a_soft_no_is_tried_again_after_one_three_and_seven_days():
    made, due = payment(), date(2026, 1, 31)
    for number, day, again in [
        (1, "2026-01-31", date(2026, 2, 1)),
        (2, "2026-02-01", date(2026, 2, 3)),
        (3, "2026-02-03", date(2026, 2, 7)),
    ]:
        found = failed(replace(made, try_number=number, tried_on=due), day)
        assert found == Next(Step.RETRY, due, number + 1, moment_of(again))
    last = failed(replace(made, try_number=4, tried_on=due), "2026-02-07")
    assert last == Next(Step.MISS, date(2026, 2, 28), 1, moment_of(date(2026, 2, 28)))


@pytest.mark.parametrize("reason", sorted(set(DeclineReason) - SOFT))
def test_a_hard_no_is_not_tried_again(reason):
    assert failed(payment(), "2026-01-31", reason).step is Step.MISS


@pytest.mark.parametrize("reason", sorted(SOFT))
def test_a_soft_no_is(reason):
    assert failed(payment(), "2026-01-31", reason).step is Step.RETRY


def test_no_try_is_made_on_the_day_of_the_next_charge():
    daily = payment(Schedule(Interval.DAILY, date(2026, 1, 31)))
    assert failed(daily, "2026-01-31").step is Step.MISS
    weekly = Schedule(Interval.WEEKLY, date(2026, 1, 31))
    last = payment(weekly, try_number=3, tried_on=weekly.start)
    assert failed(last, "2026-02-03").step is Step.MISS


def test_days_of_tries_are_counted_from_the_first_where_the_worker_was_away():
    late = payment(tried_on=date(2026, 2, 10))
    assert failed(late, "2026-02-10").charge_at == moment_of(date(2026, 2, 11))
    assert failed(late, "2026-02-12").charge_at == moment_of(date(2026, 2, 13))


def test_a_try_that_no_issuer_heard_of_is_made_again_the_same_day():
    made = payment(tried_on=date(2026, 1, 31), try_number=9)
    found = failed(made, "2026-01-31", DeclineReason.PROVIDER_UNAVAILABLE)
    assert found == Next(Step.RETRY, date(2026, 1, 31), 10, at("2026-01-31", 7))
    late = after_failure(
        made, DeclineReason.RATE_LIMITED, at("2026-01-31", 23.5), retry_days=RETRY_DAYS
    )
    assert late.charge_at == moment_of(date(2026, 2, 1))
    # On the last of its days it ends with that day.
    over = after_failure(
        made, DeclineReason.RATE_LIMITED, at("2026-02-07", 23.5), retry_days=RETRY_DAYS
    )
    assert over.step is Step.MISS


@pytest.mark.parametrize(("charges", "expected"), [(0, Step.REJECT), (1, Step.MISS_LAST)])
def test_the_last_day_missed_rejects_what_was_never_charged(charges, expected):
    once = payment(Schedule(Interval.ONCE, date(2026, 1, 31)), charges=charges)
    assert failed(once, "2026-01-31", DeclineReason.EXPIRED_CARD) == Next(expected, None)


def test_a_single_payment_is_tried_as_often_as_others():
    once = payment(Schedule(Interval.ONCE, date(2026, 1, 31)))
    assert failed(once, "2026-01-31").step is Step.RETRY
    last = replace(once, try_number=4, tried_on=once.due_on)
    assert failed(last, "2026-02-07").step is Step.REJECT


def test_while_paused_nothing_is_charged():
    paused = payment(state=State.PAUSED)
    assert after_charge(paused) == Next(Step.CHARGE, date(2026, 2, 28), 1, None)
    assert failed(paused, "2026-01-31") == Next(Step.RETRY, date(2026, 1, 31), 2, None)


def test_resumed_the_days_that_went_by_are_not_charged():
    paused = payment(state=State.PAUSED, try_number=2, charges=1)
    due = date(2026, 3, 31)
    assert resumed(paused, at("2026-03-01")) == Next(Step.RESUME, due, 1, moment_of(due))
    same = date(2026, 1, 31)
    assert resumed(paused, at("2026-01-31", 23)) == Next(Step.RESUME, same, 2, moment_of(same))
    over = replace(paused, schedule=replace(MONTHLY, end=date(2026, 2, 28)))
    assert resumed(over, at("2026-03-01")) == Next(Step.RUN_OUT, None)


def test_resumed_after_its_last_day_it_is_rejected_where_nothing_was_ever_charged():
    over = payment(replace(MONTHLY, end=date(2026, 2, 28)), state=State.PAUSED)
    assert resumed(over, at("2026-03-01")) == Next(Step.REJECT, None)


def test_resumed_while_a_charge_is_on_its_way_that_decides_first():
    paused = payment(state=State.PAUSED, transaction_id="tra_1")
    day = date(2026, 3, 1)
    after = Next(Step.RESUME, date(2026, 1, 31), 1, resumed_on=day)
    assert resumed(paused, at("2026-03-01")) == after
    # Once it is decided, the days before that one are passed over.
    running = replace(paused, state=State.RUNNING, resumed_on=day)
    due = date(2026, 3, 31)
    assert after_charge(running) == Next(Step.CHARGE, due, 1, moment_of(due))
    daily = replace(running, schedule=replace(MONTHLY, interval=Interval.DAILY))
    assert after_charge(daily) == Next(Step.CHARGE, day, 1, moment_of(day))


@pytest.mark.parametrize(
    ("finding", "is_told"),
    [
        (Declined(NO_FUNDS, "51"), True),
        (Declined(DeclineReason.LIMIT_EXCEEDED, "61"), True),
        (Declined(DeclineReason.EXPIRED_CARD, "card_not_active"), True),
        (LIMIT_REACHED, False),
        (NOT_SENT, False),
        (Declined(DeclineReason.RATE_LIMITED, ""), False),
    ],
)
def test_a_payer_is_told_of_what_their_card_failed_for(finding, is_told):
    assert concerns_payer(finding.reason, finding) is is_told


# A year by a virtual clock.


def lived(made, until, wakes):
    """The charges of a payment whose worker is awake at these moments: (due day, moment)."""
    charged = []
    for now in wakes:
        if now > until:
            break
        while made.charge_at is not None and made.charge_at <= now:
            charged.append((made.due_on, now))
            following = after_charge(made)
            made = replace(
                made,
                state=step(MOVES, made.state, following.step).to,
                due_on=following.due_on,
                charge_at=following.charge_at,
                charges=made.charges + 1,
            )
    return charged, made


def awake(start, until):
    now = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(hours=5)
    while now <= until:
        yield now
        now += timedelta(hours=3)


def sleepy(start, until, seed):
    """A worker that is away for up to twelve days at a time."""
    chance = random.Random(seed)
    now = datetime(start.year, start.month, start.day, tzinfo=UTC)
    while now <= until:
        yield now
        now += timedelta(hours=chance.choice([1, 1, 7, 30, 100, 288]))
    yield until


RECURRING = [Interval.DAILY, Interval.WEEKLY, Interval.MONTHLY, Interval.YEARLY]


@pytest.mark.parametrize("interval", RECURRING)
def test_every_charge_of_a_year_is_made_on_its_day(interval):
    # Leap days, month ends and a year's end are among the starts; every day of two years is, of
    # the schedule alone, in test_schedule.
    for start in [date(2028, 1, 1) + timedelta(days=number) for number in range(0, 731, 29)]:
        schedule = Schedule(interval, start)
        until = moment_of(start + timedelta(days=366))
        charged, _ = lived(payment(schedule), until, awake(start, until))
        assert [due for due, _ in charged] == walked(schedule, start + timedelta(days=366))
        assert all(now == moment_of(due) for due, now in charged)


@pytest.mark.parametrize("interval", RECURRING)
def test_with_workers_that_miss_days_none_is_made_twice_and_none_is_lost(interval):
    for number in range(366):
        start = date(2028, 1, 1) + timedelta(days=number)
        schedule = Schedule(interval, start, start + timedelta(days=365))
        until = moment_of(schedule.end + timedelta(days=1))
        charged, made = lived(payment(schedule), until, sleepy(start, until, seed=number))
        assert [due for due, _ in charged] == walked(schedule, schedule.end)
        assert all(now >= moment_of(due) for due, now in charged)
        assert made.state is State.COMPLETED
