"""`/checkout/page`: create, show and cancel checkouts."""

from starlette.responses import Response

from paydesk import checkouts
from paydesk.app import Desk
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit import ids
from paydesk.kit.page_tokens import page_token, token_hash
from paydesk.merchants import Account
from paydesk.web.api.endpoint import Call, Counter, answered, success
from paydesk.web.api.idempotency import CUT_TOKEN, answer_once


async def create(counter: Counter, call: Call) -> Response:
    """`POST /checkout/page`."""
    desk = counter.desk
    methods = await counter.payment_methods(call.account)
    terms = checkouts.Terms(
        is_live=call.account.is_live,
        loopback_allowed=desk.settings.webhook_allow_loopback,
        payment_method_ids=frozenset(method.id for method in methods),
        life_seconds=desk.settings.checkout_life_seconds,
    )
    command = checkouts.read_create(call.record(), terms)
    token = page_token(command.id, desk.page_key, is_live=call.account.is_live)

    async def work(connection: Connection) -> StoredReply:
        made = await checkouts.create_checkout(connection, call.account, command, token_hash(token))
        body = success(checkouts.reply(made, _page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=made.id)

    return await answer_once(desk, call, "POST /checkout/page", work, is_one_statement=True)


async def show(counter: Counter, call: Call) -> Response:
    """`GET /checkout/page/{id}`."""
    desk = counter.desk
    async with desk.db.connection() as connection:
        shown = await checkouts.show_checkout(connection, call.account.id, _id(call))
    page_url = _page_url(desk, _token(desk, call.account, shown.checkout.id))
    return answered(success(checkouts.show(shown, page_url)))


async def cancel(counter: Counter, call: Call) -> Response:
    """`POST /checkout/page/{id}/cancel`."""
    desk = counter.desk
    checkout_id = _id(call)

    async def work(connection: Connection) -> StoredReply:
        await checkouts.cancel_checkout(connection, call.account.id, checkout_id, reason="merchant")
        shown = await checkouts.show_checkout(connection, call.account.id, checkout_id)
        body = success(checkouts.show(shown, _page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=checkout_id)

    return await answer_once(desk, call, f"POST /checkout/page/{checkout_id}/cancel", work)


def _id(call: Call) -> str:
    checkout_id: str = call.request.path_params["id"]
    if not ids.looks_like("chk", checkout_id):
        raise checkouts.CheckoutMissing("id")
    return checkout_id


def _token(desk: Desk, account: Account, checkout_id: str) -> str:
    return page_token(checkout_id, desk.page_key, is_live=account.is_live)


def _page_url(desk: Desk, token: str) -> str:
    return f"{desk.settings.public_url}/checkout/{token}"
