"""JSON ⇄ endpoints of an account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.errors import Invalid, Kind
from paydesk.kit import clock
from paydesk.kit.addresses import BadURL, check_url
from paydesk.kit.fields import BLANK, Body, Given, Required, Shown, as_names, check, fault
from paydesk.webhooks.model import Endpoint, NewEndpoint, Schedule

_STATUSES = ("LIVE", "DISABLED")
_SCHEDULES = tuple(schedule.value.upper() for schedule in Schedule)
_HOURS = limits.WEBHOOK_SECRET_OVERLAP_HOURS_MAX


def _known_events() -> list[str]:
    return [_type_of(lookup.enum) for lookup in lookups.group("webhook_event") or ()]


def _type_of(enum: str) -> str:
    """`CHECKOUT_CAPTURE_DUE` → `checkout.capture_due`."""
    return enum.lower().replace("_", ".", 1)


def event_type(text: str) -> str:
    """The event's type, `checkout.completed`, from that or its enum. Raises: as field checks do."""
    found = lookups.by_enum("webhook_event", text.replace(".", "_"))
    if found is None:
        raise fault(
            "lookup",
            "This names no webhook_event. GET /lookups/webhook_event lists them.",
            Kind.LOOKUP,
        )
    return _type_of(found.enum)


def _printable(value: str | None) -> str | None:
    if value is not None and not value.isprintable():
        raise fault("printable", "Line breaks and control characters can't be shown here.")
    return value


def _one_of(rule: str, sentence: str, choices: tuple[str, ...]) -> Any:
    def read(value: Any) -> Any:
        if isinstance(value, str) and value.upper() not in choices:
            raise fault(rule, sentence)
        return value.upper() if isinstance(value, str) else value

    return BeforeValidator(read)


EVENT_SCHEMA = {"type": "string", "enum": _known_events()}
EventType = Annotated[
    str,
    Field(max_length=limits.TEXT_LENGTH_MAX),
    AfterValidator(event_type),
]
EventTypes = Annotated[
    list[EventType] | None,
    Field(max_length=limits.NAMES_MAX),
    BeforeValidator(as_names),
    Shown(
        [{"type": "array", "maxItems": limits.NAMES_MAX, "items": EVENT_SCHEMA}, EVENT_SCHEMA],
    ),
]
Status = Annotated[
    str | None,
    _one_of("endpoint_status", "The status is LIVE or DISABLED.", _STATUSES),
    BLANK,
    Shown([{"type": "string", "enum": [*_STATUSES]}]),
]
RetrySchedule = Annotated[
    str | None,
    _one_of("retry_schedule", "The retry schedule is SHORT or LONG.", _SCHEDULES),
    BLANK,
    Shown([{"type": "string", "enum": [*_SCHEDULES]}]),
]


class ChangeEndpointBody(Body):
    url: Annotated[str | None, BLANK] = None
    name: Annotated[
        str | None,
        Field(max_length=limits.WEBHOOK_ENDPOINT_NAME_LENGTH_MAX),
        AfterValidator(_printable),
        BLANK,
    ] = None
    events: EventTypes = None
    status: Status = None
    retry_schedule: RetrySchedule = None


class EndpointBody(ChangeEndpointBody):
    REQUIRED: ClassVar[Required] = ("url",)


class RotateBody(Body):
    overlap_hours: Annotated[int, Field(ge=0, le=_HOURS)] | None = None


@dataclass(frozen=True, slots=True)
class EndpointTerms:
    """What the account and the settings say about where an endpoint may be."""

    is_live: bool
    loopback_allowed: bool


class EndpointReply(TypedDict):
    """events: the types it is sent, none where it is sent all. status: LIVE or DISABLED."""

    id: str
    url: str
    name: str
    events: list[str]
    status: str
    disabled_by: str | None
    disabled_at: str | None
    retry_schedule: str
    old_secret_ends_at: str | None
    created_at: str
    updated_at: str


class SecretReply(EndpointReply):
    """The endpoint and its new secret, which is shown here and never again."""

    secret: str


def read_endpoint(record: Mapping[str, Any], terms: EndpointTerms) -> NewEndpoint:
    """The endpoint that a body describes. Raises: Invalid, with every fault."""
    body, faults = check(EndpointBody, record)
    given = Given(record, faults)
    given.require("url")
    _check_url(given, terms)
    if body is None or given.faults:
        raise Invalid(given.faults)
    blank = NewEndpoint(body.url or "", "", (), Schedule.SHORT)
    return _changed(blank, body)


def read_change(
    record: Mapping[str, Any], before: NewEndpoint, terms: EndpointTerms
) -> NewEndpoint:
    """The endpoint after the change that a body asks for. Raises: Invalid, with every fault."""
    body, faults = check(ChangeEndpointBody, record)
    given = Given(record, faults)
    if "url" in record:
        given.require("url")
    _check_url(given, terms)
    if body is None or given.faults:
        raise Invalid(given.faults)
    return _changed(before, body)


def read_overlap(record: Mapping[str, Any]) -> int:
    """For how many hours the secret before goes on signing. Raises: Invalid."""
    body, faults = check(RotateBody, record)
    if body is None:
        raise Invalid(faults)
    return _OVERLAP_HOURS if body.overlap_hours is None else body.overlap_hours


_OVERLAP_HOURS = 24


def _check_url(given: Given, terms: EndpointTerms) -> None:
    text = given("url")
    if not isinstance(text, str):
        return
    try:
        check_url(
            text,
            may_be_plain_http_to_loopback=not terms.is_live,
            is_dialled_by_us=True,
            loopback_allowed=terms.loopback_allowed and not terms.is_live,
        )
    except BadURL as bad:
        given.add("url", bad.rule, str(bad))


def _changed(before: NewEndpoint, body: ChangeEndpointBody) -> NewEndpoint:
    """What the body names, and the rest as before; null sets back, and a URL stays."""
    named = body.model_fields_set
    changes: dict[str, Any] = {}
    if body.url is not None:
        changes["url"] = body.url
    if "name" in named:
        changes["name"] = body.name or ""
    if "events" in named:
        changes["events"] = tuple(dict.fromkeys(body.events or ()))
    if "status" in named:
        changes["is_live"] = body.status != "DISABLED"
    if "retry_schedule" in named:
        changes["schedule"] = Schedule((body.retry_schedule or Schedule.SHORT).lower())
    return replace(before, **changes)


def show_endpoint(endpoint: Endpoint) -> EndpointReply:
    """The endpoint as the API shows it, its secret left out."""
    described = endpoint.described
    return {
        "id": endpoint.id,
        "url": described.url,
        "name": described.name,
        "events": list(described.events),
        "status": "LIVE" if described.is_live else "DISABLED",
        "disabled_by": endpoint.disabled_by,
        "disabled_at": clock.iso_or_none(endpoint.disabled_at),
        "retry_schedule": described.schedule.value.upper(),
        "old_secret_ends_at": clock.iso_or_none(endpoint.old_secret_ends_at),
        "created_at": clock.iso(endpoint.created_at),
        "updated_at": clock.iso(endpoint.updated_at),
    }
