"""Every operation of the API, in the order in which routes are tried and documents tell."""

from paydesk.web.api import (
    cards,
    checkouts,
    customers,
    invoices,
    lookups,
    merchant,
    orders,
    payments,
    transactions,
    transfers,
    webhook_endpoints,
    webhook_secret,
    webhooks,
)
from paydesk.web.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *checkouts.OPERATIONS,
    *orders.OPERATIONS,
    *cards.OPERATIONS,
    *payments.OPERATIONS,
    *transactions.OPERATIONS,
    *transfers.OPERATIONS,
    *invoices.OPERATIONS,
    *customers.OPERATIONS,
    *lookups.OPERATIONS,
    *merchant.OPERATIONS,
    *webhooks.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
    *webhook_secret.OPERATIONS,
)
