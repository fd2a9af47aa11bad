"""Reads transactions for the merchant: one by id or reference, or pages of them."""

from collections.abc import Mapping
from typing import Any

from paydesk.db.connection import Connection
from paydesk.db.listing import Page
from paydesk.kit import ids
from paydesk.transactions import store
from paydesk.transactions.model import ShownTransaction


async def list_transactions(
    connection: Connection, account_id: int, filters: Mapping[str, Any], page: Page
) -> tuple[list[ShownTransaction], str | None]:
    """A page of the account's transactions, newest first, and the cursor of the next.

    Shape: filters are `store.FILTERS` by name; None is no filter.
    """
    return await store.listed(connection, account_id, filters, page)


async def find_record(
    connection: Connection, account_id: int, id_or_reference: str
) -> ShownTransaction | None:
    """The account's transaction with this id, or the one that counts of its order's reference.

    Of several attempts under one reference that is the one which holds money, else the newest.
    """
    if ids.looks_like("tra", id_or_reference):
        return await store.shown(connection, account_id, id_or_reference)
    return await store.shown_of_reference(connection, account_id, id_or_reference)
