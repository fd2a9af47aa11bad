"""Begins a capture, void or refund: what may be done is decided under the transaction's lock.

Its own reference is committed with this, before anything is sent.
"""

from paydesk import transactions
from paydesk.connectors.contract import ModificationKind
from paydesk.db.connection import Connection
from paydesk.kit import ids
from paydesk.kit.money import Money
from paydesk.modifications import store
from paydesk.modifications.errors import (
    AmountAboveRest,
    NothingLeft,
    PaidByHand,
    TransactionMissing,
    TransactionNotApproved,
    VoidIsWhole,
)
from paydesk.modifications.left import left_for
from paydesk.modifications.model import Modification, ModificationID
from paydesk.transactions import BY_HAND, State


async def begin(
    connection: Connection,
    account_id: int,
    transaction_id: str,
    kind: ModificationKind,
    *,
    due_seconds: int,
    amount: Money | None = None,
    is_automatic: bool = False,
) -> Modification:
    """A modification that may be sent once the transaction at hand is committed.

    amount None is all that is left. After due_seconds without an answer the worker takes it up.
    Raises: TransactionMissing, TransactionNotApproved, PaidByHand, NothingLeft, VoidIsWhole,
        AmountAboveRest.
    """
    if not await transactions.exists(connection, account_id, transaction_id):
        raise TransactionMissing("id")
    transaction = await transactions.lock(connection, account_id, transaction_id)
    if transaction.state is not State.APPROVED and kind is not ModificationKind.RETURN:
        raise TransactionNotApproved("id")
    if transaction.connector == BY_HAND:
        raise PaidByHand("id")
    in_flight = await store.in_flight(connection, account_id, transaction_id)
    left = left_for(kind, transaction.sums, in_flight)
    if left <= 0:
        raise NothingLeft("id")
    if amount is not None and kind is ModificationKind.VOID:
        raise VoidIsWhole("amount")
    if amount is not None and amount.minor > left:
        raise AmountAboveRest("amount")
    modification = Modification(
        account_id=account_id,
        id=ModificationID(ids.new("mod")),
        transaction_id=transaction.id,
        kind=kind,
        amount=amount or Money(left, transaction.amount.currency),
        is_automatic=is_automatic,
        connector=transaction.connector,
        state=State.SUBMITTING,
        moves=1,
    )
    await store.insert_submitting(connection, modification, due_seconds=due_seconds)
    return modification
