"""Gives an account a way to pay."""

import asyncpg

from paydesk.kit import ids
from paydesk.kit.money import Money
from paydesk.payment_methods.model import (
    BankAccount,
    MethodType,
    PaymentMethod,
    PaymentMethodID,
)
from paydesk.payment_methods.store import insert_payment_method


async def add_payment_method(
    connection: asyncpg.Connection,
    account_id: int,
    *,
    type: str,  # noqa: A002 - the API's own name for it
    abbreviated_name: str = "PAYDESK",
    item_limit: Money | None = None,
    monthly_limit: Money | None = None,
    connector: str | None = None,
    bank_account: BankAccount | None = None,
) -> PaymentMethod:
    """The account's new payment method, active from now on.

    Raises: asyncpg.UniqueViolationError, where the account has one of this type already.
    """
    method = PaymentMethod(
        PaymentMethodID(ids.new("pam")),
        MethodType(type),
        abbreviated_name,
        item_limit,
        monthly_limit,
        connector,
        bank_account,
    )
    await insert_payment_method(connection, account_id, method)
    return method
