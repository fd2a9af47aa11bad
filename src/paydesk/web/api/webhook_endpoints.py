"""`/webhook-endpoints`: who hears of all of an account's events, beside each `notify_url`."""

import asyncio

from starlette.responses import Response

from paydesk import limits, webhooks
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit import json
from paydesk.kit.outbound import Guard
from paydesk.merchants import OverlapUnderWay, Section
from paydesk.web.api.cut_secret import CUT_SECRET, with_secret
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import ListQuery, read_query
from paydesk.webhooks import EndpointTerms

# A receiver may keep each waiting for long, and a process has only so many connections.
_pings = asyncio.Semaphore(limits.PINGS_AT_ONCE_MAX)


class EndpointsQuery(ListQuery):
    """What the list of endpoints may be asked for."""


async def create(counter: Counter, call: Call) -> Response:
    """`POST /webhook-endpoints`: its secret is shown here and never again."""
    desk = counter.desk
    described = webhooks.read_endpoint(call.record(), _terms(counter, call))
    await webhooks.check_host(desk.acquiring.outbound, described.url, _guard(counter, call))

    async def work(connection: Connection) -> StoredReply:
        made = await webhooks.create_endpoint(connection, call.account.id, described, desk.sealer)
        return _with_secret_cut(made)

    reply = await answer_once(desk, call, "POST /webhook-endpoints", work)
    return await _with_secret(counter, call, reply)


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /webhook-endpoints`: newest first."""
    query = read_query(call, EndpointsQuery)
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await webhooks.list_endpoints(
            connection, call.account.id, query.page("whe")
        )
    return listed([webhooks.endpoint_reply(one) for one in found], next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /webhook-endpoints/{id}`."""
    async with counter.desk.db.connection() as connection:
        found = await webhooks.show_endpoint(connection, call.account.id, _id(call))
    return answered(success(webhooks.endpoint_reply(found)))


async def change(counter: Counter, call: Call) -> Response:
    """`POST /webhook-endpoints/{id}`: what is under way goes to the new address."""
    desk, endpoint_id = counter.desk, _id(call)
    record, terms = call.record(), _terms(counter, call)
    async with desk.db.connection() as connection:
        before = await webhooks.show_endpoint(connection, call.account.id, endpoint_id)
    url = webhooks.read_change(record, before.described, terms).url
    if url != before.described.url:
        await webhooks.check_host(desk.acquiring.outbound, url, _guard(counter, call))

    async def work(connection: Connection) -> StoredReply:
        held = await webhooks.hold_endpoint(connection, call.account.id, endpoint_id)
        described = webhooks.read_change(record, held.described, terms)
        changed = await webhooks.change_endpoint(
            connection, call.account.id, endpoint_id, described
        )
        return StoredReply(200, success(webhooks.endpoint_reply(changed)))

    return await answer_once(desk, call, f"POST /webhook-endpoints/{endpoint_id}", work)


async def remove(counter: Counter, call: Call) -> Response:
    """`POST /webhook-endpoints/{id}/remove`: what is under way to it is given up."""
    endpoint_id = _id(call)

    async def work(connection: Connection) -> StoredReply:
        found = await webhooks.hold_endpoint(connection, call.account.id, endpoint_id)
        await webhooks.remove_endpoint(connection, call.account.id, endpoint_id)
        return StoredReply(200, success(webhooks.endpoint_reply(found)))

    route = f"POST /webhook-endpoints/{endpoint_id}/remove"
    return await answer_once(counter.desk, call, route, work)


async def rotate(counter: Counter, call: Call) -> Response:
    """`POST /webhook-endpoints/{id}/rotate`: a new secret; the one before signs for a while too."""
    desk, endpoint_id = counter.desk, _id(call)
    overlap_hours = webhooks.read_overlap(call.record() if call.body else {})

    async def work(connection: Connection) -> StoredReply:
        rotated = await webhooks.rotate_secret(
            connection,
            call.account.id,
            endpoint_id,
            desk.sealer,
            overlap_hours=overlap_hours,
        )
        return _with_secret_cut(rotated)

    route = f"POST /webhook-endpoints/{endpoint_id}/rotate"
    return await _with_secret(counter, call, await answer_once(desk, call, route, work))


async def ping(counter: Counter, call: Call) -> Response:
    """`POST /webhook-endpoints/{id}/ping`: sends it a test at once and says what it answered.

    Nothing of it is kept, and the same Idempotency-Key sends another one.
    """
    desk, endpoint_id = counter.desk, _id(call)
    async with desk.db.connection() as connection:
        found = await webhooks.show_endpoint(connection, call.account.id, endpoint_id)
        secrets = await webhooks.sealed_secrets(connection, call.account.id, endpoint_id)
    if _pings.locked():
        raise webhooks.PingsUnderWay("id", retry_after_seconds=limits.WEBHOOK_TOTAL_SECONDS_MAX)
    async with _pings:
        pinged = await webhooks.ping(
            desk.acquiring.outbound,
            desk.sealer,
            endpoint_id=endpoint_id,
            url=found.described.url,
            secrets=secrets,
            guard=_guard(counter, call),
        )
    return answered(success(webhooks.show_ping(pinged)))


def _id(call: Call) -> str:
    return call.named("whe", webhooks.EndpointMissing)


def _terms(counter: Counter, call: Call) -> EndpointTerms:
    return EndpointTerms(
        is_live=call.account.is_live,
        loopback_allowed=counter.desk.settings.webhook_allow_loopback,
    )


def _guard(counter: Counter, call: Call) -> Guard:
    if counter.desk.settings.webhook_allow_loopback and not call.account.is_live:
        return Guard.PUBLIC_OR_LOOPBACK
    return Guard.PUBLIC


def _with_secret_cut(endpoint: webhooks.Endpoint) -> StoredReply:
    """The reply as it is stored for a repeated request: without the secret."""
    shown = {**webhooks.endpoint_reply(endpoint), "secret": CUT_SECRET}
    return StoredReply(200, success(shown))


async def _with_secret(counter: Counter, call: Call, reply: Response) -> Response:
    """The reply with the secret put in, the newest where it was rotated since."""
    endpoint_id = json.read_object(bytes(reply.body))["result"]["id"]
    async with counter.desk.db.connection() as connection:
        secret = await webhooks.newest_secret(
            connection, call.account.id, endpoint_id, counter.desk.sealer
        )
    return with_secret(reply, secret)


_EXAMPLE = {
    "url": "http://localhost:9000/webhooks",
    "name": "Bookkeeping",
    "events": ["checkout.completed", "checkout.failed"],
}

OPERATIONS = (
    Operation(
        "POST",
        "/webhook-endpoints",
        create,
        Section.WEBHOOKS,
        "Make a webhook endpoint",
        reply=webhooks.SecretReply,
        body=webhooks.EndpointBody,
        refusals=(webhooks.EndpointsUsedUp,),
        example=_EXAMPLE,
    ),
    Operation(
        "GET",
        "/webhook-endpoints",
        list_all,
        Section.WEBHOOKS,
        "List webhook endpoints",
        reply=list[webhooks.EndpointReply],
        key="results",
        query=EndpointsQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/webhook-endpoints/{id}",
        show,
        Section.WEBHOOKS,
        "Show a webhook endpoint",
        reply=webhooks.EndpointReply,
        refusals=(webhooks.EndpointMissing,),
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}",
        change,
        Section.WEBHOOKS,
        "Change a webhook endpoint",
        reply=webhooks.EndpointReply,
        body=webhooks.ChangeEndpointBody,
        refusals=(webhooks.EndpointMissing,),
        example={"events": ["checkout.completed"], "retry_schedule": "LONG"},
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/remove",
        remove,
        Section.WEBHOOKS,
        "Remove a webhook endpoint",
        reply=webhooks.EndpointReply,
        refusals=(webhooks.EndpointMissing,),
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/rotate",
        rotate,
        Section.WEBHOOKS,
        "Give a webhook endpoint a new secret",
        reply=webhooks.SecretReply,
        body=webhooks.RotateBody,
        may_be_empty=True,
        refusals=(webhooks.EndpointMissing, OverlapUnderWay),
        example={"overlap_hours": 24},
    ),
    Operation(
        "POST",
        "/webhook-endpoints/{id}/ping",
        ping,
        Section.WEBHOOKS,
        "Send a webhook endpoint a test",
        reply=webhooks.PingReply,
        refusals=(webhooks.EndpointMissing, webhooks.PingsUnderWay),
    ),
)
