"""What the account's endpoints are told of a payment: the record that its list call has."""

from paydesk import webhooks
from paydesk.db.connection import Connection
from paydesk.kit import clock, ids, json
from paydesk.payments import store
from paydesk.payments.model import Payment
from paydesk.payments.states import Event
from paydesk.payments.wire import show
from paydesk.webhooks import NewEvent


async def tell(connection: Connection, payment: Payment, event: Event) -> None:
    """Puts the event into the outbox, of a payment that is saved as it is to be told."""
    shown = await store.shown(connection, payment.account_id, payment.id)
    assert shown is not None, "it is saved by this transaction"
    id_ = ids.new("web")
    body = {
        "id": id_,
        "event": event,
        "data": [{"payment": show(shown)}],
        "created_at": clock.iso(clock.now()),
    }
    told = NewEvent(id_, event, None, payment.events, json.write(body))
    await webhooks.append_for_account(connection, payment.account_id, told)
