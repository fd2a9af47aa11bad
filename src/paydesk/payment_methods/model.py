"""What a payment method is: a way to pay that an account has, with the provider's limits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from paydesk.kit.money import Money

PaymentMethodID = NewType("PaymentMethodID", str)


class MethodType(StrEnum):
    """The types served so far; each is an enum of the lookups' payment_method_type."""

    CARD = "CARD"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay.

    Units: limits are in rand, per collection and day, and per month; None is no limit.
    Bounds: abbreviated_name, which payers see on their statement, has 8 characters at most.
    """

    id: PaymentMethodID
    type: MethodType
    abbreviated_name: str
    item_limit: Money | None = None
    monthly_limit: Money | None = None
