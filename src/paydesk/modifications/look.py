"""Looks after a modification whose outcome is not clear, and after holds whose time is up."""

import structlog

from paydesk import limits, transactions
from paydesk.connectors.contract import Finding, ModificationKind, Reversal, Unknown
from paydesk.db.connection import Connection, Database
from paydesk.errors import Refusal
from paydesk.modifications import acquire, store
from paydesk.modifications.begin import begin
from paydesk.modifications.model import Modification
from paydesk.modifications.settle import finish, settle
from paydesk.transactions import Acquiring, State

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
    for account_id, transaction_id in found:
        await _void(db, acquiring, account_id, transaction_id)
    return len(found)


async def _void(db: Database, acquiring: Acquiring, account_id: int, transaction_id: str) -> None:
    async def work(connection: Connection) -> Modification:
        made = await begin(
            connection,
            acquiring,
            account_id,
            transaction_id,
            ModificationKind.VOID,
            is_automatic=True,
        )
        # Declined, it is not tried again at once.
        await store.postpone_lapse(
            connection, account_id, transaction_id, limits.LAPSE_RETRY_SECONDS
        )
        return made

    try:
        modification = await db.transact(work)
    except Refusal as refusal:
        log.info("lapsed_hold_left_alone", transaction_id=transaction_id, rule=refusal.rule())
        return
    await finish(db, acquiring, modification)
