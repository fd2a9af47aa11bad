"""Puts an event where the worker finds it, in the transaction of the change it tells of."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from paydesk.db.connection import Connection
from paydesk.db.statement import Statement

CHANNEL = "paydesk_deliveries"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event and the very bytes that are signed and sent, the same at every try.

    sequence numbers a checkout's events from 1.
    """

    id: str
    type: str
    checkout_id: str
    sequence: int
    body: bytes


_APPEND = Statement("""
    with event as (
        insert into events (account_id, id, type, checkout_id, sequence, body)
        values (:account_id, :id, :type, :checkout_id, :sequence, :body)
    ), delivery as (
        insert into deliveries (account_id, event_id, url, endpoint)
        values (:account_id, :id, :url, :endpoint)
    )
    select pg_notify(:channel, '')
""")


async def append(connection: Connection, account_id: int, event: NewEvent, *, url: str) -> None:
    """Adds the event and its delivery to this URL; the worker wakes when all is committed."""
    await _APPEND.run(
        connection,
        {
            "account_id": account_id,
            "id": event.id,
            "type": event.type,
            "checkout_id": event.checkout_id,
            "sequence": event.sequence,
            "body": event.body,
            "url": url,
            "endpoint": _endpoint(url),
            "channel": CHANNEL,
        },
    )


def _endpoint(url: str) -> str:
    """scheme://host:port, which shares its slots between all who send there."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'http': 80}.get(parts.scheme, 443)}"
