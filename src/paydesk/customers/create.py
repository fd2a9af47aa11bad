"""Makes a customer: the verb behind `POST /customers/create`."""

from paydesk.customers import store
from paydesk.customers.errors import CustomerReferenceTaken
from paydesk.customers.model import Customer, NewCustomer
from paydesk.db.connection import Connection


async def create_customer(connection: Connection, account_id: int, new: NewCustomer) -> Customer:
    """The customer made. Raises: CustomerReferenceTaken, also by an archived customer."""
    made = await store.insert(connection, account_id, new)
    if made is None:
        raise CustomerReferenceTaken("reference")
    return made
