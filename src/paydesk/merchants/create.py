"""Makes a merchant with a test and a live account, and the keys that open an account."""

from dataclasses import dataclass

import asyncpg

from paydesk.kit import ids, signing
from paydesk.kit.sealing import Sealer
from paydesk.merchants import store
from paydesk.merchants.keys import new_key, new_secret, secret_hash

_WEBHOOK_SECRET = b"webhook_secret"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a merchant's developer is handed for one account. The secret is shown only here."""

    account_id: int
    is_live: bool
    api_key: str
    api_secret: str
    public_key: str
    webhook_secret: str


async def create_merchant(connection: asyncpg.Connection, sealer: Sealer, *, name: str) -> None:
    """A merchant with a test account at the sandbox and a live one without an acquirer."""
    merchant_id = ids.new("mer")
    await store.insert_merchant(connection, merchant_id=merchant_id, name=name)
    for is_live in (False, True):
        await store.insert_account(
            connection,
            merchant_id=merchant_id,
            is_live=is_live,
            public_key=new_key("public", is_live=is_live),
            webhook_secret=sealer.seal(signing.new_secret().encode(), _WEBHOOK_SECRET),
            connector=None if is_live else "sandbox",
        )


async def issue_keys(connection: asyncpg.Connection, sealer: Sealer) -> list[Credentials]:
    """A fresh key for each account of the first merchant, test before live; [] without one.

    Keys issued before stay valid.
    """
    made = []
    for account in await store.first_accounts(connection):
        is_live = account["is_live"]
        api_key, secret = new_key("key", is_live=is_live), new_secret("secret", is_live=is_live)
        await store.insert_key(
            connection, account["id"], api_key=api_key, secret_hash=secret_hash(secret)
        )
        webhook_secret = open_webhook_secret(sealer, account["webhook_secret"])
        made.append(
            Credentials(
                account["id"], is_live, api_key, secret, account["public_key"], webhook_secret
            )
        )
    return made


def open_webhook_secret(sealer: Sealer, sealed: bytes) -> str:
    return sealer.open(sealed, _WEBHOOK_SECRET).decode()
