"""All SQL of merchants, their accounts and keys."""

from dataclasses import dataclass

import asyncpg

from paydesk.db.connection import Database
from paydesk.merchants.model import Account


@dataclass(frozen=True, slots=True)
class FoundKey:
    account: Account
    secret_hash: bytes


async def key(db: Database, api_key: str) -> FoundKey | None:
    """The live key of this name, with its account."""
    row = await db.row(
        """
        select k.id as key_id, k.secret_hash, a.id, a.is_live, a.connector, m.name
        from api_keys k
        join accounts a on a.id = k.account_id
        join merchants m on m.id = a.merchant_id
        where k.api_key = $1 and k.revoked_at is null
        """,
        api_key,
    )
    if row is None:
        return None
    account = Account(row["id"], row["is_live"], row["name"], row["connector"], row["key_id"])
    return FoundKey(account, row["secret_hash"])


async def insert_merchant(connection: asyncpg.Connection, *, merchant_id: str, name: str) -> None:
    await connection.execute("insert into merchants (id, name) values ($1, $2)", merchant_id, name)


async def insert_account(
    connection: asyncpg.Connection,
    *,
    merchant_id: str,
    is_live: bool,
    public_key: str,
    webhook_secret: bytes,
    connector: str | None,
) -> int:
    number: int = await connection.fetchval(
        """
        insert into accounts (merchant_id, is_live, public_key, webhook_secret, connector)
        values ($1, $2, $3, $4, $5) returning id
        """,
        merchant_id,
        is_live,
        public_key,
        webhook_secret,
        connector,
    )
    return number


async def insert_key(
    connection: asyncpg.Connection, account_id: int, *, api_key: str, secret_hash: bytes
) -> None:
    await connection.execute(
        "insert into api_keys (account_id, api_key, secret_hash) values ($1, $2, $3)",
        account_id,
        api_key,
        secret_hash,
    )


async def first_accounts(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """The first merchant's accounts: id, is_live, public_key, webhook_secret (sealed)."""
    return await connection.fetch(
        """
        select id, is_live, public_key, webhook_secret from accounts
        where merchant_id = (select id from merchants order by id limit 1)
        order by is_live
        """
    )


async def webhook_secret(db: Database, account_id: int) -> bytes:
    """The account's webhook secret, sealed."""
    sealed: bytes = await db.value("select webhook_secret from accounts where id = $1", account_id)
    return sealed


async def is_valid_key(connection: asyncpg.Connection, *, api_key: str, secret_hash: bytes) -> bool:
    found: bool = await connection.fetchval(
        """
        select exists (
            select from api_keys
            where api_key = $1 and secret_hash = $2 and revoked_at is null
        )
        """,
        api_key,
        secret_hash,
    )
    return found
