"""Puts an event where the worker finds it, in the transaction of the change it tells of."""

from dataclasses import dataclass

from paydesk.db.connection import Connection
from paydesk.db.statement import Statement
from paydesk.webhooks.model import NOTIFY_URL, endpoint_of

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
    ), place as (
        insert into feed (account_id, event_id) values (:account_id, :id)
    ), delivery as (
        insert into deliveries (account_id, event_id, target, url, endpoint)
        select :account_id, :id, :target, :url, :endpoint
        union all
        select account_id, :id, id, url, endpoint from webhook_endpoints
        where account_id = :account_id and disabled_at is null
            and (events = '{}' or :type = any(events))
    )
    select pg_notify(:channel, '')
""")


async def append(connection: Connection, account_id: int, event: NewEvent, *, url: str) -> None:
    """Adds the event with its deliveries: to this URL, and to each endpoint that wants it.

    The worker wakes when all is committed.
    """
    await _APPEND.run(
        connection,
        {
            "account_id": account_id,
            "id": event.id,
            "type": event.type,
            "checkout_id": event.checkout_id,
            "sequence": event.sequence,
            "body": event.body,
            "target": NOTIFY_URL,
            "url": url,
            "endpoint": endpoint_of(url),
            "channel": CHANNEL,
        },
    )


_APPEND_ABOUT_RECORD = Statement("""
    with target as (
        select id, url, endpoint from webhook_endpoints
        where account_id = :account_id and disabled_at is null
            and (events = '{}' or :type = any(events))
    ), event as (
        insert into events (account_id, id, type, sequence, body)
        select :account_id, :id, :type, 1, :body
        where :is_in_feed::boolean or exists (select from target)
    ), place as (
        insert into feed (account_id, event_id) select :account_id, :id where :is_in_feed
    )
    insert into deliveries (account_id, event_id, target, url, endpoint)
    select :account_id, :id, id, url, endpoint from target
""")


async def append_about_record(
    connection: Connection, account_id: int, *, id_: str, type_: str, body: bytes, is_in_feed: bool
) -> None:
    """Adds an event about a record, for each endpoint that wants it; for none, to the feed at most.

    Wake the worker when all are added.
    """
    await _APPEND_ABOUT_RECORD.run(
        connection,
        {
            "account_id": account_id,
            "id": id_,
            "type": type_,
            "body": body,
            "is_in_feed": is_in_feed,
        },
    )


async def wake_worker(connection: Connection) -> None:
    """Wakes the worker when the transaction at hand is committed."""
    await connection.execute("select pg_notify($1, '')", CHANNEL)
