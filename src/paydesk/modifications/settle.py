"""Takes up what an acquirer said about a modification: its state, the sums, the order, the books.

The merchant's own request, the worker's inquiries and a person's word all end here.
"""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from paydesk import ledger, notifications, orders, transactions
from paydesk.connectors.contract import Finding, ModificationKind, Reversal
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database
from paydesk.invoices import Movement
from paydesk.kit.moves import step
from paydesk.modifications import acquire, store
from paydesk.modifications.model import Modification
from paydesk.transactions import Acquiring, Fact, Schedule, State, Step, Transaction

log = structlog.get_logger()

# What a move of money is called in the ledger. A void moves none: nothing had been taken.
_LEDGER: Mapping[tuple[ModificationKind, Fact], str] = {
    (ModificationKind.CAPTURE, Fact.APPROVAL): "capture",
    (ModificationKind.CAPTURE, Fact.REVERSAL): "capture_reversal",
    (ModificationKind.REFUND, Fact.APPROVAL): "refund",
    (ModificationKind.REFUND, Fact.REVERSAL): "refund_reversal",
    (ModificationKind.RETURN, Fact.APPROVAL): "return",
    (ModificationKind.RETURN, Fact.REVERSAL): "return_reversal",
}

# What an order does when nothing of its payment is left, by the payment's status then.
_WHEN_EMPTY: Mapping[str, orders.Step] = {
    "CANCELLED": orders.Step.VOID,
    "REFUNDED": orders.Step.REFUND,
}


async def finish(db: Database, acquiring: Acquiring, modification: Modification) -> Modification:
    """Sends a begun modification and settles what the acquirer says: how it stands then.

    Let it run to its end whoever waits for it.
    """
    async with db.connection() as connection:
        transaction = await transactions.find(
            connection, modification.account_id, modification.transaction_id
        )
    assert transaction is not None, "a modification is begun under its transaction's lock"
    outcome = await acquire.submit(acquiring, transaction, modification)
    return await settle(db, acquiring, modification, outcome, was_asked=False)


async def settle(
    db: Database,
    schedule: Schedule,
    modification: Modification,
    finding: Finding | Reversal,
    *,
    was_asked: bool,
    by_person: bool = False,
) -> Modification:
    """Moves the modification and all that hangs on it by what was found, all at once.

    was_asked tells that the finding answers a question of ours, which counts towards the
    schedule; by_person, that it is what a person was told. A finding that comes too late to
    change anything changes nothing.
    """

    async def work(connection: Connection) -> Modification:
        # The transaction first: everybody who locks both does so in this order.
        transaction = await transactions.lock(
            connection, modification.account_id, modification.transaction_id
        )
        now = await store.lock(connection, modification.account_id, modification.id)
        inquiries = now.inquiries + was_asked
        may_ask_again = inquiries < len(schedule.inquiry_seconds)
        by = transactions.step_after(
            now.state, finding, may_ask_again=may_ask_again, by_person=by_person
        )
        if by is not None:
            return await _move(connection, schedule, transaction, now, by, finding)
        if transactions.is_incident(now.state, finding):
            log.error("late_approval", modification_id=now.id, state=now.state)
        elif was_asked:
            await _ask_again(connection, schedule, now, inquiries)
        return now

    return await db.transact(work)


async def _move(
    connection: Connection,
    schedule: Schedule,
    transaction: Transaction,
    modification: Modification,
    by: Step,
    finding: Finding | Reversal,
) -> Modification:
    edge = step(transactions.MOVES, modification.state, by)
    was_approved = modification.approved_at is not None
    facts = transactions.facts_of(edge.announces, finding, was_approved=was_approved)
    look_seconds = transactions.next_look_seconds(edge.to, 0, schedule.inquiry_seconds)
    moved = await store.save_move(
        connection,
        modification,
        by,
        to=edge.to,
        facts=facts,
        look_seconds=look_seconds,
        learnt=transactions.learnt_from(finding),
    )
    for fact in facts:
        await _post(connection, modification, fact)
    if look_seconds is not None:
        await _enqueue_look(connection, modification, look_seconds)
    if moved.state is State.APPROVED:
        await _take_effect(connection, transaction, moved)
    if moved.state is State.MANUAL:
        # What was asked for counts as used until a person has found out what became of it.
        log.error("modification_needs_a_person", modification_id=moved.id)
    return moved


async def _post(connection: Connection, modification: Modification, fact: Fact) -> None:
    name = _LEDGER.get((modification.kind, fact))
    if name is not None:
        await ledger.post(
            connection,
            modification.account_id,
            modification.transaction_id,
            modification_id=modification.id,
            fact=name,
            amount=modification.amount,
        )


async def _take_effect(
    connection: Connection, transaction: Transaction, done: Modification
) -> None:
    minor = done.amount.minor
    by: orders.Step | None
    movement: Movement | None = None
    match done.kind:
        case ModificationKind.CAPTURE:
            after = replace(transaction, captured=transaction.captured + minor)
            is_whole = after.captured == after.amount.minor
            by = orders.Step.PAY if is_whole else orders.Step.PAY_PART
            movement = Movement(done.amount, transaction.captured, done.id)
        case ModificationKind.VOID:
            after = replace(transaction, voided=transaction.voided + minor)
            by = _WHEN_EMPTY.get(after.status)
        case ModificationKind.REFUND:
            after = replace(transaction, refunded=transaction.refunded + minor)
            by = _WHEN_EMPTY.get(after.status)
            movement = Movement(done.amount, transaction.refunded, done.id, is_refund=True)
        case ModificationKind.RETURN:
            after, by = replace(transaction, returned=transaction.returned + minor), None
    await store.save_sums(connection, after)
    if by is not None:
        await orders.follow(connection, transaction.account_id, transaction.order_id, by)
    if movement is not None:
        await notifications.tell_of_movement(connection, transaction, movement)


async def _ask_again(
    connection: Connection, schedule: Schedule, modification: Modification, inquiries: int
) -> None:
    seconds = transactions.next_look_seconds(
        modification.state, inquiries, schedule.inquiry_seconds
    )
    await store.schedule(connection, modification, inquiries=inquiries, look_seconds=seconds)
    if seconds is not None:
        await _enqueue_look(connection, modification, seconds)


async def _enqueue_look(connection: Connection, modification: Modification, seconds: int) -> None:
    row = f"{modification.account_id}/{modification.id}"
    await jobs.enqueue(connection, jobs.LOOK_AT_MODIFICATION, row, delay_seconds=seconds)
