"""What a checkout refuses."""

from paydesk.errors import Kind, Refusal


class SameOrder(Refusal):
    """An order given beside order_id must have that order's reference."""


class OrderCustomer(Refusal):
    """The order has another customer. Leave the customer out, or change the order's first."""


class SameCustomer(Refusal):
    """A customer given beside customer_id must have that customer's reference."""


class OrderClosed(Refusal):
    """The order is cancelled or has expired. Set its order_status to PENDING first."""

    kind = Kind.CONFLICT


class OrderTotal(Refusal):
    """The amount and currency must be those of the order."""


class CardsNotActive(Refusal):
    """One of these cards is not an active saved card of the checkout's customer."""

    kind = Kind.LOOKUP


class CheckoutMissing(Refusal):
    """There is no checkout with this id."""

    kind = Kind.MISSING


class CheckoutEnded(Refusal):
    """The checkout has ended, or its payment is under way; it can't be changed any more."""

    kind = Kind.CONFLICT


class ChangesUsedUp(Refusal):
    """This checkout has been changed too often. Cancel it and make another."""

    kind = Kind.CONFLICT


class ExtensionsUsedUp(Refusal):
    """More time was asked for ten times already; there is no more to give."""

    kind = Kind.CONFLICT


class MethodLimitReached(Refusal):
    """This way to pay has reached its limit for the month. Please choose another."""

    kind = Kind.CONFLICT


class NotByHand(Refusal):
    """This payment is not made by hand, so nothing comes in for it but through its provider."""

    kind = Kind.CONFLICT


class TransferEnded(Refusal):
    """This transfer is paid or over. Its bank reports what comes in for it by itself."""

    kind = Kind.CONFLICT


class NoPaymentMethod(Refusal):
    """No payment method on offer takes this amount. GET /payment-methods has their limits."""


class AccountWithoutConnector(Refusal):
    """This live account has no acquirer yet, so it can't take payments. Configure one first."""
