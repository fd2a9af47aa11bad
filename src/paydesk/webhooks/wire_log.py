"""JSON ⇄ what was sent, and how that went."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from paydesk import limits
from paydesk.errors import Invalid
from paydesk.kit import clock, ids, json
from paydesk.kit.fields import BLANK, ID, Body, Checked, Given, Required, Shown, check, fault
from paydesk.webhooks.model import NOTIFY_URL, SentTo, SoughtDead, State, Try, Webhook
from paydesk.webhooks.wire import EVENT_SCHEMA, event_type

_TIME_FORM = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise fault("time", "A time is written 2026-01-31T16:00:00Z.") from None


def _known_event(value: str | None) -> str | None:
    return None if value is None else event_type(value)


def _known_target(value: str | None) -> str | None:
    if value is not None and value != NOTIFY_URL and not ids.looks_like("whe", value):
        raise fault("target", "The target is notify_url or the id of a webhook endpoint.")
    return value


def _known_status(value: str | None) -> str | None:
    if value is not None and value.lower() not in set(State):
        raise fault("delivery_status", "The status is DUE, DELIVERED or DEAD.")
    return None if value is None else value.lower()


Moment = Annotated[datetime | None, BeforeValidator(_moment), BLANK, Shown([_TIME_FORM])]
EventField = Annotated[
    str | None,
    Field(max_length=limits.TEXT_LENGTH_MAX),
    Checked(_known_event, Shown([EVENT_SCHEMA])),
    BLANK,
]
Target = Annotated[
    str | None,
    Field(max_length=limits.ID_LENGTH_MAX),
    Checked(
        _known_target,
        Shown([{"type": "string", "pattern": f"^({NOTIFY_URL}|whe_[0-9a-z]{{26}})$"}]),
    ),
    BLANK,
]
DeliveryStatus = Annotated[
    str | None,
    Field(max_length=limits.ID_LENGTH_MAX),
    Checked(
        _known_status,
        Shown([{"type": "string", "enum": [state.value.upper() for state in State]}]),
    ),
    BLANK,
]


class ResendBody(Body):
    target: Target = None


class ResendDeadBody(Body):
    REQUIRED: ClassVar[Required] = ("since",)

    since: Moment = None
    until: Moment = None
    event: EventField = None
    target: Target = None
    checkout_id: ID = None


class DeliveryReply(TypedDict):
    """target: notify_url, or the endpoint's id. status: DUE, DELIVERED or DEAD."""

    target: str
    url: str
    status: str
    tries: int
    next_try_at: str | None
    delivered_at: str | None
    dead_at: str | None


class WebhookReply(TypedDict):
    """checkout_id is null where the event is about a record of another kind."""

    id: str
    event: str
    checkout_id: str | None
    sequence: int
    created_at: str
    deliveries: list[DeliveryReply]


class TryReply(TypedDict):
    """failure is null where it was acknowledged; status is null where no answer came."""

    target: str
    attempt: int
    url: str
    sent_at: str | None
    milliseconds: int
    status: int | None
    failure: str | None
    answer_headers: Mapping[str, str]
    answer: str | None


class ShownWebhookReply(WebhookReply):
    """payload is what is sent to the notify_url; endpoints have it in an envelope of their own.

    tries are all there were, in order.
    """

    payload: Mapping[str, Any]
    tries: list[TryReply]


class EventReply(TypedDict):
    """An event, in the form that a notify_url is sent."""

    id: str
    event: str
    data: list[Mapping[str, Any]]
    created_at: str


class ResentReply(TypedDict):
    """has_more: there were more than one call sends again; repeat it."""

    resent: int
    has_more: bool


def read_resend(record: Mapping[str, Any]) -> str | None:
    """The target that the body names, None for all. Raises: Invalid."""
    body, faults = check(ResendBody, record)
    if body is None:
        raise Invalid(faults)
    return body.target


def read_resend_dead(record: Mapping[str, Any]) -> SoughtDead:
    """Which given-up deliveries the body means. Raises: Invalid, with every fault."""
    body, faults = check(ResendDeadBody, record)
    given = Given(record, faults)
    given.require("since")
    if body is None or body.since is None or given.faults:
        raise Invalid(given.faults)
    return SoughtDead(
        since=body.since,
        until=body.until,
        type=body.event,
        target=body.target,
        checkout_id=body.checkout_id,
    )


def show_webhook(webhook: Webhook) -> WebhookReply:
    """The webhook and how its deliveries stand, for the list."""
    return {
        "id": webhook.id,
        "event": webhook.type,
        "checkout_id": webhook.checkout_id,
        "sequence": webhook.sequence,
        "created_at": clock.iso(webhook.created_at),
        "deliveries": [_delivery(one) for one in webhook.sent_to],
    }


def show_with_tries(webhook: Webhook, tries: Sequence[Try]) -> ShownWebhookReply:
    """All that is known of the webhook."""
    return {
        **show_webhook(webhook),
        "payload": json.read_object(webhook.body, depth_max=limits.EVENT_DEPTH_MAX),
        "tries": [_try(one) for one in tries],
    }


def show_resent(count: int) -> ResentReply:
    return {"resent": count, "has_more": count >= limits.WEBHOOK_RESEND_MAX}


def _delivery(sent_to: SentTo) -> DeliveryReply:
    return {
        "target": sent_to.target,
        "url": sent_to.url,
        "status": sent_to.state.value.upper(),
        "tries": sent_to.tries,
        "next_try_at": clock.iso_or_none(sent_to.due_at),
        "delivered_at": clock.iso_or_none(sent_to.delivered_at),
        "dead_at": clock.iso_or_none(sent_to.dead_at),
    }


def _try(one: Try) -> TryReply:
    return {
        "target": one.target,
        "attempt": one.number,
        "url": one.url,
        "sent_at": clock.iso_or_none(one.sent_at),
        "milliseconds": one.milliseconds,
        "status": one.status,
        "failure": one.failure,
        "answer_headers": one.answer_headers,
        "answer": one.answer,
    }
