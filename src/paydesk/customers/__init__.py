"""cus_: who pays."""

from paydesk.customers.model import Address, CustomerID, NewCustomer, Shipping
from paydesk.customers.store import UPSERT_CUSTOMER, customer_values
from paydesk.customers.wire import CustomerBody, check_customer, new_customer

__all__ = [
    "UPSERT_CUSTOMER",
    "Address",
    "CustomerBody",
    "CustomerID",
    "NewCustomer",
    "Shipping",
    "check_customer",
    "customer_values",
    "new_customer",
]
