"""`/webhook-secret`: replacing what signs for the account's `notify_url`s, forms and receipts."""

from starlette.responses import Response
from typing_extensions import TypedDict

from paydesk import merchants, webhooks
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit import clock
from paydesk.merchants import Section
from paydesk.web.api.cut_secret import CUT_SECRET, with_secret
from paydesk.web.api.endpoint import Call, Counter, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation


class WebhookSecretReply(TypedDict):
    """The new secret, which is shown here and never again, and until when the one before signs."""

    old_secret_ends_at: str | None
    secret: str


async def rotate(counter: Counter, call: Call) -> Response:
    """`POST /webhook-secret/rotate`: a new secret; the one before goes on for a while."""
    desk, account_id = counter.desk, call.account.id
    overlap_hours = webhooks.read_overlap(call.record() if call.body else {})

    async def work(connection: Connection) -> StoredReply:
        old_ends_at = await merchants.rotate_webhook_secret(
            connection, account_id, desk.sealer, overlap_hours=overlap_hours
        )
        shown = {"old_secret_ends_at": clock.iso_or_none(old_ends_at), "secret": CUT_SECRET}
        return StoredReply(200, success(shown))

    reply = await answer_once(desk, call, "POST /webhook-secret/rotate", work)
    # The newest, where it was rotated again since the request that is repeated here.
    *_, sealed = await merchants.webhook_secrets(desk.db, account_id)
    return with_secret(reply, merchants.open_webhook_secret(desk.sealer, sealed))


OPERATIONS = (
    Operation(
        "POST",
        "/webhook-secret/rotate",
        rotate,
        Section.WEBHOOKS,
        "Give the account a new webhook secret",
        reply=WebhookSecretReply,
        body=webhooks.RotateBody,
        may_be_empty=True,
        refusals=(merchants.OverlapUnderWay,),
        example={"overlap_hours": 24},
    ),
)
