"""The one door to the job queue. A job says only "look at this row now"; the row is the truth.

A lost or doubled job is a delay or a wasted look, never a lost or doubled effect: due rows are
swept up by the worker besides.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from paydesk.db.connection import Connection, Database

if TYPE_CHECKING:
    from pgqueuer.queries import Queries

LOOK_AT_TRANSACTION = "transaction.look"
LOOK_AT_MODIFICATION = "modification.look"
LOOK_AT_CARD = "card.look"


async def enqueue(connection: Connection, job: str, row: str, *, delay_seconds: float) -> None:
    """Asks for a look at the row after the delay, if the transaction at hand commits."""
    await _queries(connection).enqueue(
        job, row.encode(), execute_after=timedelta(seconds=delay_seconds)
    )


async def enqueue_again(connection: Connection, job: str, rows: list[str]) -> None:
    """Asks for looks at rows that are overdue, unless such a job waits already.

    Only the sweeper uses dedupe keys: a second transaction with one waits for the first.
    """
    await _queries(connection).enqueue(
        [job] * len(rows),
        [row.encode() for row in rows],
        [0] * len(rows),
        dedupe_key=[f"{job}:{row}" for row in rows],
        on_conflict="skip",
    )


async def forget_log(db: Database) -> None:
    """Drops the queue's own log of finished jobs, which it never does by itself."""
    await db.execute("delete from pgqueuer_log where created < now() - interval '1 day'")


def _queries(connection: Connection) -> "Queries":
    # Late, because a web process hardly ever needs it, and it takes a tenth of a start to load.
    from pgqueuer.queries import Queries

    return Queries.from_asyncpg_connection(connection)  # type: ignore[arg-type]
