"""Looks after a modification whose outcome is not clear, holds whose time is up, and surpluses."""

import asyncio
from functools import partial

import structlog

from paydesk import limits, transactions
from paydesk.connectors.contract import Approved, Finding, ModificationKind, Reversal, Unknown
from paydesk.db.connection import Connection, Database
from paydesk.errors import Refusal
from paydesk.modifications import acquire, store
from paydesk.modifications.begin import begin
from paydesk.modifications.model import Modification
from paydesk.modifications.settle import finish, settle
from paydesk.transactions import Acquiring, Schedule, State, Transaction

log = structlog.get_logger()


async def look_at_modification(
    db: Database, acquiring: Acquiring, account_id: int, modification_id: str
) -> None:
    """Does the next thing for a modification that is due; nothing for one that is not.

    Safe to call twice at once, as for attempts.
    """
    modification = await store.due(db, account_id, modification_id)
    if modification is not None:
        finding = await _find_out(db, acquiring, modification)
        await settle(db, acquiring, modification, finding, was_asked=True)


async def _find_out(
    db: Database, acquiring: Acquiring, modification: Modification
) -> Finding | Reversal:
    if modification.state is State.SUBMITTING:
        # Whoever sent it has died, or lost the answer: it is unknown from now on.
        return Unknown("no answer in time")
    async with db.connection() as connection:
        transaction = await transactions.find(
            connection, modification.account_id, modification.transaction_id
        )
    assert transaction is not None, "a modification has its transaction"
    if modification.state in {State.REVERSING, State.UNKNOWN_REVERSAL}:
        return await acquire.reverse(acquiring, transaction, modification)
    return await acquire.inquire(acquiring, transaction, modification)


async def void_lapsed(db: Database, acquiring: Acquiring) -> int:
    """Lets go of what was authorised and not captured in time; how many there were."""
    found = await store.lapsed_holds(db)
    turns = asyncio.Semaphore(limits.LAPSES_TOGETHER)

    async def in_turn(account_id: int, transaction_id: str) -> None:
        async with turns:
            await _void(db, acquiring, account_id, transaction_id)

    await asyncio.gather(*(in_turn(*each) for each in found))
    return len(found)


async def _void(db: Database, acquiring: Acquiring, account_id: int, transaction_id: str) -> None:
    async def work(connection: Connection) -> Modification:
        # Declined, it is not tried again at once; and not for ever.
        await _postpone(account_id, transaction_id, connection)
        return await begin(
            connection,
            account_id,
            transaction_id,
            ModificationKind.VOID,
            due_seconds=acquiring.due_seconds,
            is_automatic=True,
        )

    try:
        modification = await db.transact(work)
    except Refusal as refusal:
        # All that is left waits for a person, who has to say first what became of it.
        await db.transact(partial(_postpone, account_id, transaction_id))
        log.warning("lapsed_hold_waits", transaction_id=transaction_id, rule=refusal.rule())
        return
    done = await finish(db, acquiring, modification)
    if done.is_declined:
        log.error(
            "lapsed_hold_not_voided", transaction_id=transaction_id, reason=done.decline_reason
        )


async def _postpone(account_id: int, transaction_id: str, connection: Connection) -> None:
    await transactions.postpone_lapse(
        connection,
        account_id,
        transaction_id,
        seconds=limits.LAPSE_RETRY_SECONDS,
        tries_max=limits.LAPSE_TRIES_MAX,
    )


async def return_surplus(db: Database, acquiring: Acquiring) -> int:
    """Sends back what came by hand and pays for nothing; how many such attempts there were."""
    found = await store.with_surplus(db)
    for account_id, transaction_id in found:

        async def work(
            connection: Connection, account_id: int = account_id, id_: str = transaction_id
        ) -> Modification:
            return await begin(
                connection,
                account_id,
                id_,
                ModificationKind.RETURN,
                due_seconds=acquiring.due_seconds,
                is_automatic=True,
            )

        try:
            modification = await db.transact(work)
        except Refusal as refusal:
            log.info("surplus_waits", transaction_id=transaction_id, rule=refusal.rule())
            continue
        done = await finish(db, acquiring, modification)
        if done.is_declined:
            log.error("surplus_not_returned", transaction_id=transaction_id)
    return len(found)


async def void_by_person(
    db: Database, schedule: Schedule, transaction: Transaction, *, was_done: bool
) -> None:
    """Takes up what a person says of a hold that could not be let go of: it was, or try again."""

    async def work(connection: Connection) -> Modification | None:
        if not was_done:
            await transactions.try_lapse_again(connection, transaction.account_id, transaction.id)
            return None
        return await begin(
            connection,
            transaction.account_id,
            transaction.id,
            ModificationKind.VOID,
            due_seconds=0,
            is_automatic=True,
        )

    modification = await db.transact(work)
    if modification is not None:
        await settle(db, schedule, modification, Approved(modification.id), was_asked=False)
