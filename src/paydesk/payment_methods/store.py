"""All SQL of payment methods."""

from dataclasses import asdict

import asyncpg

from paydesk import lookups
from paydesk.db.connection import Connection, Row
from paydesk.kit import json
from paydesk.kit.money import Money
from paydesk.payment_methods.model import (
    BankAccount,
    MethodType,
    PaymentMethod,
    PaymentMethodID,
)

_LIST = """
select id, type, abbreviated_name, item_limit, monthly_limit, connector, bank_account, is_active
from payment_methods
where account_id = $1
order by type <> 'CARD', id"""

_INSERT = """
insert into payment_methods
    (account_id, id, type, abbreviated_name, item_limit, monthly_limit, is_active, connector,
    bank_account)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""

_SAVE = """
update payment_methods set
    type = $3, abbreviated_name = $4, item_limit = $5, monthly_limit = $6, is_active = $7,
    connector = $8, bank_account = $9
where account_id = $1 and id = $2"""


async def list_payment_methods(
    connection: Connection | asyncpg.Connection, account_id: int, *, with_removed: bool = False
) -> tuple[PaymentMethod, ...]:
    """The account's active payment methods, cards first, then oldest first."""
    methods = [_method(row) for row in await connection.fetch(_LIST, account_id)]
    return tuple(method for method in methods if method.is_active or with_removed)


async def accounts_without_bank(connection: asyncpg.Connection) -> list[int]:
    """Test accounts that take cards at the sandbox, and never had another way to pay."""
    rows = await connection.fetch(
        """
        select id from accounts a
        where not is_live and connector = 'sandbox'
            and exists (select from payment_methods where account_id = a.id)
            and not exists (
                select from payment_methods where account_id = a.id and type <> 'CARD'
            )
        """
    )
    return [row["id"] for row in rows]


async def hold_methods(connection: asyncpg.Connection, account_id: int) -> None:
    """Until the transaction ends, nobody else sets up a way to pay for the account."""
    await connection.execute("select from accounts where id = $1 for no key update", account_id)


async def insert_payment_method(
    connection: Connection, account_id: int, method: PaymentMethod
) -> None:
    await connection.execute(_INSERT, account_id, *_values(method))


async def save_payment_method(
    connection: asyncpg.Connection, account_id: int, method: PaymentMethod
) -> None:
    """Writes the method over the one that has its id."""
    await connection.execute(_SAVE, account_id, *_values(method))


def _values(method: PaymentMethod) -> tuple[object, ...]:
    return (
        method.id,
        method.type.value,
        method.abbreviated_name,
        _minor(method.item_limit),
        _minor(method.monthly_limit),
        method.is_active,
        method.connector,
        None if method.bank_account is None else json.write(asdict(method.bank_account)).decode(),
    )


def _method(row: Row) -> PaymentMethod:
    return PaymentMethod(
        id=PaymentMethodID(row["id"]),
        type=MethodType(row["type"]),
        abbreviated_name=row["abbreviated_name"],
        item_limit=_rand(row["item_limit"]),
        monthly_limit=_rand(row["monthly_limit"]),
        connector=row["connector"],
        bank_account=_bank_account(row["bank_account"]),
        is_active=row["is_active"],
    )


def _bank_account(text: str | None) -> BankAccount | None:
    return None if text is None else BankAccount(**json.read_object(text.encode()))


def _rand(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor, lookups.currency("ZAR"))


def _minor(limit: Money | None) -> int | None:
    return None if limit is None else limit.minor
