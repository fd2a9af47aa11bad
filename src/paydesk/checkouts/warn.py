"""Warns merchants of money that is authorised and has to be captured soon."""

from paydesk import transactions
from paydesk.checkouts import store
from paydesk.checkouts.follow import News, told_of
from paydesk.checkouts.move import move
from paydesk.checkouts.states import Step
from paydesk.db.connection import Connection, Database


async def warn_due(db: Database, *, before_seconds: int) -> int:
    """Tells, once each, of authorised amounts that lapse within this time; how many there were."""
    found = await transactions.about_to_lapse(db, before_seconds=before_seconds)
    for account_id, checkout_id, transaction_id in found:

        async def work(
            connection: Connection,
            account_id: int = account_id,
            checkout_id: str = checkout_id,
            transaction_id: str = transaction_id,
        ) -> None:
            await warn(connection, account_id, checkout_id, transaction_id)

        await db.transact(work)
    return len(found)


async def warn(
    connection: Connection, account_id: int, checkout_id: str, transaction_id: str
) -> None:
    """Tells that what is authorised lapses soon, unless that was told, or nothing is left."""
    checkout, now = await store.lock(connection, account_id, checkout_id)
    transaction = await transactions.lock(connection, account_id, transaction_id)
    if transaction.capture_before is None:
        return
    if not await transactions.note_warned(connection, account_id, transaction_id):
        return
    told = await told_of(connection, transaction, News(now))
    await move(connection, checkout, Step.WARN, told=told)
