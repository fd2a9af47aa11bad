"""Charges of stored cards: each once, whatever the acquirer says or does not say."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from paydesk import lookups, payments
from paydesk.db.listing import Page
from paydesk.kit.money import Money
from paydesk.payment_methods.store import insert_payment_method
from paydesk.payments import State
from paydesk.payments.schedule import day_of, moment_of
from workshop import CARD
from world import card

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
# By f3, in a charge whose payer is not there.
LATER_NO_FUNDS, LATER_EXPIRED, LATER_SILENT_YES, LATER_LOST = 1, 2, 3, 4


async def submitted(shop, **how):
    """A payment of 100.00; once and today where no schedule is given."""
    return await submit(shop, await wanted(shop, **how))


async def wanted(shop, *, f3=0, **recurring):
    """What such a payment is submitted as, of a card that has just been saved."""
    customer_id, token = await shop.stored(card(0, 0, f3))
    how = {"recurring": recurring} if recurring else {}
    return {
        "customer_id": customer_id,
        "card": {"token": token},
        "payment": {"amount": "100.00", "transaction_reference": "INV0045", **how},
    }


async def submit(shop, record, method=CARD):
    command = payments.read_submit(record, (method,))
    return await shop.db.transact(
        lambda connection: payments.submit(connection, shop.account.id, command)
    )


async def charge(shop, *, now=None):
    return await payments.charge_due(shop.db, shop.acquiring, now=now)


async def found(shop, payment):
    async with shop.db.connection() as connection:
        shown = await payments.shown(connection, payment.account_id, payment.id)
    return shown.payment


async def charges(shop, payment):
    """(day, try, state) of its charges, oldest first."""
    rows = await shop.db.rows(
        """
        select due_on, attempt, state from transactions where payment_id = $1
        order by due_on, attempt
        """,
        payment.id,
    )
    return [(row["due_on"], row["attempt"], row["state"]) for row in rows]


async def set_status(shop, payment, status):
    await shop.db.transact(
        lambda connection: payments.set_status(
            connection, payment.account_id, payment.id, State(status)
        )
    )


async def look_until_settled(shop, payment):
    """What the worker does with its charge, until that is decided."""
    for _ in range(12):
        row = await shop.db.row(
            "select id, state from transactions where payment_id = $1 order by id desc limit 1",
            payment.id,
        )
        if row["state"] in {"approved", "declined", "reversed"}:
            return row["state"]
        await shop.look(await shop.transaction(row["id"]))
    raise AssertionError(row["state"])


async def test_a_single_payment_is_charged_at_once(shop):
    payment = await submitted(shop)
    assert await charge(shop) == 1
    today = day_of(datetime.now(UTC))
    assert await charges(shop, payment) == [(today, 1, "approved")]
    after = await found(shop, payment)
    assert (after.state, after.charges, after.due_on) == (State.COMPLETED, 1, None)
    order = await shop.db.row(
        "select reference, status, amount_total, customer_id from orders where id = ("
        "select order_id from transactions where payment_id = $1)",
        payment.id,
    )
    assert dict(order) == {
        "reference": "INV0045",
        "status": "PAID",
        "amount_total": 10_000,
        "customer_id": payment.customer_id,
    }
    assert await charge(shop) == 0
    await shop.assert_books_are_right()


async def test_a_charge_refers_to_the_payment_that_its_payer_was_present_at(shop):
    payment = await submitted(shop)
    await charge(shop)
    *before, later = [
        line for line in shop.programs.acquirer_log() if line["outcome"] == "approved"
    ]
    present = [line for line in before if line["first"] is None]
    (first,) = [line for line in present if line["scheme_id"] == later["first"]]
    assert first["card_ending"] == later["card_ending"]
    assert (await found(shop, payment)).charges == 1


async def test_a_year_of_months_is_charged_day_by_day(shop):
    start = day_of(datetime.now(UTC))
    payment = await submitted(shop, payment_interval="MONTHLY", date_end=f"{start.year + 1}-12-31")
    now, days = moment_of(start) + timedelta(hours=1), 0
    while now < moment_of(start + 370 * DAY):
        days += await charge(shop, now=now)
        now += DAY
    made = await charges(shop, payment)
    assert len(made) == days == len({due for due, _, _ in made}) in {12, 13}
    assert {(number, state) for _, number, state in made} == {(1, "approved")}
    assert (await found(shop, payment)).state is State.RUNNING
    await set_status(shop, payment, "STOPPED")


async def test_what_a_missed_worker_left_is_charged_when_it_is_back(shop):
    start = day_of(datetime.now(UTC))
    payment = await submitted(shop, payment_interval="DAILY", date_end=str(start + 5 * DAY))
    assert await charge(shop, now=moment_of(start + 30 * DAY)) == 6
    assert [due for due, _, _ in await charges(shop, payment)] == [
        start + number * DAY for number in range(6)
    ]
    assert (await found(shop, payment)).state is State.COMPLETED


async def test_a_soft_no_is_tried_again_and_then_the_day_is_missed(shop):
    start = day_of(datetime.now(UTC))
    payment = await submitted(shop, f3=LATER_NO_FUNDS, payment_interval="YEARLY")
    await charge(shop)
    after = await found(shop, payment)
    assert (after.state, after.try_number, after.due_on) == (State.PENDING, 2, start)
    assert after.charge_at == moment_of(start + DAY)
    assert after.decline_reason == "insufficient_funds"
    for later in (1, 3, 7):
        assert await charge(shop, now=moment_of(start + later * DAY) - DAY / 24) == 0
        assert await charge(shop, now=moment_of(start + later * DAY)) == 1
    after = await found(shop, payment)
    assert (after.missed, after.charges, after.try_number) == (1, 0, 1)
    assert after.due_on.year == start.year + 1
    assert [number for _, number, _ in await charges(shop, payment)] == [1, 2, 3, 4]
    assert await charge(shop, now=moment_of(start + 300 * DAY)) == 0
    await set_status(shop, payment, "STOPPED")


async def test_a_hard_no_is_not_tried_again(shop):
    payment = await submitted(shop, f3=LATER_EXPIRED)
    await charge(shop)
    after = await found(shop, payment)
    assert (after.state, after.decline_reason) == (State.REJECTED, "expired_card")
    assert (after.missed, after.charge_at) == (1, None)


@pytest.mark.parametrize(
    ("f3", "outcome", "state"),
    [(LATER_SILENT_YES, "approved", State.COMPLETED), (LATER_LOST, "reversed", State.PENDING)],
)
async def test_an_unclear_charge_is_asked_about_and_then_reversed(shop, f3, outcome, state):
    payment = await submitted(shop, f3=f3)
    await charge(shop)
    ((_, _, unclear),) = await charges(shop, payment)
    assert unclear == "unknown"
    # While it is not decided nothing else is charged for it.
    assert await charge(shop, now=datetime.now(UTC) + 10 * DAY) == 0
    assert await look_until_settled(shop, payment) == outcome
    after = await found(shop, payment)
    assert after.state is state
    # Reversed, the day is not paid: it is tried again.
    assert after.try_number == (1 if outcome == "approved" else 2)
    if state is State.PENDING:
        await set_status(shop, payment, "STOPPED")
    await shop.assert_books_are_right()


async def test_money_for_a_payment_that_was_stopped_meanwhile_goes_back(shop):
    payment = await submitted(shop, f3=LATER_SILENT_YES)
    await charge(shop)
    await set_status(shop, payment, "CANCELLED")
    assert await look_until_settled(shop, payment) == "reversed"
    after = await found(shop, payment)
    assert (after.state, after.charges) == (State.CANCELLED, 0)
    await shop.assert_books_are_right()


async def test_a_paused_payment_is_not_charged_and_goes_on_at_its_next_day(shop):
    start = day_of(datetime.now(UTC))
    payment = await submitted(shop, payment_interval="DAILY")
    await charge(shop)
    await set_status(shop, payment, "PAUSED")
    assert await charge(shop, now=moment_of(start + 9 * DAY)) == 0
    await shop.owner.execute(
        "update payments set due_on = due_on - 5, date_start = date_start - 9 where id = $1",
        payment.id,
    )
    await set_status(shop, payment, "RUNNING")
    after = await found(shop, payment)
    assert (after.due_on, after.charge_at) == (start, moment_of(start))
    await set_status(shop, payment, "STOPPED")


async def test_days_paused_while_a_charge_was_unclear_are_not_charged(shop):
    start = day_of(datetime.now(UTC))
    payment = await submitted(shop, f3=LATER_SILENT_YES, payment_interval="DAILY")
    await charge(shop)
    await set_status(shop, payment, "PAUSED")
    await shop.owner.execute(
        "update payments set due_on = due_on - 5, date_start = date_start - 9 where id = $1",
        payment.id,
    )
    await set_status(shop, payment, "RUNNING")
    assert await look_until_settled(shop, payment) == "approved"
    after = await found(shop, payment)
    assert (after.due_on, after.charges, after.resumed_on) == (start, 1, None)
    await set_status(shop, payment, "STOPPED")


@pytest.mark.parametrize("status", ["STOPPED", "CANCELLED"])
async def test_what_has_ended_stays_ended(shop, status):
    payment = await submitted(shop)
    await set_status(shop, payment, status)
    await set_status(shop, payment, status)
    for other in {"RUNNING", "PAUSED", "STOPPED", "CANCELLED"} - {status}:
        with pytest.raises(payments.StatusConflict):
            await set_status(shop, payment, other)
    assert await charge(shop) == 0


async def test_workers_share_what_is_due(shop):
    made = [await submitted(shop) for _ in range(6)]
    counts = await asyncio.gather(*(charge(shop) for _ in range(4)))
    assert sum(counts) == 6
    assert [(await found(shop, one)).charges for one in made] == [1] * 6
    await shop.assert_books_are_right()


async def test_a_charge_whose_worker_died_before_it_was_sent_is_found(shop):
    payment = await submitted(shop)
    await shop.die_before_sending()
    assert await look_until_settled(shop, payment) == "reversed"
    after = await found(shop, payment)
    assert (after.state, after.try_number) == (State.PENDING, 2)
    await set_status(shop, payment, "STOPPED")
    await shop.assert_books_are_right()


async def test_a_day_s_try_is_committed_once(shop):
    payment = await submitted(shop)
    await charge(shop)
    with pytest.raises(Exception, match="transactions_once_a_try"):
        await shop.owner.execute(
            """
            insert into transactions (account_id, id, payment_id, due_on, order_id, attempt, amount,
                currency, connector, state, status)
            select account_id, 'tra_again', payment_id, due_on, 'ord_other', attempt, amount,
                currency, connector, 'submitting', 'PENDING'
            from transactions where payment_id = $1
            """,
            payment.id,
        )


async def test_a_charge_that_can_t_begin_holds_up_no_other(shop):
    stuck, other = await submitted(shop), await submitted(shop)
    # As if this try had been committed before, and forgotten.
    await charge(shop)
    for payment in (stuck, other):
        assert (await found(shop, payment)).charges == 1
    await shop.owner.execute("alter table payments disable trigger payments_legal")
    await shop.owner.execute(
        "update payments set state = 'PENDING', charge_at = now(), due_on = date_start, charges = 0"
        " where id = $1",
        stuck.id,
    )
    third = await submitted(shop)
    assert await charge(shop) == 1
    assert (await found(shop, third)).state is State.COMPLETED
    assert (await found(shop, stuck)).charge_at > datetime.now(UTC) + DAY / 48
    await shop.owner.execute(
        "update payments set state = 'COMPLETED', charge_at = null, due_on = null, charges = 1"
        " where id = $1",
        stuck.id,
    )
    await shop.owner.execute("alter table payments enable trigger payments_legal")


async def test_a_card_that_is_over_or_archived_is_not_sent(shop):
    for change, reason in (
        ("expire_year = 2020", "expired_card"),
        ("archived_at = now(), is_default = false", "card_not_supported"),
    ):
        payment = await submitted(shop)
        await shop.owner.execute(f"update cards set {change} where id = $1", payment.card_id)
        before = len(shop.programs.acquirer_log())
        await charge(shop)
        after = await found(shop, payment)
        assert (after.state, after.decline_reason) == (State.REJECTED, reason)
        assert len(shop.programs.acquirer_log()) == before
        await shop.owner.execute(
            "update cards set expire_year = 2040 where id = $1", payment.card_id
        )


async def test_payments_are_listed_newest_first_and_by_customer(shop):
    one, other = await submitted(shop), await submitted(shop)
    async with shop.db.connection() as connection:
        found_, cursor = await payments.listed(
            connection,
            shop.account.id,
            payments.Filters(customer_id=other.customer_id),
            Page(1),
        )
    assert [shown.payment.id for shown in found_] == [other.id]
    assert (one.customer_id == other.customer_id) == (cursor is not None)
    await set_status(shop, one, "STOPPED")
    await set_status(shop, other, "STOPPED")


# The month's limit


@pytest.fixture
async def limited(shop):
    """Sets what the shop's cards may take this month, beyond what they have taken; rand."""

    async def set_room(minor):
        taken = await shop.db.value(
            "select coalesce(sum(amount), 0)::bigint from transactions where account_id = $1"
            " and method = 'CARD' and currency = 'ZAR'"
            " and status not in ('DECLINED', 'REVERSED', 'CANCELLED')",
            shop.account.id,
        )
        method = replace(CARD, monthly_limit=Money(taken + minor, lookups.currency("ZAR")))
        await remove()
        await insert_payment_method(shop.owner, shop.account.id, method)
        return method

    async def remove():
        await shop.owner.execute(
            "delete from payment_methods where account_id = $1", shop.account.id
        )

    yield set_room
    await remove()


async def test_a_charge_beyond_the_month_s_limit_is_not_sent_and_tried_again(shop, limited):
    payment = await submitted(shop)
    await limited(9_999)
    before = len(shop.programs.acquirer_log())
    await charge(shop)
    assert len(shop.programs.acquirer_log()) == before
    after = await found(shop, payment)
    assert [state for _, _, state in await charges(shop, payment)] == ["declined"]
    assert (after.decline_reason, after.try_number, after.charges) == ("limit_exceeded", 2, 0)
    await limited(10_000)
    await charge(shop, now=after.charge_at)
    assert (await found(shop, payment)).charges == 1


async def test_two_workers_take_no_more_than_the_month_has_room_for(shop, limited):
    made = [await submitted(shop) for _ in range(6)]
    await limited(20_000)
    await asyncio.gather(charge(shop), charge(shop))
    after = [await found(shop, one) for one in made]
    assert sorted(one.charges for one in after) == [0, 0, 0, 0, 1, 1]
    for one in after:
        if not one.charges:
            await set_status(shop, one, "STOPPED")


async def test_what_the_month_has_no_room_for_is_not_submitted(shop, limited):
    record = await wanted(shop)
    with pytest.raises(payments.MonthlyLimitReached) as refused:
        await submit(shop, record, await limited(9_999))
    assert refused.value.path == "payment.amount"
    await submit(shop, record, await limited(10_000))


async def test_a_day_to_come_may_have_room_where_today_has_none(shop, limited):
    tomorrow = (day_of(datetime.now(UTC)) + DAY).isoformat()
    record = await wanted(shop, payment_interval="DAILY", date_start=tomorrow)
    full = await limited(0)
    enough = replace(full, monthly_limit=Money(10_000, full.monthly_limit.currency))
    assert await submit(shop, record, enough)
    never = replace(full, monthly_limit=Money(9_999, full.monthly_limit.currency))
    with pytest.raises(payments.MonthlyLimitReached):
        await submit(shop, record, never)
