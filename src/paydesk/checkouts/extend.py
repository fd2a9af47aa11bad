"""More time for a payer: puts off the end of an open checkout, a few times."""

from datetime import timedelta

from paydesk import limits
from paydesk.checkouts import store
from paydesk.checkouts.errors import CheckoutEnded, ExtensionsUsedUp
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.move import move
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection


def is_near_end(seconds_left: int) -> bool:
    """Whether the payer is offered more time."""
    return seconds_left <= limits.EXTENSION_OFFERED_SECONDS


async def extend_checkout(connection: Connection, account_id: int, checkout_id: str) -> Checkout:
    """The checkout with its later end. One that is not near its end stays as it is.

    So two presses are one extension: after the first the end is no longer near. Nobody is told;
    the show call has the new end.
    Raises: CheckoutEnded, where it has ended or is being paid; ExtensionsUsedUp.
    """
    checkout, now = await store.lock(connection, account_id, checkout_id)
    if checkout.state is not State.OPEN or checkout.expires_at <= now:
        raise CheckoutEnded("id")
    if not is_near_end((checkout.expires_at - now) // timedelta(seconds=1)):
        return checkout
    if checkout.extensions >= limits.EXTENSIONS_MAX:
        raise ExtensionsUsedUp("id")
    changes = {
        "expires_at": checkout.expires_at + timedelta(seconds=limits.EXTENSION_SECONDS),
        "extensions": checkout.extensions + 1,
    }
    return await move(connection, checkout, Step.EXTEND, changes=changes)
