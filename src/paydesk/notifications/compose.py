"""Which letter a mail is."""

from collections.abc import Awaitable, Callable
from datetime import date

from paydesk import invoices
from paydesk.db.connection import Connection, Database
from paydesk.invoices import Invoice
from paydesk.kit.page_tokens import plan_path
from paydesk.notifications import store
from paydesk.notifications.confirm import confirmation
from paydesk.notifications.enclose import enclose
from paydesk.notifications.hand_over import invoice_letter
from paydesk.notifications.inform import card_testing_letter, payment_letter, undelivered_letter
from paydesk.notifications.missed import missed_letter
from paydesk.notifications.model import Kind, Letter, Mail
from paydesk.notifications.planned import payment_of, planned
from paydesk.notifications.remind import REMINDERS, reminder, with_plan


def composer(*, base_url: str, key: bytes) -> Callable[[Database, Mail], Awaitable[Letter]]:
    """What makes a mail's letter, from what it tells of as that stands then.

    base_url and key are those of documents' own pages.
    """

    async def compose(db: Database, mail: Mail) -> Letter:
        if mail.kind is Kind.PAYMENT:
            return payment_letter(await store.paid(db, mail.account_id, mail.about), mail)
        if mail.kind is Kind.UNDELIVERED:
            return undelivered_letter(await store.informed(db, mail.account_id), mail)
        if mail.kind is Kind.CARD_TESTING:
            return card_testing_letter(await store.informed(db, mail.account_id))
        if mail.kind is Kind.CHARGE_MISSED:
            return missed_letter(await store.missed(db, mail.account_id, mail.about), mail)
        if mail.kind in REMINDERS:
            payment_id, day, *_ = mail.about.split(" ")
            told = await planned(db, mail.account_id, payment_id)
            url = f"{base_url}{plan_path(payment_id, key)}"
            return reminder(told, mail.kind, date.fromisoformat(day), url)
        is_confirmation = mail.kind is Kind.CONFIRMATION
        find = _first_of if is_confirmation else invoices.find
        async with db.connection() as connection:
            invoice = await find(connection, mail.account_id, mail.about)
        enclosed = None
        if invoice is not None:
            enclosed = await enclose(invoice, base_url=base_url, key=key)
        if is_confirmation:
            letter = confirmation(await store.paid(db, mail.account_id, mail.about), enclosed)
            begun = await payment_of(db, mail.account_id, mail.about)
            return with_plan(letter, f"{base_url}{plan_path(begun, key)}") if begun else letter
        assert enclosed is not None, "a mail tells of what is committed with it"
        paid = await store.paid(db, mail.account_id, enclosed.invoice.about)
        return invoice_letter(paid, enclosed)

    return compose


async def _first_of(connection: Connection, account_id: int, about: str) -> Invoice | None:
    """The document that a confirmation brings, of a checkout or of a later charge."""
    if store.is_charge(about):
        return await invoices.of_transaction(connection, account_id, about)
    return await invoices.of_checkout(connection, account_id, about)
