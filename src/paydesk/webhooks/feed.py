"""The feed of an account's events, oldest first, for those who would rather ask than be told.

An event has its place when the worker gave it one, after it was committed: a reader that goes on
after the last one it saw never passes over any (store.place_events says why).
"""

from collections.abc import Sequence

from paydesk import limits
from paydesk.db.connection import Connection, Database
from paydesk.errors import Fault, Invalid, Kind
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
) -> list[Told]:
    """The account's next events after the one with this id, from the first one on if None.

    Raises: Invalid, where the feed has no such event.
    """
    found = await store.feed_after(connection, account_id, after=after, types=types, count=count)
    if found is None:
        sentence = "A cursor is the next_cursor of the page before."
        raise Invalid([Fault("cursor", "cursor", sentence, Kind.URL)])
    return found
