"""Makes a payment of a saved card: the command behind an entry of `POST /payments/submit`."""

from datetime import date, datetime

from paydesk import cards, customers, limits
from paydesk.customers import CustomerMissing
from paydesk.db.connection import Connection
from paydesk.payments import announce, store
from paydesk.payments.errors import CardOfCustomer, DayPast, DayTooFar, NoDayLeft, SavedCardMissing
from paydesk.payments.model import Payment
from paydesk.payments.schedule import Schedule, day_of, due_from, moment_of
from paydesk.payments.states import Event, State
from paydesk.payments.wire import Submit, Wanted


async def submit(connection: Connection, account_id: int, command: Submit) -> Payment:
    """The payment made; the worker charges it on its first day, today's at once.

    Raises: DayPast, DayTooFar, NoDayLeft, CustomerMissing, SavedCardMissing, CardOfCustomer, in
        this order of checking.
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
    )
    await store.insert(connection, payment)
    await announce.tell(connection, payment, Event.CREATED)
    return payment


def first_day(wanted: Wanted, today: date) -> tuple[Schedule, date]:
    """The schedule that is wanted, and its first day.

    Raises: DayPast, DayTooFar, NoDayLeft.
    """
    check_days(wanted, today)
    schedule = wanted.schedule(today)
    due_on = due_from(schedule, today)
    if due_on is None:
        raise NoDayLeft(wanted.end_path)
    return schedule, due_on


def check_days(wanted: Wanted, today: date) -> None:
    """Raises: DayPast, DayTooFar."""
    last_year = today.year + limits.SCHEDULE_YEARS_MAX
    if wanted.start is not None and wanted.start < today:
        raise DayPast(wanted.start_path)
    if wanted.start is not None and wanted.start.year > last_year:
        raise DayTooFar(wanted.start_path)
    if wanted.end is not None and wanted.end.year > last_year:
        raise DayTooFar(wanted.end_path)
