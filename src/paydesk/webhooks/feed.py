"""The feed of an account's events, oldest first, for those who would rather ask than be told.

An event has its place when the worker gave it one, after it was committed: a reader that goes on
after the last one it saw never passes over any (store.place_events says why).
"""

import time
from collections.abc import Sequence

from paydesk import limits
from paydesk.db.connection import Connection, Database
from paydesk.errors import Fault, Invalid, Kind
from paydesk.kit import ids
from paydesk.webhooks import store
from paydesk.webhooks.store import Told


async def place_events(db: Database) -> None:
    """Puts all events into the feed that are committed and not in it yet."""
    placed = limits.FEED_BATCH
    while placed == limits.FEED_BATCH:
        placed = await db.transact(
            lambda connection: store.place_events(connection, count_max=limits.FEED_BATCH)
        )


async def read_feed(
    connection: Connection,
    account_id: int,
    *,
    after: str | None,
    types: Sequence[str] | None,
    count: int,
    kept_days: int,
) -> list[Told]:
    """The account's next events after the one with this id, from the first one on if None.

    After one that was dropped for its age come all there are.
    Raises: Invalid, where the feed has no such event.
    """
    found = await store.feed_after(connection, account_id, after=after, types=types, count=count)
    if found is None and after is not None and after < oldest_kept(kept_days):
        found = await store.feed_after(connection, account_id, after=None, types=types, count=count)
    if found is None:
        sentence = "A cursor is the next_cursor of the page before."
        raise Invalid([Fault("cursor", "cursor", sentence, Kind.URL)])
    return found


async def drop_old_events(db: Database, *, kept_days: int) -> None:
    """Drops events of that age with their deliveries; one still on its way stays until it is not.

    In batches that hold nobody up. What an event told of, a checkout or a payment, stays.
    """
    before = oldest_kept(kept_days)
    dropped = limits.EVENT_SWEEP_BATCH
    while dropped == limits.EVENT_SWEEP_BATCH:
        dropped = await db.transact(
            lambda connection: store.drop_events(
                connection, before=before, count_max=limits.EVENT_SWEEP_BATCH
            )
        )


def oldest_kept(kept_days: int) -> str:
    """What the ids of events that are dropped sort before."""
    return ids.first_at("web", time.time() - kept_days * 86_400)
