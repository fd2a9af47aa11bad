"""What time does to open checkouts: they expire, and before that may be found abandoned."""

from paydesk.checkouts import store
from paydesk.checkouts.move import move
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection, Database


async def expire_due(db: Database) -> int:
    """Expires a batch of open checkouts whose time is up; how many there were."""
    found = await store.due_to_expire(db)
    for account_id, checkout_id in found:

        async def work(
            connection: Connection, account_id: int = account_id, checkout_id: str = checkout_id
        ) -> None:
            checkout, now = await store.lock(connection, account_id, checkout_id)
            # A payer may have pressed Pay since: then the attempt decides. Or its time was moved.
            if checkout.state is State.OPEN and checkout.expires_at <= now:
                await move(connection, checkout, Step.EXPIRE)

        await db.transact(work)
    return len(found)


async def abandon_due(db: Database, *, after_seconds: int) -> int:
    """Tells, once, of open checkouts whose page was opened and then left alone."""
    found = await store.due_to_be_abandoned(db, after_seconds=after_seconds)
    for account_id, checkout_id in found:

        async def work(
            connection: Connection, account_id: int = account_id, checkout_id: str = checkout_id
        ) -> None:
            await abandon(connection, account_id, checkout_id)

        await db.transact(work)
    return len(found)


async def abandon(connection: Connection, account_id: int, checkout_id: str) -> None:
    """Tells that the payer has left, unless that was told, or it is open no more."""
    checkout, now = await store.lock(connection, account_id, checkout_id)
    if checkout.state is State.OPEN and checkout.abandoned_at is None:
        await move(connection, checkout, Step.ABANDON, changes={"abandoned_at": now})
