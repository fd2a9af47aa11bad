"""JSON ⇄ orders, as the checkout's nested `order` has them."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from paydesk import limits, lookups
from paydesk.kit import ids
from paydesk.kit.fields import Amount, Body, Given, Metadata, Reference, Text
from paydesk.kit.money import Currency, Money, MoneyFault
from paydesk.orders.model import Amounts, Item, NewOrder, OrderID
from paydesk.orders.totals import total_of_parts, totals_of_items

_SUMS = ("amount_subtotal", "amount_discount", "amount_shipping", "amount_tax", "amount_total")


class ItemBody(Body):
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
    reference: Reference = None
    description: Text = None
    amount_subtotal: Amount = None
    amount_discount: Amount = None
    amount_shipping: Amount = None
    amount_tax: Amount = None
    amount_total: Amount = None
    items: Annotated[list[ItemBody] | None, Field(max_length=limits.ORDER_ITEMS_MAX)] = None


def money(given: Given, currency: Currency, *path: str | int) -> Money | None:
    """The amount at this path in this currency; notes a fault where it does not fit."""
    text = given(*path)
    if text is None or given.is_faulty(*path):
        return None
    try:
        return Money.parse(str(text), currency)
    except MoneyFault:
        given.add(
            ".".join(map(str, path)),
            "amount",
            f"An amount in {currency.code} has {currency.digits} decimals at most, "
            f"{limits.AMOUNT_DIGITS_MAX} digits before the point, and no leading zeros.",
        )
        return None


def check_order(given: Given, currency: Currency | None, amount: Money | None) -> None:
    """Notes what is missing or does not fit together in `order`.

    currency and amount are the checkout's, None where they are at fault themselves.
    Source: the reference's table, rows order.*; design §4, "amounts" and "What C asks".
    """
    items = list(given.positions("order", "items"))
    if given("order") is not None and not items and not given.is_faulty("order", "items"):
        given.require("order", "description")
    for position in items:
        for field in ("name", "quantity", "unit_amount"):
            given.require("order", "items", position, field)
        _check_item_currency(given, currency, position)
    if currency is None:
        return
    amounts = {field: money(given, currency, "order", field) for field in _SUMS}
    lines = [_line(given, currency, position) for position in items]
    if amount is None or any(f"{fault.path}.".startswith("order.") for fault in given.faults):
        return
    if any(amounts.values()):
        _check_sums(given, _amounts(amounts, amount), amount)
    elif lines and amount not in totals_of_items([line for line in lines if line is not None]):
        given.add("amount", "order_total", "The amount is not what the order's items come to.")


def _check_item_currency(given: Given, currency: Currency | None, position: int) -> None:
    place = ("order", "items", position)
    chosen = lookups.chosen(given, "currency", *place)
    if chosen is not None and currency is not None and chosen != currency.code:
        path = lookups.path_given(given, "currency", *place)
        given.add(path, "order_currency", "An item has the currency of the checkout.")


def _check_sums(given: Given, amounts: Amounts, amount: Money) -> None:
    parts = total_of_parts(amounts)
    if parts is not None and parts != amounts.total:
        given.add(
            "order.amount_total",
            "order_sum",
            "The total is not the subtotal less discount plus shipping and tax.",
        )
    elif amounts.total != amount:
        given.add("amount", "order_total", "The amount is not the order's total.")


def new_order(body: OrderBody | None, given: Given, amount: Money) -> NewOrder:
    """The order that a checked body describes; without one, an order of the bare amount."""
    id_ = OrderID(ids.new("ord"))
    body = body or OrderBody()
    amounts = {field: money(given, amount.currency, "order", field) for field in _SUMS}
    return NewOrder(
        id=id_,
        reference=body.reference or str(id_),
        description=body.description,
        amounts=_amounts(amounts, amount),
        items=tuple(_item(item, amount.currency) for item in body.items or ()),
    )


def _amounts(given: dict[str, Money | None], amount: Money) -> Amounts:
    """The order's sums, its total filled in from its parts or from what is to be paid."""
    named = {field.removeprefix("amount_"): given[field] for field in _SUMS}
    total = named.pop("total")
    draft = Amounts(total=total or amount, **named)
    return draft if total is not None else replace(draft, total=total_of_parts(draft) or amount)


def _line(given: Given, currency: Currency, position: int) -> Item | None:
    """The item's figures, for adding up; None where one of them is at fault."""
    place = ("order", "items", position)
    unit = money(given, currency, *place, "unit_amount")
    tax = money(given, currency, *place, "tax_amount")
    discount = money(given, currency, *place, "discount_amount")
    quantity = given(*place, "quantity")
    if unit is None or not isinstance(quantity, int):
        return None
    return Item(None, "", quantity, unit, tax, discount, None)


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
