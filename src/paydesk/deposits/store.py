"""All SQL of deposits."""

from paydesk.connectors.contract import Deposit
from paydesk.db.connection import Connection
from paydesk.transactions import Transaction


async def is_known(connection: Connection, transaction: Transaction, provider_id: str) -> bool:
    found: bool = await connection.fetchval(
        """
        select exists (
            select from deposits
            where transaction_id = $2 and account_id = $1 and provider_id = $3
        )
        """,
        transaction.account_id,
        transaction.id,
        provider_id,
    )
    return found


async def confirm(connection: Connection, transaction: Transaction, deposit: Deposit) -> bool:
    """Whether the merchant had told of this sum: then it has the bank's id from now on."""
    found: str | None = await connection.fetchval(
        """
        update deposits set provider_id = $3 where account_id = $1 and id = (
            select id from deposits
            where transaction_id = $2 and account_id = $1 and provider_id is null and amount = $4
            order by id limit 1
        ) returning id
        """,
        transaction.account_id,
        transaction.id,
        deposit.provider_id,
        deposit.amount.minor,
    )
    return found is not None


async def insert(
    connection: Connection,
    transaction: Transaction,
    deposit: Deposit,
    *,
    deposit_id: str,
    provider_id: str | None,
) -> None:
    """Puts the sum in, and adds it to what the attempt has received."""
    await connection.execute(
        """
        with made as (
            insert into deposits (
                account_id, id, transaction_id, provider_id, amount, currency, sender
            ) values ($1, $3, $2, $4, $5, $6, $7)
        )
        update transactions set received = received + $5, updated_at = now()
        where account_id = $1 and id = $2
        """,
        transaction.account_id,
        transaction.id,
        deposit_id,
        provider_id,
        deposit.amount.minor,
        deposit.amount.currency.code,
        deposit.sender,
    )
