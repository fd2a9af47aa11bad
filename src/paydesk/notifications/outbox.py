"""Puts a mail where the worker finds it, in the transaction of the change it tells of."""

from paydesk.db.connection import Connection
from paydesk.db.statement import Statement
from paydesk.kit import ids
from paydesk.notifications.model import Kind

# One statement, because every payment runs it and most want no mail.
_TELL_OF_PAYMENT = Statement("""
    insert into mails (account_id, id, kind, about, recipient)
    select c.account_id, :id, :kind, c.id, coalesce(c.confirmation_email_override, p.email)
    from checkouts c
    left join customers p on p.account_id = c.account_id and p.id = c.customer_id
    where c.account_id = :account_id and c.id = :checkout_id and c.send_confirmation_email
        and coalesce(c.confirmation_email_override, p.email) is not null
    on conflict do nothing
""")


async def tell_of_payment(connection: Connection, account_id: int, checkout_id: str) -> None:
    """Asks for the mails that a completed checkout's merchant wants sent."""
    await _TELL_OF_PAYMENT.run(
        connection,
        {
            "account_id": account_id,
            "checkout_id": checkout_id,
            "id": ids.new("mai"),
            "kind": Kind.CONFIRMATION,
        },
    )
