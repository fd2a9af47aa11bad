"""Gives an account a way to pay by an operator's words, changes it, and takes it away."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncpg

from paydesk.kit import ids
from paydesk.payment_methods.errors import MethodNotThere, MethodThere
from paydesk.payment_methods.model import MethodType, PaymentMethod, PaymentMethodID
from paydesk.payment_methods.store import (
    hold_methods,
    insert_payment_method,
    list_payment_methods,
    save_payment_method,
)
from paydesk.payment_methods.wire_terms import read_terms


async def set_up_payment_method(
    connection: asyncpg.Connection,
    account_id: int,
    type_: MethodType,
    record: Mapping[str, Any],
    *,
    banks: Mapping[str, bool],
    is_live: bool,
) -> PaymentMethod:
    """The account's new method, on the record's terms. One that was removed has its old id.

    Shape: banks as in read_terms; the connection is in a transaction.
    Raises: MethodThere; Invalid.
    """
    await hold_methods(connection, account_id)
    before = await _find(connection, account_id, type_)
    if before is not None and before.is_active:
        raise MethodThere("type")
    id_ = PaymentMethodID(ids.new("pam")) if before is None else before.id
    new = PaymentMethod(id_, type_, "PAYDESK")
    method = read_terms(new, record, banks=banks, is_live=is_live)
    if before is None:
        await insert_payment_method(connection, account_id, method)
    else:
        await save_payment_method(connection, account_id, method)
    return method


async def change_payment_method(
    connection: asyncpg.Connection,
    account_id: int,
    type_: MethodType,
    record: Mapping[str, Any],
    *,
    banks: Mapping[str, bool],
    is_live: bool,
) -> PaymentMethod:
    """The method as changed. Web processes hear of it within a second.

    Raises: MethodNotThere; Invalid.
    """
    before = await _active(connection, account_id, type_)
    method = read_terms(before, record, banks=banks, is_live=is_live)
    await save_payment_method(connection, account_id, method)
    return method


async def remove_payment_method(
    connection: asyncpg.Connection, account_id: int, type_: MethodType
) -> None:
    """Offers the method no more; who chose it before can still pay by it.

    Raises: MethodNotThere.
    """
    before = await _active(connection, account_id, type_)
    await save_payment_method(connection, account_id, replace(before, is_active=False))


async def _active(
    connection: asyncpg.Connection, account_id: int, type_: MethodType
) -> PaymentMethod:
    found = await _find(connection, account_id, type_)
    if found is None or not found.is_active:
        raise MethodNotThere("type")
    return found


async def _find(
    connection: asyncpg.Connection, account_id: int, type_: MethodType
) -> PaymentMethod | None:
    methods = await list_payment_methods(connection, account_id, with_removed=True)
    return next((method for method in methods if method.type is type_), None)
