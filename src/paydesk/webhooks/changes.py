"""Tells the account's endpoints, and of payments the feed, of records that were made or changed.

That a record changed is noted with the change itself, and only where somebody wants to hear of it
(docs/decisions/0025, 0028). What the record says is read a moment later, here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from paydesk import limits
from paydesk.db.connection import Connection, Database
from paydesk.kit import clock, ids, json
from paydesk.webhooks import store
from paydesk.webhooks.outbox import append_about_record, wake_worker
from paydesk.webhooks.store import Change

# What happens without the merchant's doing: the feed has it whether or not an endpoint wants it.
IN_FEED = frozenset({"payment"})

# A record of an account as its list shows it, by its id; None where it is gone.
Show = Callable[[Connection, int, str], Awaitable[Mapping[str, Any] | None]]


async def tell_changes(db: Database, shows: Mapping[str, Show]) -> None:
    """Makes an event of every change that is noted. Shape: shows by kind, such as customer."""

    async def tell_batch(connection: Connection) -> int:
        changes = await store.take_changes(connection, count_max=limits.CHANGES_BATCH)
        # One that changed twice meanwhile is the same record now.
        for change in dict.fromkeys(changes):
            await _tell(connection, change, shows)
        if changes:
            await wake_worker(connection)
        return len(changes)

    told = limits.CHANGES_BATCH
    while told == limits.CHANGES_BATCH:
        told = await db.transact(tell_batch)


async def _tell(connection: Connection, change: Change, shows: Mapping[str, Show]) -> None:
    kind, _, _ = change.type.partition(".")
    record = await shows[kind](connection, change.account_id, change.record_id)
    if record is None:
        return
    id_ = ids.new("web")
    body = _body(id_, change.type, {kind: dict(record)})
    if len(body) > limits.WEBHOOK_BODY_BYTES_MAX:
        body = _body(id_, change.type, {kind: {"id": change.record_id}})
    await append_about_record(
        connection,
        change.account_id,
        id_=id_,
        type_=change.type,
        body=body,
        is_in_feed=kind in IN_FEED,
    )


def _body(id_: str, type_: str, told: Mapping[str, Any]) -> bytes:
    created_at = clock.iso(clock.now())
    return json.write({"id": id_, "event": type_, "data": [told], "created_at": created_at})
