"""What payment methods refuse."""

from paydesk.errors import Kind, Refusal


class PaymentMethodMissing(Refusal):
    """There is no payment method with this id."""

    kind = Kind.MISSING
