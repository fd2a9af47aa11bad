"""Later charges of payments: their mails, their documents, and the language of both."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from paydesk import invoices, merchants, payments, webhooks
from paydesk.db.listing import Page
from paydesk.invoices import Filters, Kind, Movement
from paydesk.kit.page_tokens import plan_path
from paydesk.languages import choose
from paydesk.notifications import composer
from paydesk.notifications.store import lease
from paydesk.payments.schedule import day_of, moment_of
from paydesk.payments.store import locale_for
from workshop import CARD, CUSTOMER, KEY
from world import card

pytestmark = pytest.mark.anyio

TODAY = day_of(datetime.now(UTC))
DAY = timedelta(days=1)
BOTH = {"send_invoice": True, "send_confirmation_email": True}
VENDOR = {
    "legal_name": "Corner Shop (Pty) Ltd",
    "is_vat_vendor": True,
    "vat_number": "4123456789",
    "address": {"line1": "1 Church Street", "city_or_town": "Prince Albert", "country": "ZA"},
    "email": "owner@shop.example",
    "policies": {"mail_payments": False},
    "customization": {"locale": "auto"},
}
PAYER = "johndoe@mail.com"
compose = composer(base_url="https://pay.example", key=KEY)


@dataclass
class Told:
    """What a charge led to. mails: (kind, recipient); about what is not asked here."""

    id: str
    mails: list
    invoices: list


@pytest.fixture(autouse=True)
async def nothing_waits(shop, anyio_backend):
    await shop.db.execute("delete from mails")
    rows = await shop.db.rows("select id from payments where state in ('PENDING', 'RUNNING')")
    for row in rows:
        await shop.db.transact(
            lambda connection, id_=row["id"]: payments.set_status(
                connection, shop.account.id, id_, payments.State.STOPPED
            )
        )
    await change(shop, **VENDOR)


async def change(shop, **fields):
    asked = merchants.read_change(fields, is_live=False)
    await shop.db.transact(
        lambda connection: merchants.change_merchant(connection, shop.account.id, asked)
    )


async def begun(shop, notifications=BOTH, **changes):
    """The checkout that a daily payment began with; what its own payment led to is forgotten."""
    page = await shop.create(
        mode="recurring",
        payment={"recurring": {"payment_interval": "DAILY", "date_end": str(TODAY + 3 * DAY)}},
        notifications=notifications,
        **changes,
    )
    await shop.pay(page)
    await shop.db.execute("delete from mails")
    return page


async def submitted(shop, *, customer=CUSTOMER, locale=None, f3=0, amount_tax=None, **asked):
    customer_id, token = await shop.stored(card(0, 0, f3))
    record = {
        "customer_id": customer_id,
        "card": {"token": token},
        "payment": {"amount": "100.00", "transaction_reference": "GYM1", "amount_tax": amount_tax},
        "customization": {"locale": locale},
        **asked,
    }
    command = payments.read_submit(record, (CARD,))
    await shop.db.execute("delete from mails")
    return await shop.db.transact(
        lambda connection: payments.submit(connection, shop.account.id, command)
    )


async def charged(shop, days=1, *, of=None):
    """Makes what is due by then; what the newest charge led to."""
    await payments.charge_due(shop.db, shop.acquiring, now=moment_of(TODAY + days * DAY))
    id_ = await shop.db.value(
        "select id from transactions where payment_id is not null order by id desc limit 1"
    )
    return await told_of(shop, id_)


async def told_of(shop, id_):
    async with shop.db.connection() as connection:
        found, _ = await invoices.list_page(connection, 1, Filters(transaction_id=id_), Page(100))
    rows = await shop.db.rows(
        "select kind, recipient from mails where about = $1 or about = any($2) order by id",
        id_,
        [one.id for one in found],
    )
    return Told(id_, [tuple(row) for row in rows], found[::-1])


async def letters(shop):
    """Of each mail that waits its letter, by kind."""
    found = await lease(shop.db, count=20, seconds=60)
    return {mail.kind: await compose(shop.db, mail) for mail in found}


async def test_a_later_charge_is_confirmed_and_invoiced_as_its_first_checkout_asked(shop):
    page = await begun(shop)
    told = await charged(shop)
    assert told.mails == [("confirmation", PAYER)]
    (invoice,) = told.invoices
    assert (invoice.kind, invoice.total.text()) == (Kind.ABRIDGED_TAX_INVOICE, "1200.00")
    payment_id = await shop.db.value("select id from payments where checkout_id = $1", page.id)
    assert (invoice.checkout_id, invoice.payment_id) == (None, payment_id)
    (letter,) = (await letters(shop)).values()
    assert letter.title == "Payment received"
    assert letter.link[0].endswith(invoice.number)
    assert letter.attachments[0].name == f"{invoice.number}.pdf"
    assert any(plan_path(payment_id, KEY) in note for note in letter.notes)
    assert ("Amount", "R1 200.00 ZAR") in [
        (label, value.replace("\xa0", " ")) for label, value in letter.rows
    ]
    await shop.assert_books_are_right()


async def test_who_was_asked_for_nothing_gets_nothing(shop):
    await begun(shop, notifications={})
    assert (await charged(shop)).mails == []
    await submitted(shop)
    told = await charged(shop)
    assert (told.mails, told.invoices) == ([], [])


async def test_the_override_is_written_to_and_the_invoice_goes_to_the_customer(shop):
    await begun(shop, {**BOTH, "confirmation_email_override": "accounts@example.com"})
    told = await charged(shop)
    assert told.mails == [("confirmation", "accounts@example.com"), ("invoice", PAYER)]
    assert {letter.title for letter in (await letters(shop)).values()} == {
        "Payment received",
        "Tax invoice",
    }


async def test_each_charge_has_the_next_number_of_its_own(shop):
    await begun(shop)
    page = await begun(shop)
    await charged(shop, 3)
    rows = await shop.db.rows(
        """
        select n.number, n.transaction_id, n.payment_id from invoices n where series = 'INV'
        order by number
        """
    )
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["transaction_id"] for row in rows}) == len(rows)
    payment_id = await shop.db.value("select id from payments where checkout_id = $1", page.id)
    assert [row["payment_id"] for row in rows].count(payment_id) == 3


async def test_a_refund_of_a_later_charge_has_a_credit_note(shop):
    await begun(shop)
    told = await charged(shop)
    await shop.modify(await shop.transaction(told.id), "refund", 40_000)
    invoice, note = (await told_of(shop, told.id)).invoices
    assert (note.kind, note.total.text()) == (Kind.CREDIT_NOTE, "400.00")
    assert (note.content.refers_to, note.payment_id) == ((invoice.number,), invoice.payment_id)
    assert (await letters(shop))["invoice"].title == "Credit note"
    await shop.assert_books_are_right()


async def test_what_the_first_order_says_of_items_and_tax_holds_for_later_charges(shop):
    order = {
        "reference": "RENT",
        "amount_tax": "0.00",
        "items": [{"name": "Rent of flat 4", "quantity": 1, "unit_amount": "1200.00"}],
    }
    await begun(shop, order=order)
    (invoice,) = (await charged(shop)).invoices
    assert invoice.vat.text() == "0.00"
    assert [line.description for line in invoice.content.lines] == ["Rent of flat 4"]
    (letter,) = (await letters(shop)).values()
    assert [line.name for line in letter.lines] == ["Rent of flat 4"]


async def test_the_merchant_hears_of_later_charges_if_they_want_to(shop):
    await change(shop, policies={"mail_payments": True})
    await begun(shop, notifications={})
    told = await charged(shop)
    assert told.mails == [("payment", "owner@shop.example")]
    letter = (await letters(shop))["payment"]
    assert (letter.title, letter.rows[-1]) == ("New payment", ("Transaction", told.id))
    assert ("Payment method", "Visa ending in 0000") in [
        (label, f"{value[:-4]}0000") for label, value in letter.rows
    ]


async def test_a_submitted_payment_is_told_of_as_its_request_asks(shop):
    payment = await submitted(shop, notifications=BOTH, amount_tax="5.00")
    told = await charged(shop)
    assert told.mails == [("confirmation", PAYER)]
    (invoice,) = told.invoices
    assert (invoice.payment_id, invoice.vat.text()) == (payment.id, "5.00")
    assert invoice.content.lines[0].words == "Order {reference}"
    letter = (await letters(shop))["confirmation"]
    # There is nothing to stop in a single charge.
    assert letter.notes == (
        "Questions, or do you need a refund? Get in touch with Corner shop: owner@shop.example",
    )


async def test_a_charge_that_fails_is_neither_confirmed_nor_invoiced(shop):
    await submitted(shop, f3=1, notifications=BOTH)
    told = await charged(shop)
    assert (told.mails, told.invoices) == ([], [])


async def test_an_answer_that_was_lost_is_told_of_when_it_is_found(shop):
    await submitted(shop, f3=3, notifications=BOTH)
    told = await charged(shop)
    assert told.mails == []
    while (row := await shop.transaction(told.id)).state != "approved":
        await shop.look(row)
    told = await told_of(shop, told.id)
    assert (told.mails, len(told.invoices)) == ([("confirmation", PAYER)], 1)
    # What is found once more changes nothing.
    await shop.look(await shop.transaction(told.id))
    assert await told_of(shop, told.id) == told


async def test_the_same_charge_is_not_invoiced_twice(shop):
    await begun(shop)
    told = await charged(shop)
    transaction = await shop.transaction(told.id)

    async def again(connection):
        await invoices.issue(connection, transaction, Movement(transaction.amount))

    with pytest.raises(Exception, match="invoices_one_of_each"):
        await shop.db.transact(again)


async def test_many_charges_at_once_leave_no_gap(shop):
    for _ in range(3):
        await begun(shop)
    now = moment_of(TODAY + DAY)
    await asyncio.gather(*(payments.charge_due(shop.db, shop.acquiring, now=now) for _ in range(3)))
    numbers = await shop.db.value(
        "select array_agg(number order by number) from invoices where series = 'INV'"
    )
    assert numbers == list(range(1, len(numbers) + 1))


async def test_its_language_is_that_of_the_first_checkout(shop):
    page = await begun(shop, customization={"locale": "fr"})
    told = await charged(shop)
    assert told.invoices[0].content.language == "fr"
    assert (await letters(shop))["confirmation"].language.code == "fr"
    await shop.db.execute("update sessions set language = 'zu' where checkout_id = $1", page.id)
    told = await charged(shop, 2)
    assert told.invoices[0].content.language == "zu"
    assert (await letters(shop))["confirmation"].language.code == "zu"


@pytest.mark.parametrize(
    ("chosen", "asked", "of_checkout", "of_account", "language"),
    [
        ("zu", "fr", "de", "nl", "zu"),
        (None, "fr", "de", "nl", "fr"),
        (None, "auto", "de", "nl", "de"),
        (None, None, "de", "nl", "de"),
        (None, None, "auto", "nl", "nl"),
        (None, None, "auto", "auto", "en"),
    ],
)
async def test_a_submitted_payment_is_in_the_language_that_is_known_of_its_payer(
    shop, chosen, asked, of_checkout, of_account, language
):
    await change(shop, customization={"locale": of_account})
    customer = {**CUSTOMER, "reference": f"CLN-{chosen}-{asked}-{of_checkout}-{of_account}"}
    page = await shop.create(customer=customer, customization={"locale": of_checkout})
    await shop.db.execute(
        "update sessions set language = $2 where checkout_id = $1", page.id, chosen
    )
    paid = await shop.pay(page)
    locale = await shop.db.transact(
        lambda connection: locale_for(connection, shop.account.id, paid.customer_id, asked)
    )
    assert choose(locale or "", "").code == language


async def test_reminders_of_a_submitted_payment_are_in_its_language(shop):
    await submitted(
        shop,
        f3=1,
        locale="sw",
        payment={"amount": "100.00", "recurring": {"payment_interval": "MONTHLY"}},
    )
    await charged(shop, 0)
    assert (await letters(shop))["charge_failed"].language.code == "sw"


async def test_a_merchant_without_an_endpoint_is_written_to_when_a_charge_failed_for_good(shop):
    await change(shop, customization={"locale": "en-ZA"})
    payment = await submitted(shop, payment={"amount": "100.00", "recurring": {}}, f3=2)
    told = await charged(shop, 0)
    assert ("charge_missed", "owner@shop.example") in told.mails
    letter = (await letters(shop))["charge_missed"]
    assert letter.subject == f"R100.00 ZAR could not be charged, order {payment.reference}"
    assert ("Reason", "expired_card") in letter.rows


async def test_one_who_may_hear_of_it_or_whose_charge_is_tried_again_is_not(shop):
    await submitted(shop, payment={"amount": "100.00", "recurring": {}}, f3=1)
    assert (await charged(shop, 0)).mails == []
    described = webhooks.NewEndpoint(
        "https://m.example/hook", "", ("payment.updated",), webhooks.model.Schedule.SHORT
    )
    endpoint = await shop.db.transact(
        lambda connection: webhooks.create_endpoint(connection, 1, described, shop.desk.sealer)
    )
    await submitted(shop, payment={"amount": "100.00", "recurring": {}}, f3=2)
    assert (await charged(shop, 0)).mails == []
    await shop.db.transact(lambda connection: webhooks.remove_endpoint(connection, 1, endpoint.id))
