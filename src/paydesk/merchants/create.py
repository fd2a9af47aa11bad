"""Makes a merchant with a test and a live account, and the keys that open an account."""

from dataclasses import dataclass, field

import asyncpg

from paydesk.kit import ids
from paydesk.kit.sealing import Sealer
from paydesk.merchants import store
from paydesk.merchants.issue import create_key
from paydesk.merchants.model import KeyKind
from paydesk.merchants.secret import new_webhook_secret, open_webhook_secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a merchant's developer is handed for one account. The secret is shown only here."""

    account_id: int
    is_live: bool
    api_key: str
    api_secret: str = field(repr=False)
    public_key: str
    webhook_secret: str = field(repr=False)


async def create_merchant(connection: asyncpg.Connection, sealer: Sealer, *, name: str) -> str:
    """A merchant with a test account at the sandbox and a live one without an acquirer: its id."""
    merchant_id = ids.new("mer")
    await store.insert_merchant(connection, merchant_id=merchant_id, name=name)
    for is_live in (False, True):
        await store.insert_account(
            connection,
            merchant_id=merchant_id,
            is_live=is_live,
            webhook_secret=new_webhook_secret(sealer),
            connector=None if is_live else "sandbox",
        )
    return merchant_id


async def issue_keys(
    connection: asyncpg.Connection, sealer: Sealer, *, merchant_id: str | None = None
) -> list[Credentials]:
    """A fresh key for each account of the merchant, test before live; [] without one.

    Without merchant_id it is the first merchant. Keys issued before stay valid, and an account's
    public key is issued once.
    """
    made = []
    for account in await store.accounts_to_open(connection, merchant_id):
        account_id, is_live = account["id"], account["is_live"]
        issued = await create_key(connection, account_id, is_live=is_live)
        public_key = account["public_key"]
        if public_key is None:
            public = await create_key(connection, account_id, is_live=is_live, kind=KeyKind.PUBLIC)
            public_key = public.api_key
        webhook_secret = open_webhook_secret(sealer, account["webhook_secret"])
        assert issued.api_secret is not None, "a key of kind secret has one"
        made.append(
            Credentials(
                account_id, is_live, issued.api_key, issued.api_secret, public_key, webhook_secret
            )
        )
    return made
