"""All SQL of deposits."""

from paydesk.connectors.contract import Credit, Deposit
from paydesk.db.connection import Connection, Database
from paydesk.deposits.model import UnclaimedDeposit
from paydesk.kit import ids
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


async def cursor(connection: Connection, bank: str) -> str:
    """Up to where this bank's statement was read; "" where it never was."""
    found: str | None = await connection.fetchval(
        "select cursor from bank_statements where bank = $1", bank
    )
    return found or ""


async def move_cursor(connection: Connection, bank: str, *, since: str, to: str) -> bool:
    """Whether the statement was still read up to `since`; then it is read up to `to`."""
    await connection.execute(
        "insert into bank_statements (bank, cursor) values ($1, '') on conflict do nothing", bank
    )
    moved: str | None = await connection.fetchval(
        """
        update bank_statements set cursor = $3, read_at = now()
        where bank = $1 and cursor = $2 returning bank
        """,
        bank,
        since,
        to,
    )
    return moved is not None


async def note_failure(db: Database, bank: str, why: str) -> bool:
    """Notes that a bank's statement can't be read; whether that is new."""
    is_new: bool = await db.value(
        """
        insert into bank_statements as s (bank, cursor, failing_since, failure)
        values ($1, '', now(), left($2, 200))
        on conflict (bank) do update set
            failing_since = coalesce(s.failing_since, now()), failure = excluded.failure
        returning failing_since = now()
        """,
        bank,
        why,
    )
    return is_new


async def note_read(db: Database, bank: str) -> None:
    """Notes that a bank's statement could be read."""
    await db.execute(
        """
        update bank_statements set failing_since = null, failure = null
        where bank = $1 and failing_since is not null
        """,
        bank,
    )


async def keep_unclaimed(connection: Connection, bank: str, credit: Credit) -> bool:
    """Keeps a sum that is for nobody; False where it is kept already."""
    kept: str | None = await connection.fetchval(
        """
        insert into unclaimed_deposits (
            id, bank, provider_id, reference, amount, currency, sender
        ) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (bank, provider_id) do nothing returning id
        """,
        ids.new("dep"),
        bank,
        credit.provider_id,
        credit.reference,
        credit.minor,
        credit.currency,
        credit.sender,
    )
    return kept is not None


async def unclaimed(db: Database) -> list[UnclaimedDeposit]:
    """Sums for nobody that no person has dealt with yet, oldest first."""
    rows = await db.rows(
        """
        select id, bank, provider_id, reference, amount, currency, sender, at
        from unclaimed_deposits where settled_at is null order by id
        """
    )
    return [
        UnclaimedDeposit(
            id=row["id"],
            bank=row["bank"],
            provider_id=row["provider_id"],
            reference=row["reference"],
            minor=row["amount"],
            currency=row["currency"],
            sender=row["sender"],
            at=row["at"],
        )
        for row in rows
    ]


async def settle_unclaimed(db: Database, deposit_id: str) -> None:
    """Notes that a person has dealt with a sum for nobody."""
    await db.execute(
        "update unclaimed_deposits set settled_at = now() where id = $1 and settled_at is null",
        deposit_id,
    )
