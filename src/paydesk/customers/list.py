"""Finds customers: the verb behind `GET /customers/list`."""

from paydesk.customers import store
from paydesk.customers.model import Customer, Sought
from paydesk.db.connection import Connection
from paydesk.db.listing import Page


async def list_customers(
    connection: Connection, account_id: int, sought: Sought, page: Page
) -> tuple[list[Customer], str | None]:
    """One page of the account's customers, newest first, and the next page's cursor."""
    return await store.search(connection, account_id, sought, page)
