"""Whether an order's sums agree with each other and with what is to be paid. Pure."""

from collections.abc import Sequence

from paydesk.kit.money import Money
from paydesk.orders.model import Amounts, Item


def total_of_parts(amounts: Amounts) -> Money | None:
    """What the subtotal, discount, shipping and tax come to; None without a subtotal."""
    if amounts.subtotal is None:
        return None
    total = amounts.subtotal
    for part in (amounts.shipping, amounts.tax):
        total = total if part is None else total + part
    return total if amounts.discount is None else total - amounts.discount


def totals_of_items(items: Sequence[Item]) -> tuple[Money, Money]:
    """What the items come to: with their tax included in the prices, and with it added.

    Bounds: at least one item.
    """
    nothing = Money(0, items[0].unit_amount.currency)
    inclusive, tax = nothing, nothing
    for item in items:
        inclusive = inclusive + item.unit_amount * item.quantity - (item.discount or nothing)
        tax = tax + (item.tax or nothing)
    return inclusive, inclusive + tax
