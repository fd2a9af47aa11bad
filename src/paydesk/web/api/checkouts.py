"""`/checkout/page` and `/checkout/list`: create, show, list, change and cancel checkouts."""

from typing import Annotated

from starlette.responses import Response

from paydesk import checkouts, customers, orders
from paydesk.app import Desk
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit.fields import ID, Checked, Reference, Shown, Text, fault
from paydesk.kit.page_tokens import page_token, token_hash
from paydesk.merchants import Account, Section
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.idempotency import CUT_TOKEN, answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import From, ListQuery, Until, either, read_query


def _known_status(value: str | None) -> str | None:
    if value is None:
        return None
    if value.lower() not in set(checkouts.State):
        raise fault(
            "checkout_status",
            "The status is open, pending, completed, failed, cancelled or expired.",
        )
    return value.lower()


_Status = Annotated[
    Text,
    Checked(_known_status, Shown([{"type": "string", "enum": [*checkouts.State]}])),
]


class CheckoutsQuery(ListQuery):
    """What `GET /checkout/list` may be asked for."""

    checkout_status: _Status = None
    status: _Status = None
    order_id: ID = None
    orders_id: ID = None
    customer_id: ID = None
    customers_id: ID = None
    order_reference: Reference = None
    session_id: ID = None
    created_at_start_date: From = None
    created_at_end_date: Until = None
    completed_at_start_date: From = None
    completed_at_end_date: Until = None

    def filters(self) -> checkouts.Filters:
        return checkouts.Filters(
            state=either(self, "checkout_status", "status"),
            order_id=either(self, "order_id", "orders_id"),
            customer_id=either(self, "customer_id", "customers_id"),
            order_reference=self.order_reference,
            session_id=self.session_id,
            created_from=self.created_at_start_date,
            created_until=self.created_at_end_date,
            completed_from=self.completed_at_start_date,
            completed_until=self.completed_at_end_date,
        )


async def create(counter: Counter, call: Call) -> Response:
    """`POST /checkout/page`."""
    desk = counter.desk
    command = checkouts.read_create(call.record(), await terms_of(counter, call.account))
    token = page_token(command.id, desk.page_key, is_live=call.account.is_live)

    async def work(connection: Connection) -> StoredReply:
        made = await checkouts.create_checkout(connection, call.account, command, token_hash(token))
        body = success(checkouts.reply(made, page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=made.id)

    return await answer_once(desk, call, "POST /checkout/page", work, is_one_statement=True)


async def list_(counter: Counter, call: Call) -> Response:
    """`GET /checkout/list`."""
    desk = counter.desk
    query = read_query(call, CheckoutsQuery)
    async with desk.db.connection() as connection:
        page = await checkouts.list_checkouts(
            connection, call.account.id, query.filters(), query.page("chk")
        )
    entries = [
        checkouts.show(shown, page_url(desk, _token(desk, call.account, shown.checkout.id)))
        for shown in page.checkouts
    ]
    return listed(entries, page.next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /checkout/page/{id}`."""
    desk = counter.desk
    async with desk.db.connection() as connection:
        shown = await checkouts.show_checkout(connection, call.account.id, _id(call))
    url = page_url(desk, _token(desk, call.account, shown.checkout.id))
    return answered(success(checkouts.show(shown, url)))


async def change(counter: Counter, call: Call) -> Response:
    """`POST /checkout/page/{id}`."""
    desk = counter.desk
    checkout_id, record, terms = _id(call), call.record(), await terms_of(counter, call.account)

    async def work(connection: Connection) -> StoredReply:
        before = await checkouts.hold_to_change(connection, call.account.id, checkout_id)
        command = checkouts.read_change(record, before, terms)
        await checkouts.change_checkout(connection, call.account, before, command)
        shown = await checkouts.show_checkout(connection, call.account.id, checkout_id)
        body = success(checkouts.show(shown, page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=checkout_id)

    return await answer_once(desk, call, f"POST /checkout/page/{checkout_id}", work)


async def cancel(counter: Counter, call: Call) -> Response:
    """`POST /checkout/page/{id}/cancel`."""
    desk = counter.desk
    checkout_id = _id(call)

    async def work(connection: Connection) -> StoredReply:
        await checkouts.cancel_checkout(connection, call.account.id, checkout_id, reason="merchant")
        shown = await checkouts.show_checkout(connection, call.account.id, checkout_id)
        body = success(checkouts.show(shown, page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=checkout_id)

    return await answer_once(desk, call, f"POST /checkout/page/{checkout_id}/cancel", work)


async def terms_of(counter: Counter, account: Account) -> checkouts.Terms:
    """What the account and the settings say about the checkouts it asks for."""
    settings = counter.desk.settings
    is_for_nothing = counter.desk.acquiring.verifies_for_nothing(account.connector)
    return checkouts.Terms(
        is_live=account.is_live,
        loopback_allowed=settings.webhook_allow_loopback,
        payment_methods=await counter.payment_methods(account),
        life_seconds=settings.checkout_life_seconds,
        customization=account.customization,
        unique_order_references=account.policies.unique_order_references,
        verification_amount="0.00" if is_for_nothing else settings.verification_amount,
        verifies_for_nothing=is_for_nothing,
    )


def _id(call: Call) -> str:
    return call.named("chk", checkouts.CheckoutMissing)


def _token(desk: Desk, account: Account, checkout_id: str) -> str:
    return page_token(checkout_id, desk.page_key, is_live=account.is_live)


def page_url(desk: Desk, token: str) -> str:
    """The address of the page that this token opens."""
    return f"{desk.settings.public_url}/checkout/{token}"


_CREATE_REFUSALS = (
    checkouts.AccountWithoutConnector,
    orders.OrderMissing,
    checkouts.SameOrder,
    orders.OrderPaid,
    checkouts.OrderClosed,
    checkouts.OrderTotal,
    checkouts.OrderCustomer,
    checkouts.CardsNotActive,
    orders.OrderReferencePaid,
    customers.CustomerMissing,
    checkouts.SameCustomer,
)
_EXAMPLE = {
    "mode": "one-off",
    "amount": "1200.00",
    "currency": "ZAR",
    "order": {
        "reference": "ORD0045",
        "description": "Monthly plan + setup",
        "items": [{"name": "Pro Plan (Monthly)", "quantity": 1, "unit_amount": "1200.00"}],
    },
    "redirects": {
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
        "notify_url": "https://merchant.example/webhooks/payments",
    },
}

OPERATIONS = (
    Operation(
        "POST",
        "/checkout/page",
        create,
        Section.CHECKOUT_PAGE,
        "Make a checkout",
        reply=checkouts.CheckoutReply,
        body=checkouts.CreateBody,
        refusals=_CREATE_REFUSALS,
        example=_EXAMPLE,
    ),
    Operation(
        "GET",
        "/checkout/list",
        list_,
        Section.CHECKOUT_PAGE,
        "List checkouts",
        reply=list[checkouts.ShownCheckoutReply],
        key="results",
        query=CheckoutsQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/checkout/page/{id}",
        show,
        Section.CHECKOUT_PAGE,
        "Show a checkout",
        reply=checkouts.ShownCheckoutReply,
        refusals=(checkouts.CheckoutMissing,),
    ),
    Operation(
        "POST",
        "/checkout/page/{id}",
        change,
        Section.CHECKOUT_PAGE,
        "Change an open checkout",
        reply=checkouts.ShownCheckoutReply,
        body=checkouts.ChangeBody,
        refusals=(
            checkouts.CheckoutMissing,
            checkouts.CheckoutEnded,
            checkouts.ChangesUsedUp,
            checkouts.OrderClosed,
            orders.OrderPaid,
            orders.OrderInPayment,
            orders.OrderReferencePaid,
        ),
        example={"expires_in_minutes": 60, "customization": {"theme": "dark"}},
    ),
    Operation(
        "POST",
        "/checkout/page/{id}/cancel",
        cancel,
        Section.CHECKOUT_PAGE,
        "Cancel a checkout",
        reply=checkouts.ShownCheckoutReply,
        refusals=(checkouts.CheckoutMissing, checkouts.CheckoutEnded),
    ),
)
