"""What the account's endpoints are told of a payment."""

from paydesk.db.connection import Connection
from paydesk.payments.model import Payment
from paydesk.payments.states import Event


async def tell(connection: Connection, payment: Payment, event: Event) -> None:
    """Puts the event into the outbox, for each endpoint that wants it."""
