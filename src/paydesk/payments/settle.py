"""Takes up what an acquirer said about a payment's charge, and looks after unclear ones.

The charge's own request, the worker's inquiries and a person's word all end in `settle`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from paydesk import notifications, orders, transactions
from paydesk.connectors.contract import Finding, Reversal
from paydesk.db.connection import Connection, Database
from paydesk.payments import store
from paydesk.payments.decide import after_charge, after_failure, concerns_payer
from paydesk.payments.move import go_on
from paydesk.transactions import Acquiring, Held, Schedule, State, Transaction


class ChargeSchedule(Schedule, Protocol):
    """When unclear charges are asked about, and declined ones are tried again.

    Units: charge_retry_days is how long after the day of its first try a charge is tried again.
    """

    @property
    def charge_retry_days(self) -> tuple[int, ...]: ...


async def settle(
    db: Database,
    schedule: ChargeSchedule,
    charge: Transaction,
    finding: Finding | Reversal,
    *,
    was_asked: bool,
    by_person: bool = False,
    at: datetime | None = None,
) -> None:
    """Moves the charge, its payment, its order and the books by what was found, all at once.

    As transactions.settle_held. Money for a payment that was ended meanwhile goes back. at is the
    time, the database's own where none is given.
    """

    async def work(connection: Connection) -> None:
        # The payment first: everybody who locks both does so in this order.
        found = await store.lock(connection, charge.account_id, charge.payment_id or "")
        assert found is not None, "a charge has its payment"
        held = found if at is None else replace(found, at=at)
        payment = held.payment
        transaction = await transactions.lock(connection, charge.account_id, charge.id)
        waits = payment.transaction_id == charge.id and not payment.state.is_final

        async def follow(_was: State, moved: Transaction, reason: str | None) -> None:
            if waits and moved.state is State.APPROVED:
                await _go_on_charged(connection, held, moved)
            elif waits and moved.state in transactions.WITHOUT_MONEY:
                is_told = concerns_payer(reason, finding)
                await _go_on_without(connection, schedule, held, moved, reason, is_told=is_told)

        await transactions.settle_held(
            connection,
            schedule,
            Held(transaction, held.at, wants_money=waits),
            finding,
            follow,
            was_asked=was_asked,
            by_person=by_person,
        )

    await db.transact(work)


async def _go_on_charged(connection: Connection, held: store.Held, moved: Transaction) -> None:
    payment, wanted = held.payment, held.payment.notifications
    await orders.follow(connection, moved.account_id, moved.order_id, orders.Step.PAY)
    changes: dict[str, Any] = {"charges": payment.charges + 1, "decline_reason": None}
    await go_on(connection, payment, after_charge(payment), transaction_id=None, **changes)
    await notifications.tell_of_charge(
        connection,
        moved,
        sends_mails=wanted.send_confirmation_email or held.is_merchant_told,
        sends_invoice=wanted.send_invoice,
    )


async def _go_on_without(
    connection: Connection,
    schedule: ChargeSchedule,
    held: store.Held,
    moved: Transaction,
    reason: str | None,
    *,
    is_told: bool,
) -> None:
    payment = held.payment
    retry_days = schedule.charge_retry_days
    following = after_failure(payment, reason, held.at, retry_days=retry_days)
    is_missed = following.due_on != payment.due_on
    changes: dict[str, Any] = {"missed": payment.missed + is_missed, "decline_reason": reason}
    await go_on(connection, payment, following, transaction_id=None, **changes)
    if is_missed:
        await notifications.tell_of_missed_charge(connection, moved)
    if is_told and payment.due_on is not None:
        await notifications.tell_of_failed_charge(
            connection, payment.account_id, payment.id, payment.due_on, payment.try_number
        )


async def look_at_charge(db: Database, acquiring: Acquiring, charge: Transaction) -> None:
    """Does the next thing for a charge that is due. Safe to call twice at once."""
    finding = await transactions.find_out(acquiring, charge)
    await settle(db, acquiring, charge, finding, was_asked=True)
