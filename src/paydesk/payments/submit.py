"""Makes a payment of a saved card: the command behind an entry of `POST /payments/submit`."""

from datetime import date, datetime

from paydesk import cards, customers, transactions
from paydesk.customers import CustomerMissing
from paydesk.db.connection import Connection
from paydesk.payment_methods import MethodType
from paydesk.payments import announce, store
from paydesk.payments.errors import CardOfCustomer, MonthlyLimitReached, SavedCardMissing
from paydesk.payments.model import Payment
from paydesk.payments.schedule import day_of, moment_of
from paydesk.payments.states import Event, State
from paydesk.payments.wanted import first_day
from paydesk.payments.wire import Submit


async def submit(connection: Connection, account_id: int, command: Submit) -> Payment:
    """The payment made; the worker charges it on its first day, today's at once.

    Raises: DayPast, DayTooFar, NoDayLeft, CustomerMissing, SavedCardMissing, CardOfCustomer,
        MonthlyLimitReached, in this order of checking.
    """
    now: datetime = await connection.fetchval("select now()")
    schedule, due_on = first_day(command.wanted, day_of(now))
    if not await customers.has_customer(connection, account_id, command.customer_id):
        raise CustomerMissing(command.customer_path)
    card = await cards.saved_card_by_token(connection, account_id, command.card_token)
    if card is None or card.status != "ACTIVE":
        raise SavedCardMissing("card.token")
    if card.customer_id != command.customer_id:
        raise CardOfCustomer("card.token")
    if await _is_above_month(connection, account_id, command, due_on, now):
        raise MonthlyLimitReached("payment.amount")
    payment = Payment(
        account_id=account_id,
        id=command.id,
        customer_id=command.customer_id,
        card_id=card.id,
        amount=command.amount,
        reference=command.reference,
        schedule=schedule,
        state=State.PENDING,
        due_on=due_on,
        charge_at=min(now, moment_of(due_on)) if due_on == day_of(now) else moment_of(due_on),
        batch_reference=command.batch_reference,
        description=command.description,
        events=1,
        notifications=command.notifications,
        tax=command.tax,
        locale=await store.locale_for(connection, account_id, command.customer_id, command.locale),
    )
    await store.insert(connection, payment)
    await announce.tell(connection, payment, Event.CREATED)
    return payment


async def _is_above_month(
    connection: Connection, account_id: int, command: Submit, due_on: date, now: datetime
) -> bool:
    """Whether there is no room for the first charge, as far as can be told on this day."""
    limit, amount = command.monthly_limit, command.amount
    if due_on == day_of(now):
        return await transactions.is_above_month(
            connection, account_id, MethodType.CARD, limit, amount, now
        )
    # Of another day, only what no month would have room for.
    return limit is not None and limit.currency == amount.currency and amount.minor > limit.minor
