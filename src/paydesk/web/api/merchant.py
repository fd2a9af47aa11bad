"""`/merchant`: what the calling account says of its merchant, and changing it."""

from starlette.responses import Response

from paydesk import merchants
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.merchants import Section
from paydesk.web.api.endpoint import Call, Counter, answered, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation


async def show(counter: Counter, call: Call) -> Response:
    """`GET /merchant`."""
    desk = counter.desk
    async with desk.db.connection() as connection:
        record = await merchants.show_merchant(connection, call.account.id)
    return answered(success(merchants.show(record, desk.settings.public_url or "")))


async def change(counter: Counter, call: Call) -> Response:
    """`POST /merchant`."""
    desk = counter.desk
    asked = merchants.read_change(call.record(), is_live=call.account.is_live)

    async def work(connection: Connection) -> StoredReply:
        record = await merchants.change_merchant(connection, call.account.id, asked)
        return StoredReply(200, success(merchants.show(record, desk.settings.public_url or "")))

    return await answer_once(desk, call, "POST /merchant", work)


OPERATIONS = (
    Operation(
        "GET",
        "/merchant",
        show,
        Section.MERCHANT,
        "Show the merchant",
        reply=merchants.MerchantReply,
    ),
    Operation(
        "POST",
        "/merchant",
        change,
        Section.MERCHANT,
        "Change the merchant",
        reply=merchants.MerchantReply,
        body=merchants.MerchantBody,
        refusals=(merchants.VatNumberMissing,),
        example={"name": "My shop", "policies": {"signed_forms_only": False}},
    ),
)
