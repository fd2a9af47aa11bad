"""What the account is told of a payment, by its endpoints and the feed: it was made or changed."""

from paydesk import webhooks
from paydesk.db.connection import Connection
from paydesk.payments.model import Payment
from paydesk.payments.states import Event


async def tell(connection: Connection, payment: Payment, event: Event) -> None:
    """Notes the event; the worker makes it, as the payment is then."""
    await webhooks.note_change(connection, payment.account_id, event, payment.id)
