"""Lists an account's checkouts, page by page."""

from paydesk.checkouts import store
from paydesk.checkouts.model import CheckoutList, Filters
from paydesk.db.connection import Connection
from paydesk.db.listing import Page


async def list_checkouts(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> CheckoutList:
    """One page of the checkouts that pass the filters, newest first."""
    return await store.list_page(connection, account_id, filters, page)
