"""All SQL of orders. The inserts stand in pieces, because a checkout makes its order in the same
statement as everything else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from paydesk import lookups
from paydesk.db.connection import Connection, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.kit import json
from paydesk.kit.money import Currency, Money
from paydesk.kit.moves import Raced
from paydesk.orders.model import Amounts, Filters, Item, NewOrder, Order
from paydesk.orders.states import State, Step

INSERT_ORDER = """
    insert into orders (
        account_id, id, reference, description, customer_id, currency, amount_total,
        amount_subtotal, amount_discount, amount_shipping, amount_tax, metadata,
        fulfillment_status
    ) values (
        :account_id, :order_id, :order_reference, :order_description, {customer}, :currency,
        :amount_total, :amount_subtotal, :amount_discount, :amount_shipping, :amount_tax,
        :order_metadata, :fulfillment_status
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

_INSERT = Statement(f"""
    with items_made as ({INSERT_ITEMS})
    {INSERT_ORDER.format(customer=":customer_id")} returning created_at
""")

_UPDATE = Statement("""
    update orders set
        reference = :order_reference, description = :order_description,
        customer_id = :customer_id, currency = :currency, amount_total = :amount_total,
        amount_subtotal = :amount_subtotal, amount_discount = :amount_discount,
        amount_shipping = :amount_shipping, amount_tax = :amount_tax, metadata = :order_metadata,
        fulfillment_status = :fulfillment_status, updated_at = now()
    where account_id = :account_id and id = :order_id
    returning updated_at
""")

_INSERT_ITEMS = Statement(INSERT_ITEMS)

_SAVE_MOVE = Statement("""
    with moved as (
        update orders set status = :to_state, moves = moves + 1, updated_at = now()
        where account_id = :account_id and id = :order_id
            and status = :from_state and moves = :moves
        returning account_id, id, moves
    )
    insert into order_moves (account_id, order_id, sequence, from_state, to_state, step)
    select account_id, id, moves, :from_state, :to_state, :step from moved
""")

_COLUMNS = """
    o.account_id, o.id, o.reference, o.description, o.customer_id, o.currency, o.amount_total,
    o.amount_subtotal, o.amount_discount, o.amount_shipping, o.amount_tax, o.metadata, o.status,
    o.fulfillment_status, o.created_at, o.updated_at, o.deleted_at
"""

# A deleted order is not listed; it can still be shown by its id.
_LIST = f"select {_COLUMNS} from (select * from orders where deleted_at is null) o"


def order_values(order: NewOrder | Order) -> Mapping[str, Any]:
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
        "order_metadata": json.text_or_none(order.metadata),
        "fulfillment_status": order.fulfillment_status,
        "item_positions": list(range(len(items))),
        "item_skus": [item.sku for item in items],
        "item_names": [item.name for item in items],
        "item_quantities": [item.quantity for item in items],
        "item_unit_amounts": [item.unit_amount.minor for item in items],
        "item_taxes": [_minor(item.tax) for item in items],
        "item_discounts": [_minor(item.discount) for item in items],
        "item_metadata": [json.text_or_none(item.metadata) for item in items],
    }


async def introduce_customer(
    connection: Connection, account_id: int, order_id: str, *, customer_id: str
) -> None:
    """Gives the order this customer, unless it has one by now."""
    await connection.execute(
        """
        update orders set customer_id = $3, updated_at = now()
        where account_id = $1 and id = $2 and customer_id is null
        """,
        account_id,
        order_id,
        customer_id,
    )


async def insert(
    connection: Connection, account_id: int, order: NewOrder, customer_id: str | None
) -> datetime:
    """Makes the order with its items; when it was made."""
    row = await _INSERT.row(
        connection,
        {"account_id": account_id, "customer_id": customer_id, **order_values(order)},
    )
    assert row is not None, "an insert returns its row"
    created_at: datetime = row["created_at"]
    return created_at


async def save(
    connection: Connection, account_id: int, order: Order, *, items_changed: bool
) -> datetime:
    """Writes all of the order but its state; when that was."""
    values = {
        "account_id": account_id,
        "customer_id": order.customer_id,
        **order_values(order),
    }
    row = await _UPDATE.row(connection, values)
    assert row is not None, "the order is held by this transaction"
    if items_changed:
        await connection.execute(
            "delete from order_items where account_id = $1 and order_id = $2",
            account_id,
            order.id,
        )
        await _INSERT_ITEMS.run(connection, values)
    updated_at: datetime = row["updated_at"]
    return updated_at


async def mark_deleted(connection: Connection, account_id: int, order_id: str) -> datetime:
    """Deletes the order, which stays as a record; when that was."""
    deleted_at: datetime = await connection.fetchval(
        """
        update orders set deleted_at = now(), updated_at = now()
        where account_id = $1 and id = $2 returning deleted_at
        """,
        account_id,
        order_id,
    )
    return deleted_at


async def find(connection: Connection, account_id: int, order_id: str) -> Order | None:
    """The order, deleted or not."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from orders o where account_id = $1 and id = $2",
        account_id,
        order_id,
    )
    orders = await _with_items(connection, account_id, rows)
    return orders[0] if orders else None


async def lock(connection: Connection, account_id: int, order_id: str) -> Order | None:
    """The order, held for this transaction; None where it is deleted."""
    rows = await connection.fetch(
        f"""
        select {_COLUMNS} from orders o
        where account_id = $1 and id = $2 and deleted_at is null for no key update
        """,
        account_id,
        order_id,
    )
    orders = await _with_items(connection, account_id, rows)
    return orders[0] if orders else None


async def lock_orders(connection: Connection, account_id: int, order_ids: Sequence[str]) -> None:
    """Holds those of these orders that there are for this transaction, in the ids' order.

    Two batches that took them each in an order of its own could wait for each other without end.
    """
    await connection.execute(
        """
        select from orders where account_id = $1 and id = any($2) order by id for no key update
        """,
        account_id,
        order_ids,
    )


async def list_page(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> tuple[list[Order], str | None]:
    """One page of the orders that pass the filters, newest first, and the next one's cursor."""
    listed = await list_rows(
        connection,
        _LIST,
        page=page,
        conditions={
            "o.id = :order_id": filters.order_id,
            "o.reference = :reference": filters.reference,
            "o.customer_id = :customer_id": filters.customer_id,
            "o.status = :status": filters.status,
            "o.fulfillment_status = :fulfillment_status": filters.fulfillment_status,
            "o.created_at >= :created_from": filters.created_from,
            "o.created_at <= :created_until": filters.created_until,
        },
        values={"account_id": account_id},
        alias="o",
    )
    orders = await _with_items(connection, account_id, listed.rows)
    return orders, listed.next_cursor


async def is_reference_paid(connection: Connection, account_id: int, reference: str) -> bool:
    """Whether an order with this reference is paid now, if only in part."""
    found: bool = await connection.fetchval(
        """
        select exists (
            select from orders where reference = $2 and account_id = $1
                and status in ('PAID', 'PARTIALLY_PAID')
        )
        """,
        account_id,
        reference,
    )
    return found


async def lock_state(
    connection: Connection, account_id: int, order_id: str
) -> tuple[State, int] | None:
    """Where the order stands and how often it has moved, held for this transaction."""
    row = await connection.fetchrow(
        "select status, moves from orders where account_id = $1 and id = $2 for no key update",
        account_id,
        order_id,
    )
    return None if row is None else (State(row["status"]), row["moves"])


async def save_move(
    connection: Connection,
    account_id: int,
    order_id: str,
    *,
    from_state: State,
    to_state: State,
    moves: int,
    step: Step,
) -> None:
    """Writes an order's new state and its history, if it still is where it was read.

    Raises: Raced.
    """
    values = {
        "account_id": account_id,
        "order_id": order_id,
        "from_state": from_state,
        "to_state": to_state,
        "moves": moves,
        "step": step,
    }
    if await _SAVE_MOVE.run(connection, values) == 0:
        raise Raced


async def _with_items(connection: Connection, account_id: int, rows: Sequence[Row]) -> list[Order]:
    """The rows as orders, the items of them all read at once."""
    if not rows:
        return []
    items = defaultdict(list)
    for item in await connection.fetch(
        """
        select order_id, sku, name, quantity, unit_amount, tax, discount, metadata
        from order_items where account_id = $1 and order_id = any($2)
        order by order_id, position
        """,
        account_id,
        [row["id"] for row in rows],
    ):
        items[item["order_id"]].append(item)
    return [_order(row, items[row["id"]]) for row in rows]


def _order(row: Row, items: Sequence[Row]) -> Order:
    currency = lookups.currency(row["currency"])
    return Order(
        id=row["id"],
        reference=row["reference"],
        description=row["description"],
        customer_id=row["customer_id"],
        amounts=Amounts(
            total=Money(row["amount_total"], currency),
            subtotal=_money(row["amount_subtotal"], currency),
            discount=_money(row["amount_discount"], currency),
            shipping=_money(row["amount_shipping"], currency),
            tax=_money(row["amount_tax"], currency),
        ),
        items=tuple(_item(item, currency) for item in items),
        metadata=_metadata(row["metadata"]),
        status=State(row["status"]),
        fulfillment_status=row["fulfillment_status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )


def _item(row: Row, currency: Currency) -> Item:
    return Item(
        sku=row["sku"],
        name=row["name"],
        quantity=row["quantity"],
        unit_amount=Money(row["unit_amount"], currency),
        tax=_money(row["tax"], currency),
        discount=_money(row["discount"], currency),
        metadata=_metadata(row["metadata"]),
    )


def _money(minor: int | None, currency: Currency) -> Money | None:
    return None if minor is None else Money(minor, currency)


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.minor


def _metadata(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.read_object(text.encode())
