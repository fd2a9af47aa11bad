"""Takes up what an acquirer said about an attempt: its state, the books, and when to look again.

What the attempt is for, a checkout or a payment, is held by the caller and follows by the
function that the caller gives.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from paydesk import ledger
from paydesk.connectors.contract import Finding, NotFound, Reversal
from paydesk.db import jobs
from paydesk.db.connection import Connection
from paydesk.kit.moves import step
from paydesk.transactions import store
from paydesk.transactions.acquire import Schedule
from paydesk.transactions.decide import (
    facts_of,
    is_incident,
    learnt_from,
    next_look_seconds,
    step_after,
)
from paydesk.transactions.model import Transaction
from paydesk.transactions.states import MOVES, Fact, State, Step

log = structlog.get_logger()

# What was the attempt's state, the attempt as it is by now, and why it failed if it did.
Follow = Callable[[State, Transaction, str | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt that is held by a database transaction, and its time.

    wants_money: what the attempt is for still waits for it; else money that comes goes back.
    """

    transaction: Transaction
    at: datetime
    wants_money: bool

    @property
    def seconds_left(self) -> int | None:
        """The payer's time to act at their bank; None where there is no end to it."""
        until = self.transaction.handover_until
        return None if until is None else int((until - self.at).total_seconds())


async def settle_held(
    connection: Connection,
    schedule: Schedule,
    held: Held,
    finding: Finding | Reversal,
    follow: Follow,
    *,
    was_asked: bool,
    by_person: bool = False,
) -> None:
    """Moves the attempt and the books by what was found, and has its owner follow.

    was_asked tells that the finding answers a question of ours, which counts towards the
    schedule; by_person, that it is what a person was told. A finding that comes too late to
    change anything changes nothing. Who locks both holds the owner first.
    """
    transaction = held.transaction
    inquiries = transaction.inquiries + was_asked
    may_ask_again = inquiries < len(schedule.inquiry_seconds)
    by = step_after(transaction.state, finding, may_ask_again=may_ask_again, by_person=by_person)
    if by is not None:
        moved = await _move(connection, schedule, held, by, finding)
        if moved.state is State.APPROVED and not held.wants_money:
            # What it was for has ended without this money: it goes back (MON-12).
            await begin_reversal(connection, schedule, Held(moved, held.at, wants_money=False))
        else:
            await follow(transaction.state, moved, learnt_from(finding).get("decline_reason"))
    elif is_incident(transaction.state, finding):
        log.error("late_approval", transaction_id=transaction.id, state=transaction.state)
    elif was_asked:
        await ask_again(connection, schedule, held, inquiries)


async def begin_reversal(connection: Connection, schedule: Schedule, held: Held) -> Transaction:
    """Commits an attempt to being undone, or ended at its bank: it may be sent from now on."""
    return await _move(connection, schedule, held, Step.REVERSE, NotFound())


async def ask_again(connection: Connection, schedule: Schedule, held: Held, inquiries: int) -> None:
    """Notes how often an attempt was asked about, and has the worker do so again in time."""
    transaction = held.transaction
    seconds = next_look_seconds(
        transaction.state, inquiries, schedule.inquiry_seconds, seconds_left=held.seconds_left
    )
    await store.schedule(connection, transaction, inquiries=inquiries, look_seconds=seconds)
    if seconds is not None:
        await _enqueue_look(connection, transaction, seconds)


async def _move(
    connection: Connection,
    schedule: Schedule,
    held: Held,
    by: Step,
    finding: Finding | Reversal,
) -> Transaction:
    transaction = held.transaction
    edge = step(MOVES, transaction.state, by)
    facts: tuple[Fact, ...] = ()
    # An authorised amount has not moved yet: its captures will be in the books. Where a card was
    # verified for nothing there is nothing to write down.
    if not transaction.is_hold and transaction.amount.minor:
        was_approved = transaction.approved_at is not None
        facts = facts_of(edge.announces, finding, was_approved=was_approved)
    look_seconds = next_look_seconds(
        edge.to, 0, schedule.inquiry_seconds, seconds_left=held.seconds_left
    )
    moved = await store.save_move(
        connection,
        transaction,
        by,
        to=edge.to,
        facts=facts,
        look_seconds=look_seconds,
        hold_seconds=schedule.hold_seconds,
        learnt=learnt_from(finding),
    )
    for fact in facts:
        await ledger.post(
            connection,
            transaction.account_id,
            transaction.id,
            fact=fact,
            amount=transaction.amount,
            from_deposits=transaction.received > 0,
        )
    if look_seconds is not None:
        await _enqueue_look(connection, transaction, look_seconds)
    if moved.state is State.MANUAL:
        # Its owner goes on waiting: whether money was taken is for a person to find out.
        log.error("attempt_needs_a_person", transaction_id=moved.id, checkout_id=moved.checkout_id)
    return moved


async def _enqueue_look(connection: Connection, transaction: Transaction, seconds: int) -> None:
    row = f"{transaction.account_id}/{transaction.id}"
    await jobs.enqueue(connection, jobs.LOOK_AT_TRANSACTION, row, delay_seconds=seconds)
