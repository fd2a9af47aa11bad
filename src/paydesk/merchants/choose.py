"""Whose accounts does a command mean?"""

import asyncpg

from paydesk.db.connection import Connection
from paydesk.errors import Kind, Refusal
from paydesk.merchants import store
from paydesk.merchants.model import MerchantAccount


class MerchantMissing(Refusal):
    """There is no merchant with this id or name."""

    kind = Kind.MISSING


class SeveralMerchants(Refusal):
    """There are several merchants; name one of them."""

    def __init__(self, accounts: list[MerchantAccount]) -> None:
        super().__init__("merchant")
        self.merchants = {account.merchant_id: account.name for account in accounts}


async def merchant_accounts(
    connection: Connection | asyncpg.Connection, id_or_name: str | None
) -> list[MerchantAccount]:
    """The accounts of this merchant, or of the only one there is: test before live.

    Shape: a name is the one payers see, exactly as it is written; either account's will do.
    Raises: MerchantMissing, SeveralMerchants.
    """
    accounts = await store.all_accounts(connection)
    if id_or_name is not None:
        accounts = _named(accounts, id_or_name)
    if not accounts:
        raise MerchantMissing("merchant")
    if len({account.merchant_id for account in accounts}) > 1:
        raise SeveralMerchants(accounts)
    return accounts


def _named(accounts: list[MerchantAccount], id_or_name: str) -> list[MerchantAccount]:
    # The id goes first: merchants name themselves, and one could take the id of another.
    found = {one.merchant_id for one in accounts if one.merchant_id == id_or_name} or {
        one.merchant_id for one in accounts if one.name == id_or_name
    }
    return [one for one in accounts if one.merchant_id in found]
