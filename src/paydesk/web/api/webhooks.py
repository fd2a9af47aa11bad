"""`/webhooks` and `/events`: what was sent and how that went, sending it again, and the feed."""

from starlette.responses import Response

from paydesk import webhooks
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit import json
from paydesk.kit.fields import ID
from paydesk.merchants import Section
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import From, ListQuery, Until, read_query


class WebhooksQuery(ListQuery):
    """What the list of webhooks can be narrowed by."""

    event: webhooks.EventField = None
    status: webhooks.DeliveryStatus = None
    target: webhooks.Target = None
    checkout_id: ID = None
    created_at_start_date: From = None
    created_at_end_date: Until = None


class EventsQuery(ListQuery):
    """What the feed can be narrowed by."""

    event: webhooks.EventField = None


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /webhooks`: newest first, each with its deliveries."""
    query = read_query(call, WebhooksQuery)
    sought = webhooks.Sought(
        type=query.event,
        state=None if query.status is None else webhooks.State(query.status),
        target=query.target,
        checkout_id=query.checkout_id,
        created_from=query.created_at_start_date,
        created_until=query.created_at_end_date,
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await webhooks.list_webhooks(
            connection, call.account.id, sought, query.page("web")
        )
    return listed([webhooks.webhook_reply(one) for one in found], next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /webhooks/{id}`: with its payload and every try to deliver it."""
    event_id = _id(call)
    async with counter.desk.db.connection() as connection:
        found = await webhooks.show_webhook(connection, call.account.id, event_id)
        tries = await webhooks.list_tries(connection, call.account.id, event_id)
    return answered(success(webhooks.show_with_tries(found, tries)))


async def resend(counter: Counter, call: Call) -> Response:
    """`POST /webhooks/{id}/resend`: to all it is meant for, or to one target."""
    event_id = _id(call)
    target = webhooks.read_resend(call.record() if call.body else {})

    async def work(connection: Connection) -> StoredReply:
        resent = await webhooks.resend_webhook(connection, call.account.id, event_id, target=target)
        return StoredReply(200, success(webhooks.webhook_reply(resent)))

    return await answer_once(counter.desk, call, f"POST /webhooks/{event_id}/resend", work)


async def resend_dead(counter: Counter, call: Call) -> Response:
    """`POST /webhooks/resend`: all that was given up since then, and matches."""
    sought = webhooks.read_resend_dead(call.record())

    async def work(connection: Connection) -> StoredReply:
        count = await webhooks.resend_dead(connection, call.account.id, sought)
        return StoredReply(200, success(webhooks.show_resent(count)))

    return await answer_once(counter.desk, call, "POST /webhooks/resend", work)


async def feed(counter: Counter, call: Call) -> Response:
    """`GET /events`: the account's events, oldest first, in the form a `notify_url` is sent.

    Those of payments are among them; their data has `payment`, with no checkout beside it.

    Go on with the last next_cursor there was, whenever you like: no event is passed over. It is
    null only where nothing has happened yet.
    """
    query = read_query(call, EventsQuery)
    async with counter.desk.db.connection() as connection:
        told = await webhooks.read_feed(
            connection,
            call.account.id,
            after=query.page("web").cursor,
            types=None if query.event is None else [query.event],
            count=query.limit,
            kept_days=counter.desk.settings.webhooks_kept_days,
        )
    next_cursor = told[-1].id if told else query.cursor
    # The very bytes that are signed and sent.
    events = b",".join(one.body for one in told)
    return answered(
        b'{"status":true,"results":[%b],"next_cursor":%b}' % (events, json.write(next_cursor))
    )


def _id(call: Call) -> str:
    return call.named("web", webhooks.WebhookMissing)


OPERATIONS = (
    Operation(
        "GET",
        "/events",
        feed,
        Section.WEBHOOKS,
        "Read the feed of events",
        reply=list[webhooks.EventReply],
        key="results",
        query=EventsQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/webhooks",
        list_all,
        Section.WEBHOOKS,
        "List webhooks",
        reply=list[webhooks.WebhookReply],
        key="results",
        query=WebhooksQuery,
        is_list=True,
    ),
    Operation(
        "POST",
        "/webhooks/resend",
        resend_dead,
        Section.WEBHOOKS,
        "Send given-up webhooks again",
        reply=webhooks.ResentReply,
        body=webhooks.ResendDeadBody,
        example={"since": "2026-11-22T20:00:00Z"},
    ),
    Operation(
        "GET",
        "/webhooks/{id}",
        show,
        Section.WEBHOOKS,
        "Show a webhook and its deliveries",
        reply=webhooks.ShownWebhookReply,
        refusals=(webhooks.WebhookMissing,),
    ),
    Operation(
        "POST",
        "/webhooks/{id}/resend",
        resend,
        Section.WEBHOOKS,
        "Send a webhook again",
        reply=webhooks.WebhookReply,
        body=webhooks.ResendBody,
        may_be_empty=True,
        refusals=(
            webhooks.WebhookMissing,
            webhooks.EndpointMissing,
            webhooks.EndpointDisabled,
            webhooks.ResendsUsedUp,
        ),
        example={"target": "notify_url"},
    ),
)
