"""Who is written to of recurring payments, when, and what it says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from paydesk import notifications, payments
from paydesk.kit.money import Currency, Money
from paydesk.kit.page_tokens import plan_path
from paydesk.languages import NumberStyle
from paydesk.notifications import Kind, Planned, composer, reminder
from paydesk.notifications.store import lease
from paydesk.payments.schedule import day_of, moment_of
from workshop import CARD, KEY
from world import card

pytestmark = pytest.mark.anyio

TODAY = day_of(datetime.now(UTC))
DAY = timedelta(days=1)
PLANNED = Planned(
    is_live=True,
    merchant_name="Karoo Gym",
    email="help@karoo.example",
    contact_number="",
    locale="en-ZA",
    number_style=NumberStyle.SPACE_POINT,
    amount=Money(49_900, Currency("ZAR", 2)),
    interval="MONTHLY",
    reference="GYM1",
    description="Membership",
)


@pytest.fixture(autouse=True)
async def nothing_waits(shop, anyio_backend):
    await shop.db.execute("delete from mails")
    await shop.db.execute(
        "update payments set state = 'STOPPED', charge_at = null"
        " where state in ('PENDING', 'RUNNING')"
    )


async def recurring(shop, f3=0, **schedule):
    customer_id, token = await shop.stored(card(0, 0, f3))
    record = {
        "customer_id": customer_id,
        "card": {"token": token},
        "payment": {"amount": "499.00", "transaction_reference": "GYM1", "recurring": schedule},
    }
    command = payments.read_submit(record, (CARD,))
    return await shop.db.transact(
        lambda connection: payments.submit(connection, shop.account.id, command)
    )


async def mails(shop):
    """(kind, about) of the mails that wait."""
    rows = await shop.db.rows("select kind, about, recipient from mails order by kind")
    assert {row["recipient"] for row in rows} <= {"johndoe@mail.com"}
    return [(row["kind"], row["about"]) for row in rows]


async def test_a_charge_to_come_is_announced_once(shop):
    day = TODAY + 3 * DAY
    payment = await recurring(shop, payment_interval="WEEKLY", date_start=str(day))
    assert await notifications.tell_of_upcoming(shop.db, before_days=1) == 0
    assert await notifications.tell_of_upcoming(shop.db, before_days=4) == 1
    assert await notifications.tell_of_upcoming(shop.db, before_days=4) == 0
    assert await mails(shop) == [("upcoming", f"{payment.id} {day}")]


async def test_daily_and_single_charges_are_not_announced(shop):
    await recurring(shop, payment_interval="DAILY", date_start=str(TODAY + 2 * DAY))
    assert await notifications.tell_of_upcoming(shop.db, before_days=9) == 0


async def test_a_failed_charge_is_told_for_each_try(shop):
    payment = await recurring(shop, f3=1, payment_interval="MONTHLY")
    await payments.charge_due(shop.db, shop.acquiring)
    await payments.charge_due(shop.db, shop.acquiring, now=moment_of(TODAY + DAY))
    told = [("charge_failed", f"{payment.id} {TODAY} {number}") for number in (1, 2)]
    assert await mails(shop) == told


async def test_a_charge_that_is_made_is_not_mailed(shop):
    await recurring(shop, payment_interval="MONTHLY")
    assert await payments.charge_due(shop.db, shop.acquiring) == 1
    assert await mails(shop) == []


async def test_a_card_that_ends_before_the_next_charge_is_told_once(shop):
    start = TODAY + 50 * DAY
    payment = await recurring(shop, date_start=str(start))
    assert await notifications.tell_of_ending_cards(shop.db, before_days=60) == 0
    ends = (TODAY.replace(day=1) + 40 * DAY).replace(day=1) - DAY  # this month's last day
    await shop.owner.execute(
        "update cards set expire_month = $2, expire_year = $3 where id = $1",
        payment.card_id,
        ends.month,
        ends.year,
    )
    assert await notifications.tell_of_ending_cards(shop.db, before_days=60) == 1
    assert await notifications.tell_of_ending_cards(shop.db, before_days=60) == 0
    assert await mails(shop) == [("card_ending", f"{payment.id} {ends}")]
    # Nor again when that mail is forgotten, long after.
    await shop.owner.execute("update cards set expire_year = 2020 where id = $1", payment.card_id)
    assert await notifications.tell_of_ending_cards(shop.db, before_days=60) == 0
    await shop.owner.execute("update cards set expire_year = 2040 where id = $1", payment.card_id)


async def test_each_letter_leads_to_the_payment_s_own_page(shop):
    day = TODAY + 2 * DAY
    payment = await recurring(shop, date_start=str(day))
    await notifications.tell_of_upcoming(shop.db, before_days=4)
    (mail,) = await lease(shop.db, count=5, seconds=60)
    letter = await composer(base_url="https://pay.example", key=KEY)(shop.db, mail)
    assert letter.link[1] == "https://pay.example" + plan_path(payment.id, KEY)
    assert letter.subject.startswith("Corner shop charges your card on")
    assert ("Amount", "R499.00 ZAR") in letter.rows


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (Kind.UPCOMING, "Karoo Gym charges your card on 31\xa0December 2026"),
        (Kind.CHARGE_FAILED, "Your payment to Karoo Gym was declined"),
        (Kind.CARD_ENDING, "Your card ends before the next payment to Karoo Gym"),
    ],
)
def test_what_a_letter_says(kind, subject):
    letter = reminder(PLANNED, kind, date(2026, 12, 31), "https://pay.example/plan/x")
    assert (letter.subject, letter.reply_to) == (subject, "help@karoo.example")
    assert letter.link == ("See or stop these payments", "https://pay.example/plan/x")
    assert ("What for", "Membership") in letter.rows
    assert len(letter.paragraphs) == 1
