"""Takes up what an acquirer said about an attempt: the one place where an outcome takes effect.

The payer's own request, the worker's inquiries and reversals all end here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from paydesk import ledger, transactions
from paydesk.cards import KeptCard
from paydesk.checkouts import store
from paydesk.checkouts.follow import News, follow
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.states import State
from paydesk.connectors.contract import Finding, NotFound, Reversal
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database
from paydesk.kit.moves import step
from paydesk.transactions import Fact, Schedule, Transaction
from paydesk.transactions import State as AttemptState
from paydesk.transactions import Step as AttemptStep

log = structlog.get_logger()


async def settle(
    db: Database,
    schedule: Schedule,
    attempt: Transaction,
    finding: Finding | Reversal,
    *,
    was_asked: bool,
    by_person: bool = False,
    card: KeptCard | None = None,
) -> None:
    """Moves the attempt, its checkout, its order and the books by what was found, all at once.

    was_asked tells that the finding answers a question of ours, which counts towards the
    schedule; by_person, that it is what a person was told. card is the attempt's where it is at
    hand, else it is looked up. A finding that comes too late to change anything changes nothing.
    """

    async def work(connection: Connection) -> None:
        held = await hold(connection, attempt)
        await settle_held(
            connection,
            schedule,
            held,
            finding,
            was_asked=was_asked,
            by_person=by_person,
            card=card,
        )

    await db.transact(work)


@dataclass(frozen=True, slots=True)
class Held:
    """A checkout and its attempt, both held by a database transaction, and its time."""

    checkout: Checkout
    transaction: Transaction
    at: datetime

    def after(self, transaction: Transaction) -> "Held":
        """The same with the attempt as it is by now."""
        return replace(self, transaction=transaction)

    @property
    def seconds_left(self) -> int | None:
        """The payer's time to act at their bank; None where there is no end to it."""
        until = self.transaction.handover_until
        return None if until is None else int((until - self.at).total_seconds())


async def hold(connection: Connection, attempt: Transaction) -> Held:
    # The checkout first: everybody who locks both does so in this order.
    checkout, now = await store.lock(connection, attempt.account_id, attempt.checkout_id)
    transaction = await transactions.lock(connection, attempt.account_id, attempt.id)
    return Held(checkout, transaction, now)


async def settle_held(
    connection: Connection,
    schedule: Schedule,
    held: Held,
    finding: Finding | Reversal,
    *,
    was_asked: bool,
    by_person: bool = False,
    card: KeptCard | None = None,
) -> None:
    """As settle, inside the transaction that holds them."""
    transaction = held.transaction
    inquiries = transaction.inquiries + was_asked
    may_ask_again = inquiries < len(schedule.inquiry_seconds)
    by = transactions.step_after(
        transaction.state, finding, may_ask_again=may_ask_again, by_person=by_person
    )
    if by is not None:
        reason = transactions.learnt_from(finding).get("decline_reason")
        news = News(held.at, reason, card)
        await _move_both(connection, schedule, held, by, finding, news)
    elif transactions.is_incident(transaction.state, finding):
        log.error("late_approval", transaction_id=transaction.id, state=transaction.state)
    elif was_asked:
        await ask_again(connection, schedule, held, inquiries)


async def begin_reversal(connection: Connection, schedule: Schedule, held: Held) -> Transaction:
    """Commits an attempt to being undone, or ended at its bank: it may be sent from now on."""
    return await _move_attempt(connection, schedule, held, AttemptStep.REVERSE, NotFound())


async def _move_both(
    connection: Connection,
    schedule: Schedule,
    held: Held,
    by: AttemptStep,
    finding: Finding | Reversal,
    news: News,
) -> None:
    was, checkout = held.transaction.state, held.checkout
    transaction = await _move_attempt(connection, schedule, held, by, finding)
    if checkout.state is not State.PENDING and transaction.state is AttemptState.APPROVED:
        # The checkout ended without this money: it goes back (MON-12).
        await begin_reversal(connection, schedule, held.after(transaction))
        return
    await follow(connection, checkout, was, transaction, news)


async def _move_attempt(
    connection: Connection,
    schedule: Schedule,
    held: Held,
    by: AttemptStep,
    finding: Finding | Reversal,
) -> Transaction:
    transaction = held.transaction
    edge = step(transactions.MOVES, transaction.state, by)
    facts: tuple[Fact, ...] = ()
    # An authorised amount has not moved yet: its captures will be in the books.
    if not transaction.is_hold:
        was_approved = transaction.approved_at is not None
        facts = transactions.facts_of(edge.announces, finding, was_approved=was_approved)
    look_seconds = transactions.next_look_seconds(
        edge.to, 0, schedule.inquiry_seconds, seconds_left=held.seconds_left
    )
    moved = await transactions.save_move(
        connection,
        transaction,
        by,
        to=edge.to,
        facts=facts,
        look_seconds=look_seconds,
        hold_seconds=schedule.hold_seconds,
        learnt=transactions.learnt_from(finding),
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
    if moved.state is AttemptState.MANUAL:
        # Its checkout stays pending: whether money was taken is for a person to find out.
        log.error("attempt_needs_a_person", transaction_id=moved.id, checkout_id=moved.checkout_id)
    return moved


async def ask_again(connection: Connection, schedule: Schedule, held: Held, inquiries: int) -> None:
    """Notes how often an attempt was asked about, and has the worker do so again in time."""
    transaction = held.transaction
    seconds = transactions.next_look_seconds(
        transaction.state, inquiries, schedule.inquiry_seconds, seconds_left=held.seconds_left
    )
    await transactions.schedule(connection, transaction, inquiries=inquiries, look_seconds=seconds)
    if seconds is not None:
        await _enqueue_look(connection, transaction, seconds)


async def _enqueue_look(connection: Connection, transaction: Transaction, seconds: int) -> None:
    row = f"{transaction.account_id}/{transaction.id}"
    await jobs.enqueue(connection, jobs.LOOK_AT_TRANSACTION, row, delay_seconds=seconds)
