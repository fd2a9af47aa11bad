"""All SQL of payment methods."""

from paydesk import lookups
from paydesk.db.connection import Connection, Row
from paydesk.kit.money import Money
from paydesk.payment_methods.model import MethodType, PaymentMethod, PaymentMethodID

_LIST = """
select id, type, abbreviated_name, item_limit, monthly_limit
from payment_methods
where account_id = $1 and is_active
order by id"""

_INSERT = """
insert into payment_methods
    (account_id, id, type, abbreviated_name, item_limit, monthly_limit, is_active)
values ($1, $2, $3, $4, $5, $6, true)"""


async def list_payment_methods(
    connection: Connection, account_id: int
) -> tuple[PaymentMethod, ...]:
    """The account's active payment methods, oldest first."""
    return tuple(_method(row) for row in await connection.fetch(_LIST, account_id))


async def insert_payment_method(
    connection: Connection, account_id: int, method: PaymentMethod
) -> None:
    await connection.execute(
        _INSERT,
        account_id,
        method.id,
        method.type.value,
        method.abbreviated_name,
        _minor(method.item_limit),
        _minor(method.monthly_limit),
    )


def _method(row: Row) -> PaymentMethod:
    return PaymentMethod(
        id=PaymentMethodID(row["id"]),
        type=MethodType(row["type"]),
        abbreviated_name=row["abbreviated_name"],
        item_limit=_rand(row["item_limit"]),
        monthly_limit=_rand(row["monthly_limit"]),
    )


def _rand(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor, lookups.currency("ZAR"))


def _minor(limit: Money | None) -> int | None:
    return None if limit is None else limit.minor
