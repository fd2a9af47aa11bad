"""What an order is: what is sold, for how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from paydesk.kit.money import Money
from paydesk.orders.states import State

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
    metadata: Mapping[str, Any] | None = None
    fulfillment_status: str = "UNFULFILLED"


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """The command to make an order. A path names the request's field that a value came by."""

    order: NewOrder
    customer_id: str | None
    status: State | None
    status_path: str
    customer_path: str = "customer_id"


@dataclass(frozen=True, slots=True)
class UpdateOrder:
    """The command to change an order: only what it names changes. A status of None is not named.

    Shape: fields are Order's, with their new values; sums is what the request says of amounts,
        currency and items, in its own spelling, null where it clears. How sums read depends on
        the order, whose currency may be left unsaid.
    """

    id: str
    fields: Mapping[str, Any]
    sums: Mapping[str, Any]
    status: State | None
    status_path: str
    customer_path: str = "customer_id"


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is kept."""

    id: str
    reference: str
    description: str | None
    customer_id: str | None
    amounts: Amounts
    items: tuple[Item, ...]
    metadata: Mapping[str, Any] | None
    status: State
    fulfillment_status: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which orders a list is of. What is None is not asked."""

    order_id: str | None = None
    reference: str | None = None
    customer_id: str | None = None
    status: str | None = None
    fulfillment_status: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
