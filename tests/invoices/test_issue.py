"""Documents of real payments: what they say, their numbers without gaps, and their mails."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from paydesk import invoices, merchants
from paydesk.db.listing import Page
from paydesk.invoices import Filters, Kind
from world import DECLINED

pytestmark = pytest.mark.anyio

BOTH = {"send_invoice": True, "send_confirmation_email": True}
VENDOR = {
    "legal_name": "Corner Shop (Pty) Ltd",
    "registration_number": "2019/123456/07",
    "is_vat_vendor": True,
    "vat_number": "4123456789",
    "address": {"line1": "1 Church Street", "city_or_town": "Prince Albert", "country": "ZA"},
}
ADDRESS = {
    "line1": "1 Loop Street",
    "city_or_town": "Cape Town",
    "postal_or_zip_code": "8001",
    "country": "ZA",
}


@pytest.fixture(autouse=True)
async def vendor(shop, anyio_backend):
    """Each test begins with a vendor who has said all of their business."""
    await change(shop, **VENDOR)


async def change(shop, **fields):
    asked = merchants.read_change(fields, is_live=False)
    await shop.db.transact(
        lambda connection: merchants.change_merchant(connection, shop.account.id, asked)
    )


async def paid(shop, **changes):
    page = await shop.create(**{"notifications": {"send_invoice": True}, **changes})
    return await shop.pay(page)


async def issued(shop, transaction):
    async with shop.db.connection() as connection:
        found, _ = await invoices.list_page(
            connection, 1, Filters(transaction_id=transaction.id), Page(100)
        )
    return found[::-1]


def number_of(invoice):
    return int(invoice.number.rpartition("-")[2])


async def mails(shop, transaction):
    rows = await shop.db.rows(
        """
        select m.kind, m.recipient from mails m
        where m.about = $1 or m.about in (select id from invoices where transaction_id = $2)
        order by m.id
        """,
        transaction.checkout_id,
        transaction.id,
    )
    return [tuple(row) for row in rows]


async def test_a_vendor_s_payment_gets_a_tax_invoice(shop):
    transaction = await paid(shop)
    (invoice,) = await issued(shop, transaction)
    assert invoice.kind is Kind.ABRIDGED_TAX_INVOICE
    assert (invoice.total.text(), invoice.vat.text()) == ("1200.00", "156.52")
    content = invoice.content
    assert (content.rate, content.refers_to, content.is_live) == (1500, (), False)
    assert content.supplier.name == "Corner Shop (Pty) Ltd"
    assert content.supplier.address == ("1 Church Street", "Prince Albert", "South Africa")
    assert content.supplier.vat_number == "4123456789"
    assert content.recipient.name == "John Doe"
    assert [(line.description, line.quantity) for line in content.lines] == [("Monthly plan", 1)]
    assert await mails(shop, transaction) == [("invoice", "johndoe@mail.com")]
    await shop.assert_books_are_right()


async def test_who_did_not_ask_or_did_not_pay_gets_no_invoice(shop):
    transaction = await shop.sale()
    assert await issued(shop, transaction) == []
    page = await shop.create(notifications=BOTH)
    assert await issued(shop, await shop.pay(page, DECLINED)) == []


async def test_above_five_thousand_rand_the_recipient_is_named(shop):
    customer = {
        "reference": "CLN-FULL",
        "company_name": "Big Buyer",
        "email": "b@example.com",
        "billing_address": ADDRESS,
    }
    (invoice,) = await issued(shop, await paid(shop, amount="5000.01", customer=customer))
    assert invoice.kind is Kind.FULL_TAX_INVOICE
    assert invoice.content.recipient.name == "Big Buyer"
    assert invoice.content.recipient.address == ("1 Loop Street", "Cape Town 8001", "South Africa")
    without = {"reference": "CLN-NONE", "company_name": "Big Buyer", "email": "b@example.com"}
    (invoice,) = await issued(shop, await paid(shop, amount="5000.01", customer=without))
    assert (invoice.kind, invoice.vat) == (Kind.RECEIPT, None)


async def test_a_merchant_who_is_no_vendor_issues_receipts(shop):
    await change(shop, is_vat_vendor=False)
    (invoice,) = await issued(shop, await paid(shop))
    assert (invoice.kind, invoice.vat, invoice.content.rate) == (Kind.RECEIPT, None, None)
    assert invoice.content.supplier.vat_number == ""
    assert invoice.number.startswith("TEST-REC-")


async def test_the_order_s_own_tax_and_items_are_what_the_invoice_says(shop):
    order = {
        "reference": "ORD-TAX",
        "amount_subtotal": "1100.00",
        "amount_shipping": "0.00",
        "amount_discount": "50.00",
        "amount_tax": "150.00",
        "amount_total": "1200.00",
        "items": [
            {"name": "Beans", "quantity": 2, "unit_amount": "500.00"},
            {"name": "Papers", "quantity": 1, "unit_amount": "100.00", "discount_amount": "0.50"},
        ],
    }
    (invoice,) = await issued(shop, await paid(shop, order=order))
    # Part of it is zero-rated, so no rate is named.
    assert (invoice.vat.text(), invoice.content.rate) == ("150.00", None)
    told = [(line.description, line.quantity, line.amount.text()) for line in invoice.content.lines]
    assert told == [("Beans", 2, "1000.00"), ("Papers", 1, "100.00"), ("Discount", 0, "-50.00")]


async def test_without_a_discount_of_the_order_the_items_have_their_own(shop):
    item = {"name": "Beans", "quantity": 2, "unit_amount": "600.50", "discount_amount": "1.00"}
    order = {"reference": "ORD-ITEMS", "amount_total": "1200.00", "items": [item]}
    (invoice,) = await issued(shop, await paid(shop, order=order))
    assert [line.amount.text() for line in invoice.content.lines] == ["1200.00"]


async def test_refunds_get_credit_notes_that_come_to_the_invoice_s_vat(shop):
    transaction = await paid(shop)
    for amount in (33_333, 33_333, None):
        await shop.modify(transaction, "refund", amount)
    invoice, *notes = await issued(shop, transaction)
    assert [note.kind for note in notes] == [Kind.CREDIT_NOTE] * 3
    assert [note.total.text() for note in notes] == ["333.33", "333.33", "533.34"]
    assert sum(note.vat.minor for note in notes) == invoice.vat.minor
    assert {note.content.refers_to for note in notes} == {(invoice.number,)}
    assert [number_of(note) for note in notes] == list(
        range(number_of(notes[0]), number_of(notes[0]) + 3)
    )
    assert await mails(shop, transaction) == [("invoice", "johndoe@mail.com")] * 4
    await shop.assert_books_are_right()


async def test_a_refund_of_a_receipt_or_of_nothing_is_no_credit_note(shop):
    await change(shop, is_vat_vendor=False)
    transaction = await paid(shop)
    await change(shop, is_vat_vendor=True)
    await shop.modify(transaction, "refund")
    receipt, back = await issued(shop, transaction)
    assert (receipt.kind, back.kind, back.vat) == (Kind.RECEIPT, Kind.REFUND_RECEIPT, None)
    bare = await shop.sale()
    await shop.modify(bare, "refund")
    assert await issued(shop, bare) == []


async def test_what_is_authorised_is_invoiced_when_it_is_captured(shop):
    held = {"payment": {"payment_type": "PRE_AUTHORIZATION"}}
    transaction = await paid(shop, **held)
    assert await issued(shop, transaction) == []
    for amount in (40_001, None):
        await shop.modify(transaction, "capture", amount)
    parts = await issued(shop, transaction)
    assert [part.total.text() for part in parts] == ["400.01", "799.99"]
    assert sum(part.vat.minor for part in parts) == 15_652
    assert parts[0].content.lines[0].description == "Part of order ORD0045"
    await shop.modify(transaction, "refund")
    *_, note = await issued(shop, transaction)
    assert (note.vat.minor, note.content.refers_to) == (15_652, tuple(p.number for p in parts))
    let_go = await paid(shop, **held)
    await shop.modify(let_go, "void")
    assert await issued(shop, let_go) == []


async def test_a_part_that_was_only_receipted_gives_its_vat_back_too(shop):
    """Up to R50 there is no tax invoice; the VAT was in it all the same."""
    transaction = await paid(shop, payment={"payment_type": "PRE_AUTHORIZATION"})
    for amount in (4_000, None):
        await shop.modify(transaction, "capture", amount)
    receipt, invoice = await issued(shop, transaction)
    assert (receipt.kind, receipt.vat) == (Kind.RECEIPT, None)
    assert (invoice.kind, invoice.vat.text()) == (Kind.ABRIDGED_TAX_INVOICE, "151.30")
    await shop.modify(transaction, "refund")
    *_, note = await issued(shop, transaction)
    assert (note.kind, note.total.text(), note.vat.text()) == (
        Kind.CREDIT_NOTE,
        "1200.00",
        "156.52",
    )
    assert note.content.rate == 1500


async def test_a_confirmation_brings_the_invoice_to_the_same_address(shop):
    transaction = await paid(shop, notifications=BOTH)
    assert await mails(shop, transaction) == [("confirmation", "johndoe@mail.com")]
    elsewhere = {**BOTH, "confirmation_email_override": "accounts@example.com"}
    transaction = await paid(shop, notifications=elsewhere)
    assert await mails(shop, transaction) == [
        ("confirmation", "accounts@example.com"),
        ("invoice", "johndoe@mail.com"),
    ]


async def test_payments_at_the_same_time_leave_no_gap(shop):
    begun = [
        await shop.begin(await shop.create(notifications={"send_invoice": True})) for _ in range(6)
    ]
    # One of them is undone after it took its number.
    taken = asyncio.Event()

    async def lose(connection):
        row = replace(begun[0].transaction)
        assert await invoices.issue(connection, row, invoices.Movement(row.amount))
        taken.set()
        await asyncio.sleep(0.2)
        raise asyncpg.RaiseError("lost")

    async def finish(one):
        from paydesk import checkouts

        await taken.wait()
        await checkouts.finish(shop.db, shop.acquiring, one)

    lost, *_ = await asyncio.gather(
        shop.db.transact(lose), *map(finish, begun), return_exceptions=True
    )
    assert isinstance(lost, asyncpg.RaiseError)
    rows = await shop.db.rows("select number from invoices where series = 'INV' order by number")
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))


async def test_what_was_issued_stays_as_it_was(shop):
    transaction = await paid(shop)
    before = await issued(shop, transaction)
    await change(shop, legal_name="Renamed (Pty) Ltd")
    assert await issued(shop, transaction) == before
    for change_ in ("update invoices set total = 1", "delete from invoices"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await shop.db.execute(change_)


async def test_a_document_is_in_the_payer_s_language_and_so_is_that_of_its_refund(shop):
    looks = {"customization": {"locale": "fr"}}
    assert (await issued(shop, await paid(shop, **looks)))[0].content.language == "fr"
    page = await shop.create(notifications={"send_invoice": True}, **looks)
    await shop.db.execute("update sessions set language = 'zu' where checkout_id = $1", page.id)
    transaction = await shop.pay(page)
    await shop.modify(transaction, "refund", 1_000)
    told = await issued(shop, transaction)
    assert [one.content.language for one in told] == ["zu", "zu"]
    # What is ours is kept in English, with what it says in other languages.
    line = told[1].content.lines[0]
    assert (line.description, line.words) == ("Refund, order ORD0045", "Refund, order {reference}")


async def test_another_account_finds_none_of_them(shop):
    (invoice,) = await issued(shop, await paid(shop))
    async with shop.db.connection() as connection:
        assert await invoices.find(connection, 1, invoice.id) == invoice
        assert await invoices.find(connection, 2, invoice.id) is None
        found, _ = await invoices.list_page(connection, 2, Filters(), Page(10))
    assert found == []
