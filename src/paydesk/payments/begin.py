"""Begins the payment of a recurring checkout, in the transaction in which that is paid."""

from dataclasses import dataclass
from datetime import datetime

from paydesk.db.connection import Connection
from paydesk.kit import ids
from paydesk.kit.money import Money
from paydesk.payments import announce, store
from paydesk.payments.model import Payment, PaymentID, ShownPayment
from paydesk.payments.move import move
from paydesk.payments.schedule import day_of, due_after, moment_of
from paydesk.payments.states import Event, State, Step
from paydesk.payments.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a payer has agreed to by paying a recurring checkout, which is its first charge.

    consent is the sentence that they were shown.
    """

    account_id: int
    checkout_id: str
    customer_id: str
    card_id: str
    amount: Money
    wanted: Wanted
    consent: str | None


async def begin(connection: Connection, agreed: Agreed, now: datetime) -> ShownPayment:
    """The payment, with its first charge behind it; the next day of its schedule stands."""
    today = day_of(now)
    schedule = agreed.wanted.schedule(today)
    due_on = due_after(schedule, today)
    first = await store.first_of(connection, agreed.account_id, agreed.checkout_id)
    payment = Payment(
        account_id=agreed.account_id,
        id=PaymentID(ids.new("pay")),
        customer_id=agreed.customer_id,
        card_id=agreed.card_id,
        amount=agreed.amount,
        reference=first.reference,
        schedule=schedule,
        state=State.RUNNING,
        due_on=due_on,
        charge_at=None if due_on is None else moment_of(due_on),
        checkout_id=agreed.checkout_id,
        description=first.description,
        events=1,
        charges=1,
        consent=agreed.consent,
        notifications=first.notifications,
    )
    await store.insert(connection, payment)
    await announce.tell(connection, payment, Event.CREATED)
    if due_on is None:
        await move(connection, payment, Step.RUN_OUT)
    shown = await store.shown(connection, agreed.account_id, payment.id)
    assert shown is not None, "it was put in by this transaction"
    return shown
