"""What a webhook goes to: a checkout's own notify_url, or an endpoint that hears of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from urllib.parse import urlsplit

EndpointID = NewType("EndpointID", str)

# The target of a delivery that goes to its checkout's own address.
NOTIFY_URL = "notify_url"


class Schedule(StrEnum):
    """How long an endpoint is tried: half an hour, as the reference says, or four days."""

    SHORT = "short"
    LONG = "long"


class State(StrEnum):
    """How a delivery stands."""

    DUE = "due"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; it can be sent again by hand


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint as a request describes it. events: the types it wants, none means all."""

    url: str
    name: str
    events: tuple[str, ...]
    schedule: Schedule
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as kept.

    disabled_by is merchant, or receiver where it answered 410. old_secret_ends_at: until when the
    secret before this one signs too, None where there is none.
    """

    id: EndpointID
    described: NewEndpoint
    disabled_at: datetime | None
    disabled_by: str | None
    old_secret_ends_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a delivery, as it is looked up later. answer is the beginning of the body."""

    target: str
    number: int
    url: str
    sent_at: datetime | None
    milliseconds: int
    status: int | None
    failure: str | None
    answer_headers: Mapping[str, str]
    answer: str | None


@dataclass(frozen=True, slots=True)
class SentTo:
    """How the delivery of an event to one target stands. due_at None: no further try."""

    target: str
    url: str
    state: State
    tries: int
    due_at: datetime | None
    delivered_at: datetime | None
    dead_at: datetime | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An event with its deliveries. body is what its checkout's notify_url is sent.

    checkout_id is None where it is about a record, which no notify_url hears of.
    """

    id: str
    type: str
    checkout_id: str | None
    sequence: int
    body: bytes
    created_at: datetime
    sent_to: tuple[SentTo, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which webhooks a list shows; None does not ask.

    Shape: created_from and created_until are both inside the time asked for; state and target are
        those of one delivery.
    """

    type: str | None = None
    state: State | None = None
    target: str | None = None
    checkout_id: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SoughtDead:
    """Which given-up deliveries are meant: given up since then, and what else is asked for."""

    since: datetime
    until: datetime | None = None
    type: str | None = None
    target: str | None = None
    checkout_id: str | None = None


def endpoint_of(url: str) -> str:
    """scheme://host:port: what shares slots, and is spared together when it is down.

    >>> endpoint_of("https://shop.example/hook?a=1")
    'https://shop.example:443'
    """
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or {'http': 80}.get(parts.scheme, 443)}"
