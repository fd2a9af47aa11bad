"""`/orders`: create, update, delete, list and show orders."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from starlette.responses import Response

from paydesk import lookups, orders, transactions
from paydesk.customers import CustomerMissing
from paydesk.db.connection import Connection
from paydesk.kit.fields import ID, Reference, Text
from paydesk.merchants import Section
from paydesk.orders import CreateOrder, OrderReply, UpdateOrder
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import From, ListQuery, Until, either, enum_of, read_query
from paydesk.web.api.records import Batch, answer_batch, read_records


class OrdersQuery(ListQuery):
    """What `GET /orders/list` can be narrowed by."""

    order_id: ID = None
    order_reference: Reference = None
    reference: Reference = None
    customer_id: ID = None
    customers_id: ID = None
    order_status_lookups_id: Annotated[Text, lookups.lookup_id("order_status")] = None
    order_status: Annotated[Text, lookups.lookup_enum("order_status")] = None
    fulfillment_status_lookups_id: Annotated[Text, lookups.lookup_id("fulfillment_status")] = None
    fulfillment_status: Annotated[Text, lookups.lookup_enum("fulfillment_status")] = None
    created_at_start_date: From = None
    created_at_end_date: Until = None


async def create(counter: Counter, call: Call) -> Response:
    """`POST /orders/create`."""

    async def one(connection: Connection, command: CreateOrder) -> OrderReply:
        return orders.show(await orders.create_order(connection, call.account, command))

    records = read_records(call, orders.read_create)
    return await answer_batch(counter, call, Batch("POST /orders/create", records, one))


async def update(counter: Counter, call: Call) -> Response:
    """`POST /orders/update`."""

    async def one(connection: Connection, command: UpdateOrder) -> OrderReply:
        return orders.show(
            await orders.update_order(
                connection, call.account, command, transactions.live_on_orders
            )
        )

    records = read_records(call, orders.read_update)
    lock = _locking(call, [command.id for _, command in records])
    return await answer_batch(counter, call, Batch("POST /orders/update", records, one, lock))


async def delete(counter: Counter, call: Call) -> Response:
    """`POST /orders/delete`."""

    async def one(connection: Connection, order_id: str) -> OrderReply:
        return orders.show(
            await orders.delete_order(
                connection, call.account.id, order_id, transactions.live_on_orders
            )
        )

    records = read_records(call, orders.read_delete)
    lock = _locking(call, [order_id for _, order_id in records])
    return await answer_batch(counter, call, Batch("POST /orders/delete", records, one, lock))


def _locking(call: Call, order_ids: Sequence[str]) -> Callable[[Connection], Awaitable[None]]:
    return lambda connection: orders.lock_orders(connection, call.account.id, order_ids)


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /orders/list`: newest first, each with its items."""
    query = read_query(call, OrdersQuery)
    filters = orders.Filters(
        order_id=query.order_id,
        reference=either(query, "order_reference", "reference"),
        customer_id=either(query, "customer_id", "customers_id"),
        status=enum_of(query, "order_status"),
        fulfillment_status=enum_of(query, "fulfillment_status"),
        created_from=query.created_at_start_date,
        created_until=query.created_at_end_date,
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await orders.list_orders(
            connection, call.account.id, filters, query.page("ord")
        )
    return listed([orders.show(order) for order in found], next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /orders/{id}`."""
    order_id = call.named("ord", orders.OrderMissing)
    async with counter.desk.db.connection() as connection:
        order = await orders.show_order(connection, call.account.id, order_id)
    return answered(success(orders.show(order)))


OPERATIONS = (
    Operation(
        "POST",
        "/orders/create",
        create,
        Section.ORDERS,
        "Make orders",
        reply=list[OrderReply],
        key="results",
        body=orders.CreateOrderBody,
        is_batch=True,
        refusals=(orders.OrderStatus, CustomerMissing, orders.OrderReferencePaid),
        example={
            "reference": "ORD0045",
            "description": "Monthly plan + setup",
            "currency": "ZAR",
            "amount_subtotal": "1100.00",
            "amount_discount": "0.00",
            "amount_shipping": "0.00",
            "amount_tax": "100.00",
            "amount_total": "1200.00",
            "items": [
                {
                    "sku": "SKU00567",
                    "name": "Pro Plan (Monthly)",
                    "quantity": 1,
                    "unit_amount": "1200.00",
                    "tax_amount": 0,
                    "discount_amount": 0,
                    "metadata": {"custom_field_1": "custom data 1"},
                }
            ],
            "metadata": {"custom_field_2": "custom data 2"},
        },
    ),
    Operation(
        "POST",
        "/orders/update",
        update,
        Section.ORDERS,
        "Change orders",
        reply=list[OrderReply],
        key="results",
        body=orders.UpdateOrderBody,
        is_batch=True,
        refusals=(
            orders.OrderMissing,
            orders.OrderStatus,
            orders.OrderPaid,
            orders.OrderInPayment,
            CustomerMissing,
            orders.OrderReferencePaid,
        ),
        example={"id": "ord_01m82g11arf9ysdgjetc7mq4dm", "fulfillment_status": "FULFILLED"},
    ),
    Operation(
        "POST",
        "/orders/delete",
        delete,
        Section.ORDERS,
        "Delete orders",
        reply=list[OrderReply],
        key="results",
        body=orders.DeleteOrderBody,
        is_batch=True,
        refusals=(orders.OrderMissing, orders.OrderPaid, orders.OrderInPayment),
        example={"id": "ord_01m82g11arf9ysdgjetc7mq4dm"},
    ),
    Operation(
        "GET",
        "/orders/list",
        list_all,
        Section.ORDERS,
        "List orders",
        reply=list[OrderReply],
        key="results",
        query=OrdersQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/orders/{id}",
        show,
        Section.ORDERS,
        "Show an order",
        reply=OrderReply,
        refusals=(orders.OrderMissing,),
    ),
)
