"""Lets the time of a test checkout come now: for trying out what a shop makes of it."""

from paydesk.checkouts import store
from paydesk.checkouts.errors import CheckoutMissing
from paydesk.checkouts.expire import abandon
from paydesk.checkouts.move import move
from paydesk.checkouts.states import Event, State, Step
from paydesk.checkouts.warn import warn
from paydesk.db.connection import Connection


async def hurry(connection: Connection, checkout_id: str, event: Event) -> None:
    """Makes the move that time would make, through the same door, with the event it owes.

    Bounds: EXPIRED, ABANDONED and CAPTURE_DUE; no other is made by time alone.
    Raises: CheckoutMissing, for a live one too.
    """
    account_id = await store.test_account(connection, checkout_id)
    if account_id is None:
        raise CheckoutMissing("id")
    if event is Event.ABANDONED:
        await abandon(connection, account_id, checkout_id)
        return
    checkout, now = await store.lock(connection, account_id, checkout_id)
    if event is Event.EXPIRED and checkout.state is State.OPEN:
        await move(connection, checkout, Step.EXPIRE, changes={"expires_at": now})
    if event is Event.CAPTURE_DUE and checkout.transaction_id is not None:
        await warn(connection, account_id, checkout_id, checkout.transaction_id)
