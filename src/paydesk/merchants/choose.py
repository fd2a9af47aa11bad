"""Whose accounts does a command mean?"""

import asyncpg

from paydesk.db.connection import Connection
from paydesk.errors import Kind, Refusal
from paydesk.merchants import store
from paydesk.merchants.model import MerchantAccount


class MerchantMissing(Refusal):
    """There is no merchant with this id."""

    kind = Kind.MISSING


class SeveralMerchants(Refusal):
    """There are several merchants; name one of them."""

    def __init__(self, accounts: list[MerchantAccount]) -> None:
        super().__init__("merchant")
        self.merchants = {account.merchant_id: account.name for account in accounts}


async def merchant_accounts(
    connection: Connection | asyncpg.Connection, merchant_id: str | None
) -> list[MerchantAccount]:
    """The accounts of this merchant, or of the only one there is: test before live.

    Raises: MerchantMissing, SeveralMerchants.
    """
    accounts = await store.all_accounts(connection)
    if merchant_id is not None:
        accounts = [account for account in accounts if account.merchant_id == merchant_id]
    if not accounts:
        raise MerchantMissing("merchant")
    if len({account.merchant_id for account in accounts}) > 1:
        raise SeveralMerchants(accounts)
    return accounts
