"""What an order is: what is sold, for how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

from paydesk.kit.money import Money

OrderID = NewType("OrderID", str)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order. unit_amount is for one piece; tax and discount for the line."""

    sku: str | None
    name: str
    quantity: int
    unit_amount: Money
    tax: Money | None
    discount: Money | None
    metadata: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's sums. total = subtotal − discount + shipping + tax, where they are given."""

    total: Money
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order about to be made, complete and checked."""

    id: OrderID
    reference: str
    description: str | None
    amounts: Amounts
    items: tuple[Item, ...]
