"""Money that payers send by hand: takes up what came for an attempt, and ends it in time.

What came is recorded in whatever state the attempt is. It pays when there is enough; what is short
waits for the rest; what is too much, too late or twice goes back (modifications.return_surplus).
"""

from collections.abc import Sequence

from paydesk import deposits, transactions
from paydesk.checkouts.errors import NotByHand, TransferEnded
from paydesk.checkouts.settle import Held, hold, settle_held
from paydesk.connectors.contract import Approved, Declined, DeclineReason, Deposit, Unknown
from paydesk.db.connection import Connection, Database
from paydesk.payment_methods import MethodType
from paydesk.transactions import BY_HAND, Acquiring, Schedule, State, Transaction


async def look_at_transfer(db: Database, acquiring: Acquiring, transaction: Transaction) -> None:
    """Asks the bank what has come in, and takes it up; at its end gives the attempt up."""
    async with db.connection() as connection:
        due_at = await transactions.due_at(connection, transaction)
    reported: Sequence[Deposit] | Unknown = ()
    if transaction.connector != BY_HAND:
        reported = await transactions.list_deposits(acquiring, transaction)

    async def work(connection: Connection) -> None:
        held = await hold(connection, transaction)
        wanted_at = await transactions.due_at(connection, transaction)
        if not isinstance(reported, Unknown):
            held = held.after(await deposits.record(connection, held.transaction, reported))
        is_certain = not isinstance(reported, Unknown)
        await _go_on(connection, acquiring, held, is_certain=is_certain)
        if wanted_at is not None and wanted_at != due_at:
            # More was heard of since we asked, and the answer may be older: look once more.
            await transactions.look_by(connection, transaction, wanted_at)

    await db.transact(work)


async def receive_transfer(
    connection: Connection, schedule: Schedule, attempt: Transaction, told: Deposit
) -> None:
    """Takes up what the merchant says came in for an attempt.

    Raises: NotByHand; TransferEnded, where the bank reports to us and the attempt has ended.
    """
    if attempt.method is not MethodType.PAYIN:
        raise NotByHand("id")
    held = await hold(connection, attempt)
    if held.transaction.state is not State.AWAITING and attempt.connector != BY_HAND:
        # The bank will tell of it, and the same money would be two.
        raise TransferEnded("id")
    held = held.after(await deposits.record_told(connection, held.transaction, told))
    await _go_on(connection, schedule, held, is_certain=True)


async def _go_on(
    connection: Connection, schedule: Schedule, held: Held, *, is_certain: bool
) -> None:
    transaction = held.transaction
    if transaction.state is State.AWAITING and transaction.received >= transaction.amount.minor:
        paid = Approved(transaction.payer_reference or transaction.id)
        await settle_held(connection, schedule, held, paid, was_asked=True)
    elif (
        transaction.state is State.AWAITING and is_certain and (held.attempt.seconds_left or 0) <= 0
    ):
        late = Declined(DeclineReason.EXPIRED)
        await settle_held(connection, schedule, held, late, was_asked=True)
    elif transaction.state is State.AWAITING or is_certain:
        await transactions.ask_again(connection, schedule, held.attempt, transaction.inquiries + 1)
    else:
        # Something came after the end, and the bank has yet to say what.
        await _ask_once_more(connection, schedule, transaction)


async def _ask_once_more(
    connection: Connection, schedule: Schedule, transaction: Transaction
) -> None:
    inquiries = transaction.inquiries + 1
    pause = schedule.inquiry_seconds[min(inquiries, len(schedule.inquiry_seconds)) - 1]
    await transactions.schedule(connection, transaction, inquiries=inquiries, look_seconds=pause)
