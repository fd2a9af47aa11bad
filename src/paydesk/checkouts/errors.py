"""What a checkout refuses."""

from paydesk.errors import Kind, Refusal


class OrderMissing(Refusal):
    """There is no order with this id."""

    kind = Kind.MISSING


class CustomerMissing(Refusal):
    """There is no customer with this id."""

    kind = Kind.MISSING


class SameOrder(Refusal):
    """An order given beside order_id must have that order's reference."""


class SameCustomer(Refusal):
    """A customer given beside customer_id must have that customer's reference."""


class OrderTotal(Refusal):
    """The amount and currency must be those of the order."""


class OrderPaid(Refusal):
    """The order is paid already."""

    kind = Kind.CONFLICT


class CheckoutMissing(Refusal):
    """There is no checkout with this id."""

    kind = Kind.MISSING


class CheckoutEnded(Refusal):
    """The checkout has ended, or its payment is under way; it can't be changed any more."""

    kind = Kind.CONFLICT


class AccountWithoutConnector(Refusal):
    """This live account has no acquirer yet, so it can't take payments. Configure one first."""
