"""Takes up what an acquirer said about a checkout's attempt: where an outcome takes effect.

The payer's own request, the worker's inquiries and reversals all end here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from paydesk import transactions
from paydesk.cards import KeptCard
from paydesk.checkouts import store
from paydesk.checkouts.follow import News, follow
from paydesk.checkouts.model import MODES, Checkout
from paydesk.checkouts.states import State
from paydesk.connectors.contract import Finding, Reversal
from paydesk.db.connection import Connection, Database
from paydesk.transactions import Schedule, Transaction
from paydesk.transactions import State as AttemptState


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

    As transactions.settle_held. card is the attempt's where it is at hand, else it is looked up.
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
    def attempt(self) -> transactions.Held:
        """The attempt by itself."""
        return transactions.Held(
            self.transaction, self.at, wants_money=self.checkout.state is State.PENDING
        )


async def hold(connection: Connection, attempt: Transaction) -> Held:
    # The checkout first: everybody who locks both does so in this order.
    checkout, now = await store.lock(connection, attempt.account_id, attempt.for_checkout)
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

    async def followed(was: AttemptState, moved: Transaction, reason: str | None) -> None:
        await follow(connection, held.checkout, was, moved, News(held.at, reason, card))
        if held.attempt.wants_money and moved.state is AttemptState.APPROVED:
            await _give_verification_back(connection, schedule, held.after(moved))

    await transactions.settle_held(
        connection,
        schedule,
        held.attempt,
        finding,
        followed,
        was_asked=was_asked,
        by_person=by_person,
    )


async def _give_verification_back(connection: Connection, schedule: Schedule, held: Held) -> None:
    """Begins to undo a charge that was only to show that its card is good."""
    if MODES[held.checkout.mode].is_verification:
        await transactions.begin_reversal(connection, schedule, held.attempt)
