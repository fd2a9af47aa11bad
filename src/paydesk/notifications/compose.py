"""Which letter a mail is."""

from collections.abc import Awaitable, Callable

from paydesk import invoices
from paydesk.db.connection import Database
from paydesk.notifications import store
from paydesk.notifications.confirm import confirmation
from paydesk.notifications.enclose import enclose
from paydesk.notifications.hand_over import invoice_letter
from paydesk.notifications.inform import payment_letter, undelivered_letter
from paydesk.notifications.model import Kind, Letter, Mail


def composer(*, base_url: str, key: bytes) -> Callable[[Database, Mail], Awaitable[Letter]]:
    """What makes a mail's letter, from what it tells of as that stands then.

    base_url and key are those of documents' own pages.
    """

    async def compose(db: Database, mail: Mail) -> Letter:
        if mail.kind is Kind.PAYMENT:
            return payment_letter(await store.paid(db, mail.account_id, mail.about), mail)
        if mail.kind is Kind.UNDELIVERED:
            return undelivered_letter(await store.informed(db, mail.account_id), mail)
        is_confirmation = mail.kind is Kind.CONFIRMATION
        find = invoices.of_checkout if is_confirmation else invoices.find
        async with db.connection() as connection:
            invoice = await find(connection, mail.account_id, mail.about)
        enclosed = None
        if invoice is not None:
            enclosed = await enclose(invoice, base_url=base_url, key=key)
        if is_confirmation:
            return confirmation(await store.paid(db, mail.account_id, mail.about), enclosed)
        assert enclosed is not None, "a mail tells of what is committed with it"
        paid = await store.paid(db, mail.account_id, enclosed.invoice.checkout_id)
        return invoice_letter(paid, enclosed)

    return compose
