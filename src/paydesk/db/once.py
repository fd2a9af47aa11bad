"""Effects that happen once: the replies that a repeated Idempotency-Key is answered with."""

import hmac
from dataclasses import dataclass

import asyncpg

from paydesk.db.connection import Connection, Database
from paydesk.errors import Kind, Refusal


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was used with another request. Use a new key for a new request."""

    kind = Kind.KEY_REUSED


class RequestInFlight(Refusal):
    """The first request with this Idempotency-Key is still under way. Please ask again shortly."""

    kind = Kind.CONFLICT


class KeyTaken(Exception):
    """Somebody else has used the key in the meantime; their reply is stored."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that names a key.

    fingerprint is a keyed hash of the body: a plain one could be searched for what it holds.
    """

    account_id: int
    route: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply as it was first given. checkout_id: whose page token is cut out of the body.

    status 0 is a reply that is still to be made: of modification_id, which is begun.
    """

    status: int
    body: bytes
    checkout_id: str | None = None
    modification_id: str | None = None

    @property
    def is_unmade(self) -> bool:
        return self.status == 0


async def stored_reply(db: Database, once: Once) -> StoredReply | None:
    """The reply given to this key before.

    Raises: IdempotencyKeyReused.
    """
    row = await db.row(
        """
        select fingerprint, status, body, checkout_id, modification_id from idempotency_keys
        where account_id = $1 and route = $2 and key = $3
        """,
        once.account_id,
        once.route,
        once.key,
    )
    if row is None:
        return None
    if not hmac.compare_digest(row["fingerprint"], once.fingerprint):
        raise IdempotencyKeyReused("Idempotency-Key")
    return StoredReply(row["status"], row["body"], row["checkout_id"], row["modification_id"])


async def claim(connection: Connection, once: Once) -> None:
    """Takes the key for the transaction at hand; a duplicate waits here until that ends.

    Raises: KeyTaken; RequestInFlight, after waiting for as long as locks are waited for.
    """
    try:
        taken = await connection.fetchval(
            """
            insert into idempotency_keys (account_id, route, key, fingerprint, status, body)
            values ($1, $2, $3, $4, 0, '') on conflict do nothing returning true
            """,
            once.account_id,
            once.route,
            once.key,
            once.fingerprint,
        )
    except asyncpg.LockNotAvailableError as waiting:
        raise RequestInFlight("Idempotency-Key", retry_after_seconds=1) from waiting
    if taken is None:
        raise KeyTaken


async def keep_reply(connection: Connection, once: Once, reply: StoredReply) -> None:
    """Stores the reply beside its effect, in the same transaction."""
    await connection.execute(
        """
        update idempotency_keys set status = $4, body = $5, checkout_id = $6
        where account_id = $1 and route = $2 and key = $3
        """,
        once.account_id,
        once.route,
        once.key,
        reply.status,
        reply.body,
        reply.checkout_id,
    )


async def note_begun(connection: Connection, once: Once, modification_id: str) -> None:
    """Commits what the key has begun, so that its reply can be made even after a crash."""
    await connection.execute(
        """
        update idempotency_keys set modification_id = $4
        where account_id = $1 and route = $2 and key = $3
        """,
        once.account_id,
        once.route,
        once.key,
        modification_id,
    )


async def keep_first_reply(db: Database, once: Once, reply: StoredReply) -> None:
    """Stores the reply to what was begun, unless one is stored already."""
    await db.execute(
        """
        update idempotency_keys set status = $4, body = $5
        where account_id = $1 and route = $2 and key = $3 and status = 0
        """,
        once.account_id,
        once.route,
        once.key,
        reply.status,
        reply.body,
    )


_FORGOTTEN_AT_ONCE = 5000


async def forget_old_replies(db: Database, *, kept_seconds: int) -> None:
    """Drops keys older than that, in batches that hold nobody up."""
    tag = ""
    while tag in {"", f"DELETE {_FORGOTTEN_AT_ONCE}"}:
        tag = await db.execute(
            """
            delete from idempotency_keys
            where ctid = any (array(
                select ctid from idempotency_keys
                where created_at < now() - $1 * interval '1 second' limit $2
            ))
            """,
            kept_seconds,
            _FORGOTTEN_AT_ONCE,
        )
