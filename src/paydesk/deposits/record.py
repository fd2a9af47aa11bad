"""Records what came by hand for an attempt: each sum once, in the books too."""

from collections.abc import Sequence
from dataclasses import replace

from paydesk import ledger
from paydesk.connectors.contract import Deposit
from paydesk.db.connection import Connection
from paydesk.deposits import store
from paydesk.kit import ids
from paydesk.transactions import Transaction


async def record(
    connection: Connection, transaction: Transaction, reported: Sequence[Deposit]
) -> Transaction:
    """The attempt, which the caller holds, with what is new of the bank's report.

    A sum that the merchant had told of before is that one, and no other money.
    """
    for deposit in reported:
        if await store.is_known(connection, transaction, deposit.provider_id):
            continue
        if not await store.confirm(connection, transaction, deposit):
            transaction = await _take(connection, transaction, deposit)
    return transaction


async def record_told(
    connection: Connection, transaction: Transaction, told: Deposit
) -> Transaction:
    """The attempt, which the caller holds, with what its merchant says came in.

    The bank's own id is not known yet.
    """
    return await _take(connection, transaction, told, is_told=True)


async def _take(
    connection: Connection, transaction: Transaction, deposit: Deposit, *, is_told: bool = False
) -> Transaction:
    assert deposit.amount.currency == transaction.amount.currency, "transfers are in rand only"
    deposit_id = ids.new("dep")
    await store.insert(
        connection,
        transaction,
        deposit,
        deposit_id=deposit_id,
        provider_id=None if is_told else deposit.provider_id,
    )
    await ledger.post(
        connection,
        transaction.account_id,
        transaction.id,
        fact="deposit",
        amount=deposit.amount,
        deposit_id=deposit_id,
    )
    return replace(transaction, received=transaction.received + deposit.amount.minor)
