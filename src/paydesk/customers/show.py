"""Finds one customer: the verb behind `GET /customers/{id}`."""

from paydesk.customers import store
from paydesk.customers.errors import CustomerMissing
from paydesk.customers.model import Customer
from paydesk.db.connection import Connection


async def show_customer(connection: Connection, account_id: int, customer_id: str) -> Customer:
    """The account's customer with this id, archived or not. Raises: CustomerMissing."""
    found = await store.find(connection, account_id, customer_id)
    if found is None:
        raise CustomerMissing("id")
    return found
