"""Sends an endpoint a webhook that tells of nothing, and says at once what it answered."""

import time
from dataclasses import dataclass

from typing_extensions import TypedDict

from paydesk import limits
from paydesk.kit import clock, ids, json
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from paydesk.kit.sealing import Sealer
from paydesk.kit.signing import Attempt, webhook_headers
from paydesk.webhooks.answer import kept_body, kept_head
from paydesk.webhooks.envelope import envelope
from paydesk.webhooks.retry import is_acknowledged
from paydesk.webhooks.secret import open_secret

PING = "webhook.ping"


@dataclass(frozen=True, slots=True)
class Pinged:
    """What came of a ping. failure is None where it was acknowledged."""

    id: str
    url: str
    milliseconds: int
    status: int | None
    failure: str | None
    answer_headers: str
    answer: str


class PingReply(TypedDict):
    id: str
    url: str
    is_acknowledged: bool
    status: int | None
    failure: str | None
    milliseconds: int
    answer_headers: dict[str, str]
    answer: str


async def ping(
    outbound: Outbound,
    sealer: Sealer,
    *,
    endpoint_id: str,
    url: str,
    secrets: tuple[bytes, ...],
    guard: Guard,
) -> Pinged:
    """Sends the ping, signed as any webhook, once. Nothing of it is kept."""
    id_ = ids.new("web")
    body = json.write(envelope(id_=id_, type_=PING, results=[], created_at=clock.iso(clock.now())))
    attempt = Attempt(id_, sequence=1, number=1, sent_at_seconds=int(time.time()))
    opened = [open_secret(sealer, endpoint_id, sealed) for sealed in secrets]
    request = OutboundRequest("POST", url, webhook_headers(body, opened, attempt), body)
    begun = time.monotonic()
    try:
        answer = await outbound.send(request, guard, seconds_max=limits.WEBHOOK_TOTAL_SECONDS_MAX)
    except OutboundFailure as failure:
        return Pinged(id_, url, _since(begun), None, failure.reason, "{}", "")
    failure_reason = None if is_acknowledged(answer.status) else "status"
    return Pinged(
        id_,
        url,
        _since(begun),
        answer.status,
        failure_reason,
        kept_head(answer.headers),
        kept_body(answer.body),
    )


def show_ping(pinged: Pinged) -> PingReply:
    """The ping as the API answers it."""
    return {
        "id": pinged.id,
        "url": pinged.url,
        "is_acknowledged": pinged.failure is None,
        "status": pinged.status,
        "failure": pinged.failure,
        "milliseconds": pinged.milliseconds,
        "answer_headers": json.read_object(pinged.answer_headers.encode()),
        "answer": pinged.answer,
    }


def _since(begun: float) -> int:
    return round(1000 * (time.monotonic() - begun))
