"""Puts a customer away: the verb behind `POST /customers/archive`."""

from paydesk.customers import store
from paydesk.customers.errors import CustomerMissing
from paydesk.customers.model import Customer
from paydesk.db.connection import Connection


async def archive_customer(connection: Connection, account_id: int, customer_id: str) -> Customer:
    """The customer, archived; doing it again changes nothing. Raises: CustomerMissing."""
    await store.archive(connection, account_id, customer_id)
    archived = await store.find(connection, account_id, customer_id)
    if archived is None:
        raise CustomerMissing("id")
    return archived
