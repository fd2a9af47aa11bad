"""JSON ⇄ orders, as the calls of `/orders` have them and as the checkout's nested `order`.

The same rules serve both; `place` is where in the request the order stands, `("order",)` or `()`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from jiter import LosslessFloat
from pydantic import Field

# pydantic, which makes the OpenAPI document of these, takes no other before Python 3.12.
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.errors import Fault, Invalid, Kind
from paydesk.kit import clock, ids
from paydesk.kit.fields import (
    ID,
    Amount,
    Body,
    Given,
    Metadata,
    Number,
    Reference,
    Required,
    Text,
    check,
    not_of_currency,
    nothing,
)
from paydesk.kit.money import Currency, Money, MoneyFault
from paydesk.orders.model import (
    Amounts,
    CreateOrder,
    Item,
    NewOrder,
    Order,
    OrderID,
    UpdateOrder,
)
from paydesk.orders.states import State
from paydesk.orders.totals import total_of_parts, totals_of_items

Place = tuple[str | int, ...]

_PARTS = ("amount_subtotal", "amount_discount", "amount_shipping", "amount_tax")
_SUMS = (*_PARTS, "amount_total")
_MONEY_FIELDS = (*_SUMS, "currency_lookups_id", "currency", "items")


class ItemBody(Body):
    REQUIRED = ("name", "quantity", "unit_amount")

    sku: Text = None
    name: Text = None
    quantity: Annotated[int | None, Field(ge=1, le=limits.ITEM_QUANTITY_MAX)] = None
    unit_amount: Amount = None
    tax_amount: Amount = None
    discount_amount: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    metadata: Metadata = None


class OrderBody(Body):
    REQUIRED: ClassVar[Required] = (("description", "items"),)

    reference: Reference = None
    description: Text = None
    amount_subtotal: Amount = None
    amount_discount: Amount = None
    amount_shipping: Amount = None
    amount_tax: Amount = None
    amount_total: Amount = None
    items: Annotated[list[ItemBody] | None, Field(max_length=limits.ORDER_ITEMS_MAX)] = None
    metadata: Metadata = None


class CreateOrderBody(OrderBody):
    REQUIRED: ClassVar[Required] = (
        ("currency_lookups_id", "currency"),
        ("description", "items"),
        ("amount_total", "amount_subtotal", "items"),
    )

    customer_id: ID = None
    customers_id: ID = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    order_status_lookups_id: Annotated[Text, lookups.lookup_id("order_status")] = None
    order_status: Annotated[Text, lookups.lookup_enum("order_status")] = None
    fulfillment_status_lookups_id: Annotated[Text, lookups.lookup_id("fulfillment_status")] = None
    fulfillment_status: Annotated[Text, lookups.lookup_enum("fulfillment_status")] = None


class UpdateOrderBody(CreateOrderBody):
    REQUIRED = ("id",)

    id: ID = None


class DeleteOrderBody(Body):
    REQUIRED = ("id",)

    id: ID = None


class ItemReply(TypedDict):
    sku: str | None
    name: str
    quantity: int
    unit_amount: str
    tax_amount: Number | None
    discount_amount: Number | None
    currency_lookups_id: str
    currency: str
    metadata: Mapping[str, Any] | None


class OrderReply(TypedDict):
    id: str
    reference: str
    description: str | None
    customer_id: str | None
    amount_subtotal: str | None
    amount_discount: str | None
    amount_shipping: str | None
    amount_tax: str | None
    amount_total: str
    currency_lookups_id: str
    currency: str
    order_status_lookups_id: str
    order_status: str
    fulfillment_status_lookups_id: str
    fulfillment_status: str
    items: list[ItemReply]
    metadata: Mapping[str, Any] | None
    created_at: str
    updated_at: str
    deleted_at: str | None


# The records of /orders ------------------------------------------------------------------------


def read_create(record: Mapping[str, Any]) -> CreateOrder:
    """The command that a record of `POST /orders/create` asks for.

    Raises: Invalid, with every fault of the record at once.
    """
    body, faults = check(CreateOrderBody, record)
    given = Given(record, faults)
    lookups.require(given, "currency")
    if not _positions(given, ()) and not given.is_faulty("items"):
        given.require("description")
    given.same(("customer_id",), ("customers_id",))
    amounts = _read_amounts(given)
    status = lookups.chosen(given, "order_status")
    fulfillment = lookups.chosen(given, "fulfillment_status")
    if body is None or amounts is None or given.faults:
        raise Invalid(given.faults)
    id_ = OrderID(ids.new("ord"))
    order = NewOrder(
        id=id_,
        reference=body.reference or str(id_),
        description=body.description,
        amounts=amounts,
        items=_items(body, amounts.total.currency),
        metadata=body.metadata,
    )
    if fulfillment is not None:
        order = replace(order, fulfillment_status=fulfillment)
    return CreateOrder(
        order=order,
        customer_id=body.customer_id or body.customers_id,
        status=None if status is None else State(status),
        status_path=lookups.path_given(given, "order_status"),
        customer_path=_customer_path(body),
    )


def _customer_path(body: CreateOrderBody) -> str:
    """The spelling in which the customer is named."""
    return "customer_id" if body.customers_id is None else "customers_id"


def read_update(record: Mapping[str, Any]) -> UpdateOrder:
    """The command that a record of `POST /orders/update` asks for.

    What is not named stays; null or blank clears.
    Raises: Invalid, with every fault of the record at once.
    """
    body, faults = check(UpdateOrderBody, record)
    given = Given(record, faults)
    given.require("id")
    if "reference" in record:
        given.require("reference")
    given.same(("customer_id",), ("customers_id",))
    _chosen_if_named(given, record, "currency")
    status = _chosen_if_named(given, record, "order_status")
    fulfillment = _chosen_if_named(given, record, "fulfillment_status")
    if body is None or body.id is None or given.faults:
        raise Invalid(given.faults)
    plain = ("reference", "description", "metadata")
    fields = {name: getattr(body, name) for name in plain if name in record}
    if "customer_id" in record or "customers_id" in record:
        fields["customer_id"] = body.customer_id or body.customers_id
    if fulfillment is not None:
        fields["fulfillment_status"] = fulfillment
    return UpdateOrder(
        id=body.id,
        fields=fields,
        sums={name: given(name) for name in _MONEY_FIELDS if name in record},
        status=None if status is None else State(status),
        status_path=lookups.path_given(given, "order_status"),
        customer_path=_customer_path(body),
    )


def _chosen_if_named(given: Given, record: Mapping[str, Any], field: str) -> str | None:
    """The enum of a lookup that an order always has; notes a fault where it is named as null."""
    spellings = (f"{field}_lookups_id", field)
    if not any(spelling in record for spelling in spellings):
        return None
    if all(given(spelling) is None for spelling in spellings):
        given.require(next(spelling for spelling in spellings if spelling in record))
    return lookups.chosen(given, field)


def read_delete(record: Mapping[str, Any]) -> str:
    """The id of the order that a record of `POST /orders/delete` names. Raises: Invalid."""
    body, faults = check(DeleteOrderBody, record)
    given = Given(record, faults)
    given.require("id")
    if body is None or body.id is None or given.faults:
        raise Invalid(given.faults)
    return body.id


def order_after(order: Order, update: UpdateOrder) -> Order:
    """The order as the update leaves it, but for its state. Raises: Invalid."""
    after = replace(order, **update.fields)
    if update.sums:
        amounts, items = _sums_after(order, update.sums)
        after = replace(after, amounts=amounts, items=items)
    # An order that a checkout made of its bare amount has neither, and may stay so.
    if _is_described(order) and not _is_described(after):
        path = "description" if "description" in update.fields else "items"
        sentence = "An order needs a description or an item."
        raise Invalid([Fault(path, "required", sentence, Kind.PARAMETERS)])
    return after


def _is_described(order: Order) -> bool:
    return order.description is not None or bool(order.items)


def _sums_after(order: Order, sums: Mapping[str, Any]) -> tuple[Amounts, tuple[Item, ...]]:
    """The order's amounts and items after the update, read as one record with what stays.

    A total that follows from what is given anew is worked out anew.
    Raises: Invalid.
    """
    record = _sums_record(order)
    if "currency_lookups_id" in sums:
        del record["currency"]
    record |= sums
    if "amount_total" not in sums and _total_follows(order, record):
        del record["amount_total"]
    body, faults = check(OrderBody, record)
    given = Given(record, faults)
    amounts = _read_amounts(given)
    if body is None or amounts is None or given.faults:
        raise Invalid(given.faults)
    return amounts, _items(body, amounts.total.currency)


def show(order: Order) -> OrderReply:
    """One entry of `results`."""
    amounts = order.amounts
    return {
        "id": order.id,
        "reference": order.reference,
        "description": order.description,
        "customer_id": order.customer_id,
        "amount_subtotal": _text(amounts.subtotal),
        "amount_discount": _text(amounts.discount),
        "amount_shipping": _text(amounts.shipping),
        "amount_tax": _text(amounts.tax),
        "amount_total": amounts.total.text(),
        "currency_lookups_id": lookups.id_of("currency", amounts.total.currency.code),
        "currency": amounts.total.currency.code,
        "order_status_lookups_id": lookups.id_of("order_status", order.status),
        "order_status": order.status.value,
        "fulfillment_status_lookups_id": lookups.id_of(
            "fulfillment_status", order.fulfillment_status
        ),
        "fulfillment_status": order.fulfillment_status,
        "items": [_show_item(item) for item in order.items],
        "metadata": order.metadata,
        "created_at": clock.sast(order.created_at),
        "updated_at": clock.sast(order.updated_at),
        "deleted_at": clock.sast_or_none(order.deleted_at),
    }


def _show_item(item: Item) -> ItemReply:
    currency = item.unit_amount.currency.code
    return {
        "sku": item.sku,
        "name": item.name,
        "quantity": item.quantity,
        "unit_amount": item.unit_amount.text(),
        # Numbers here and texts everywhere else, as the reference has them.
        "tax_amount": _number(item.tax),
        "discount_amount": _number(item.discount),
        "currency_lookups_id": lookups.id_of("currency", currency),
        "currency": currency,
        "metadata": item.metadata,
    }


def _read_amounts(given: Given) -> Amounts | None:
    """A record's sums, its total filled in; None, with the faults noted, where they don't fit."""
    code = lookups.chosen(given, "currency")
    currency = None if code is None else lookups.currency(code)
    lines = _check_items(given, currency, ())
    if currency is None:
        return None
    sums = {field: money(given, currency, field) for field in _SUMS}
    if any(given.is_faulty(field) for field in (*_SUMS, "items")) or None in lines:
        return None
    total = _total(given, sums, [line for line in lines if line is not None])
    if total is None or not _is_payable(given, total):
        return None
    amounts = _amounts(sums, total)
    _check_parts(given, amounts, ())
    return amounts


def _total(given: Given, sums: Mapping[str, Money | None], lines: Sequence[Item]) -> Money | None:
    """The total that is given, or that the parts come to, or the items where no sum is given."""
    if sums["amount_total"] is not None:
        return sums["amount_total"]
    if sums["amount_subtotal"] is not None:
        return total_of_parts(_amounts(sums, sums["amount_subtotal"]))
    if lines and not any(sums.values()):
        including_tax, _ = totals_of_items(lines)
        return including_tax
    given.require("amount_total")
    return None


def _is_payable(given: Given, total: Money) -> bool:
    """Whether the total is more than nothing, and not more than an amount may be."""
    if total.minor <= 0:
        given.note(nothing("amount_total"))
        return False
    try:
        Money.parse(total.text(), total.currency)
    except MoneyFault:
        _add_amount_fault(given, "amount_total", total.currency)
        return False
    return True


def _total_follows(order: Order, record: Mapping[str, Any]) -> bool:
    """Whether the total of the order's changed record is to be worked out anew.

    It is from parts. It is from items too where it was what they came to; a total of the
    merchant's own making stays.
    """
    if any(record[field] is not None for field in _PARTS):
        return record["amount_subtotal"] is not None
    return bool(
        order.items and record["items"] and order.amounts.total == totals_of_items(order.items)[0]
    )


def _sums_record(order: Order) -> dict[str, Any]:
    shown: Mapping[str, Any] = show(order)
    record = {field: shown[field] for field in (*_SUMS, "currency")}
    # Its items follow the order's currency, also to another one.
    items = [{**item, "currency_lookups_id": None, "currency": None} for item in shown["items"]]
    return {**record, "items": items}


# The order of a checkout -----------------------------------------------------------------------


def check_order(given: Given, currency: Currency | None, amount: Money | None) -> None:
    """Notes what is missing or does not fit together in `order`.

    currency and amount are the checkout's, None where they are at fault themselves.
    Source: the reference's table, rows order.*; design §4, "amounts" and "What C asks".
    """
    place = ("order",)
    if (
        given(*place) is not None
        and not _positions(given, place)
        and not given.is_faulty(*place, "items")
    ):
        given.require(*place, "description")
    lines = _check_items(given, currency, place)
    if currency is None:
        return
    sums = {field: money(given, currency, *place, field) for field in _SUMS}
    if amount is None or any(f"{fault.path}.".startswith("order.") for fault in given.faults):
        return
    if any(sums.values()):
        amounts = _amounts(sums, amount)
        if _check_parts(given, amounts, place) and amounts.total != amount:
            given.add("amount", "order_total", "The amount is not the order's total.")
    elif lines and amount not in totals_of_items([line for line in lines if line is not None]):
        given.add("amount", "order_total", "The amount is not what the order's items come to.")


def new_order(body: OrderBody | None, given: Given, amount: Money) -> NewOrder:
    """The order that a checked body describes; without one, an order of the bare amount."""
    id_ = OrderID(ids.new("ord"))
    body = body or OrderBody()
    sums = {field: money(given, amount.currency, "order", field) for field in _SUMS}
    return NewOrder(
        id=id_,
        reference=body.reference or str(id_),
        description=body.description,
        amounts=_amounts(sums, amount),
        items=_items(body, amount.currency),
        metadata=body.metadata,
    )


# Both ------------------------------------------------------------------------------------------


def money(given: Given, currency: Currency, *path: str | int) -> Money | None:
    """The amount at this path in this currency; notes a fault where it does not fit."""
    text = given(*path)
    if text is None or given.is_faulty(*path):
        return None
    try:
        return Money.parse(str(text), currency)
    except MoneyFault:
        _add_amount_fault(given, ".".join(map(str, path)), currency)
        return None


def _add_amount_fault(given: Given, path: str, currency: Currency) -> None:
    rest = f", {limits.AMOUNT_DIGITS_MAX} digits before the point, and no leading zeros"
    given.note(not_of_currency(path, currency, rest=rest))


def _positions(given: Given, place: Place) -> range:
    items = given(*place, "items")
    return range(len(items) if isinstance(items, list) else 0)


def _check_items(given: Given, currency: Currency | None, place: Place) -> list[Item | None]:
    """The figures of each item, None of one at fault; notes what is missing in them."""
    positions = _positions(given, place)
    for position in positions:
        for field in ("name", "quantity", "unit_amount"):
            given.require(*place, "items", position, field)
        _check_item_currency(given, currency, (*place, "items", position))
    if currency is None:
        return []
    return [_line(given, currency, (*place, "items", position)) for position in positions]


def _check_item_currency(given: Given, currency: Currency | None, place: Place) -> None:
    chosen = lookups.chosen(given, "currency", *place)
    if chosen is not None and currency is not None and chosen != currency.code:
        path = lookups.path_given(given, "currency", *place)
        whose = "checkout" if place[0] == "order" else "order"
        given.add(path, "order_currency", f"An item has the currency of the {whose}.")


def _check_parts(given: Given, amounts: Amounts, place: Place) -> bool:
    """Whether the parts come to the total; notes a fault where they do not."""
    parts = total_of_parts(amounts)
    if parts is None or parts == amounts.total:
        return True
    given.add(
        ".".join(map(str, (*place, "amount_total"))),
        "order_sum",
        "The total is not the subtotal less discount plus shipping and tax.",
    )
    return False


def _amounts(given: Mapping[str, Money | None], amount: Money) -> Amounts:
    """The order's sums, its total filled in from its parts or from what is to be paid."""
    named = {field.removeprefix("amount_"): given[field] for field in _SUMS}
    total = named.pop("total")
    draft = Amounts(total=total or amount, **named)
    return draft if total is not None else replace(draft, total=total_of_parts(draft) or amount)


def _line(given: Given, currency: Currency, place: Place) -> Item | None:
    """The item's figures, for adding up; None where one of them is at fault."""
    unit = money(given, currency, *place, "unit_amount")
    tax = money(given, currency, *place, "tax_amount")
    discount = money(given, currency, *place, "discount_amount")
    quantity = given(*place, "quantity")
    if unit is None or not isinstance(quantity, int):
        return None
    return Item(None, "", quantity, unit, tax, discount, None)


def _items(body: OrderBody, currency: Currency) -> tuple[Item, ...]:
    return tuple(_item(item, currency) for item in body.items or ())


def _item(body: ItemBody, currency: Currency) -> Item:
    def parsed(text: str | None) -> Money | None:
        return None if text is None else Money.parse(text, currency)

    return Item(
        sku=body.sku,
        name=body.name or "",
        quantity=body.quantity or 1,
        unit_amount=parsed(body.unit_amount) or Money(0, currency),
        tax=parsed(body.tax_amount),
        discount=parsed(body.discount_amount),
        metadata=body.metadata,
    )


def _text(amount: Money | None) -> str | None:
    return None if amount is None else amount.text()


def _number(amount: Money | None) -> LosslessFloat | None:
    return None if amount is None else LosslessFloat(amount.text().encode())
