"""All SQL of orders. The inserts stand in pieces, because a checkout makes its order in the same
statement as everything else.
"""

from collections.abc import Mapping
from typing import Any

from paydesk.db.connection import Connection
from paydesk.kit import json
from paydesk.kit.money import Money
from paydesk.orders.model import NewOrder

INSERT_ORDER = """
    insert into orders (
        account_id, id, reference, description, customer_id, currency, amount_total,
        amount_subtotal, amount_discount, amount_shipping, amount_tax
    ) values (
        :account_id, :order_id, :order_reference, :order_description, {customer}, :currency,
        :amount_total, :amount_subtotal, :amount_discount, :amount_shipping, :amount_tax
    )
"""

INSERT_ITEMS = """
    insert into order_items (
        account_id, order_id, position, sku, name, quantity, unit_amount, tax, discount, metadata
    )
    select :account_id, :order_id, item.*
    from unnest(
        :item_positions::smallint[], :item_skus::text[], :item_names::text[],
        :item_quantities::int[], :item_unit_amounts::bigint[], :item_taxes::bigint[],
        :item_discounts::bigint[], :item_metadata::json[]
    ) as item
"""


def order_values(order: NewOrder) -> Mapping[str, Any]:
    """The values of INSERT_ORDER and INSERT_ITEMS."""
    amounts, items = order.amounts, order.items
    return {
        "order_id": order.id,
        "order_reference": order.reference,
        "order_description": order.description,
        "currency": amounts.total.currency.code,
        "amount_total": amounts.total.minor,
        "amount_subtotal": _minor(amounts.subtotal),
        "amount_discount": _minor(amounts.discount),
        "amount_shipping": _minor(amounts.shipping),
        "amount_tax": _minor(amounts.tax),
        "item_positions": list(range(len(items))),
        "item_skus": [item.sku for item in items],
        "item_names": [item.name for item in items],
        "item_quantities": [item.quantity for item in items],
        "item_unit_amounts": [item.unit_amount.minor for item in items],
        "item_taxes": [_minor(item.tax) for item in items],
        "item_discounts": [_minor(item.discount) for item in items],
        "item_metadata": [json.text_or_none(item.metadata) for item in items],
    }


async def mark_paid(connection: Connection, account_id: int, order_id: str) -> None:
    await connection.execute(
        """
        update orders set status = 'PAID', updated_at = now()
        where account_id = $1 and id = $2
        """,
        account_id,
        order_id,
    )


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.minor
