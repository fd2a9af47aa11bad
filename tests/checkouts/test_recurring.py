"""Checkouts of mode recurring: what they take, and the payment that begins when one is paid."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from paydesk import payments
from paydesk.db.listing import Page
from paydesk.errors import Invalid
from paydesk.payments import Interval, State
from paydesk.payments.schedule import day_of, due_after, moment_of
from world import card

pytestmark = pytest.mark.anyio

TODAY = day_of(datetime.now(UTC))
DAY = timedelta(days=1)


async def recurring(shop, **schedule):
    payment = {"recurring": schedule} if schedule else {}
    return await shop.create(mode="recurring", payment=payment)


async def payment_of(shop, page):
    async with shop.db.connection() as connection:
        found, _ = await payments.listed(
            connection, shop.account.id, payments.Filters(checkout_id=page.id), Page(10)
        )
    return [shown.payment for shown in found]


async def test_a_paid_recurring_checkout_begins_a_payment(shop):
    page = await recurring(shop)
    paid = await shop.pay(page)
    (payment,) = await payment_of(shop, page)
    assert (payment.state, payment.charges) == (State.RUNNING, 1)
    assert (payment.card_id, payment.customer_id) == (paid.card_id, paid.customer_id)
    assert (payment.amount, payment.reference) == (paid.amount, "ORD0045")
    assert (payment.schedule.interval, payment.schedule.start) == (Interval.MONTHLY, TODAY)
    assert payment.due_on == due_after(payment.schedule, TODAY)
    assert payment.charge_at == moment_of(payment.due_on)
    await shop.assert_books_are_right()


async def test_its_webhook_tells_of_the_payment_as_the_reference_does(shop):
    page = await recurring(shop, payment_interval="WEEKLY")
    await shop.pay(page)
    (payment,) = await payment_of(shop, page)
    body = await shop.db.value(
        "select body from events where checkout_id = $1 and type = 'checkout.completed'", page.id
    )
    told = json.loads(body)["data"][0]["payment"]
    assert (told["id"], told["amount"], told["status"]) == (payment.id, "1200.00", "paid")
    assert (told["payment_method"], told["payment_status"]) == ("card", "RUNNING")
    assert told["next_charge_on"] == str(TODAY + 7 * DAY)
    assert {"currency_lookups_id", "payment_status_lookups_id", "created_at"} < told.keys()
    assert (
        await shop.db.value("select count(*) from payments where checkout_id = $1", page.id)
    ) == 1


async def test_it_goes_on_by_itself(shop):
    page = await recurring(shop, payment_interval="DAILY", date_end=str(TODAY + 2 * DAY))
    await shop.pay(page)
    assert await payments.charge_due(shop.db, shop.acquiring) == 0
    later = moment_of(TODAY + 3 * DAY)
    assert await payments.charge_due(shop.db, shop.acquiring, now=later) == 2
    (payment,) = await payment_of(shop, page)
    assert (payment.state, payment.charges) == (State.COMPLETED, 3)
    await shop.assert_books_are_right()


async def test_it_may_begin_later(shop):
    start = TODAY + 40 * DAY
    page = await recurring(shop, date_start=str(start))
    await shop.pay(page)
    (payment,) = await payment_of(shop, page)
    assert payment.due_on == start


async def test_a_declined_one_begins_none(shop):
    page = await recurring(shop)
    await shop.pay(page, card(1))
    assert await payment_of(shop, page) == []


async def test_other_checkouts_tell_of_no_payment(shop):
    page = await shop.create()
    await shop.pay(page)
    body = await shop.db.value("select body from events where checkout_id = $1", page.id)
    assert "payment" not in json.loads(body)["data"][0]


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        (
            {"mode": "one-off", "payment": {"recurring": {}}},
            "payment.recurring",
            "recurring",
        ),
        (
            {"payment": {"payment_type": "PRE_AUTHORIZATION"}},
            "payment.payment_type",
            "saves_card",
        ),
        (
            {"payment": {"recurring": {"process_day": 32}}},
            "payment.recurring.process_day",
            "maximum",
        ),
        (
            {"payment": {"recurring": {"payment_interval": "HOURLY"}}},
            "payment.recurring.payment_interval",
            "lookup",
        ),
        (
            {"payment": {"recurring": {"date_start": "tomorrow"}}},
            "payment.recurring.date_start",
            "day",
        ),
    ],
)
async def test_a_fault_of_the_schedule_is_named(shop, changes, path, rule):
    with pytest.raises(Invalid) as refused:
        await shop.create(**{"mode": "recurring", **changes})
    assert {fault.path: fault.rule for fault in refused.value.faults()} == {path: rule}


@pytest.mark.parametrize(
    ("schedule", "refusal"),
    [
        ({"date_start": str(TODAY - DAY)}, payments.DayPast),
        ({"date_end": "2999-01-01"}, payments.DayTooFar),
        ({"date_end": str(TODAY)}, payments.NoDayLeft),
    ],
)
async def test_a_schedule_that_never_goes_on_is_refused(shop, schedule, refusal):
    with pytest.raises(refusal):
        await recurring(shop, **schedule)
