"""cus_: who pays."""

from paydesk.customers.archive import archive_customer
from paydesk.customers.create import create_customer
from paydesk.customers.errors import CustomerArchived, CustomerMissing, CustomerReferenceTaken
from paydesk.customers.list import list_customers
from paydesk.customers.model import Address, Customer, CustomerID, NewCustomer, Shipping, Sought
from paydesk.customers.show import show_customer
from paydesk.customers.store import (
    UPSERT_CUSTOMER,
    claim_reference,
    customer_reference,
    customer_values,
    has_customer,
    lock_customers,
)
from paydesk.customers.typed import read_typed
from paydesk.customers.update import update_customer
from paydesk.customers.wire import (
    ArchiveCustomerBody,
    CreateCustomerBody,
    CustomerBody,
    CustomerReply,
    UpdateCustomer,
    UpdateCustomerBody,
    check_customer,
    new_customer,
    read_archive,
    read_create,
    read_update,
    show,
)

__all__ = [
    "UPSERT_CUSTOMER",
    "Address",
    "ArchiveCustomerBody",
    "CreateCustomerBody",
    "Customer",
    "CustomerArchived",
    "CustomerBody",
    "CustomerID",
    "CustomerMissing",
    "CustomerReferenceTaken",
    "CustomerReply",
    "NewCustomer",
    "Shipping",
    "Sought",
    "UpdateCustomer",
    "UpdateCustomerBody",
    "archive_customer",
    "check_customer",
    "claim_reference",
    "create_customer",
    "customer_reference",
    "customer_values",
    "has_customer",
    "list_customers",
    "lock_customers",
    "new_customer",
    "read_archive",
    "read_create",
    "read_typed",
    "read_update",
    "show",
    "show_customer",
    "update_customer",
]
