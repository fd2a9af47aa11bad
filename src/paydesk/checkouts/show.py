"""Reads checkouts: for the merchant by id, for the payer by the page's token."""

from paydesk.checkouts import store
from paydesk.checkouts.errors import CheckoutMissing
from paydesk.checkouts.model import PageCheckout, ShownCheckout
from paydesk.db.connection import Connection, Database
from paydesk.languages import LANGUAGES


async def show_checkout(connection: Connection, account_id: int, checkout_id: str) -> ShownCheckout:
    """The account's checkout with this id. Raises: CheckoutMissing."""
    shown = await store.shown(connection, account_id, checkout_id)
    if shown is None:
        raise CheckoutMissing("id")
    return shown


async def choose_language(db: Database, token_hash: bytes, code: str) -> None:
    """Shows the page of this token in this language from now on; nothing for an unknown one."""
    if code in LANGUAGES:
        await store.save_language(db, token_hash, code)


async def open_page(db: Database, token_hash: bytes) -> PageCheckout:
    """What the page of this token shows; notes that it was seen. Raises: CheckoutMissing."""
    page = await store.page(db, token_hash)
    if page is None:
        raise CheckoutMissing("token")
    return page
