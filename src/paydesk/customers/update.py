"""Changes a customer: the verb behind `POST /customers/update`."""

from paydesk.customers import store
from paydesk.customers.errors import CustomerArchived, CustomerMissing
from paydesk.customers.model import Customer
from paydesk.customers.wire import UpdateCustomer, read_changed
from paydesk.db.connection import Connection


async def update_customer(
    connection: Connection, account_id: int, command: UpdateCustomer
) -> Customer:
    """The customer with the given fields changed and all others as they were.

    Raises: CustomerMissing, CustomerArchived, Invalid where what comes of it breaks a rule,
        CustomerReferenceTaken, in this order of checking.
    """
    kept = await store.find(connection, account_id, command.id, lock=True)
    if kept is None:
        raise CustomerMissing("id")
    if kept.deleted_at is not None:
        raise CustomerArchived("id")
    return await store.update(connection, account_id, read_changed(kept, command))
