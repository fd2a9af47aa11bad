"""What payment methods refuse."""

from paydesk.errors import Kind, Refusal


class MethodThere(Refusal):
    """The account has this way to pay already; change it instead."""

    kind = Kind.CONFLICT


class MethodNotThere(Refusal):
    """The account does not have this way to pay; add it first."""

    kind = Kind.MISSING


class PaymentMethodMissing(Refusal):
    """There is no payment method with this id."""

    kind = Kind.MISSING
