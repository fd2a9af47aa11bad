"""The first start: a merchant with a test and a live account, and the file with their keys."""

import contextlib
import json
from pathlib import Path
from typing import Any

import asyncpg

from paydesk import merchants, payment_methods
from paydesk.kit.private_files import write_private
from paydesk.kit.sealing import SealBroken, Sealer

_LOCK = 7_295_339_376  # any fixed number but the one of `db/migrate.py`


async def set_up_first_merchant(
    database_url: str, *, data: Path, base_url: str, sealing_key: bytes
) -> None:
    """Writes DIR/credentials.json (mode 0600) and makes what it names, unless it is there.

    Keys in the file that the database knows are kept, with what is the webhook secret now. Where
    they are missing, new ones are made for the accounts there are, because secrets are stored as
    hashes and can't be read back.
    """
    path = data / "credentials.json"
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        kept = _read(path)
        if not await _are_good(connection, kept):
            async with connection.transaction():
                kept = await _make(connection, Sealer(sealing_key))
        for keys in (kept["test"], kept["live"]):
            sealed = await merchants.webhook_secret_of_key(connection, keys["api_key"])
            # With another sealing key than it was sealed with, all but webhooks can go on.
            with contextlib.suppress(SealBroken):
                keys["webhook_secret"] = merchants.open_webhook_secret(Sealer(sealing_key), sealed)
        for account_id in await payment_methods.accounts_without_bank(connection):
            # Made before there were other ways to pay than cards.
            async with connection.transaction():
                await _add_sandbox_methods(connection, account_id)
        credentials = {"base_url": base_url, "test": kept["test"], "live": kept["live"]}
        write_private(path, json.dumps(credentials, indent=2) + "\n")
    finally:
        await connection.close()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


async def _are_good(connection: asyncpg.Connection, credentials: dict[str, Any]) -> bool:
    for mode in ("test", "live"):
        named = credentials.get(mode) or {}
        api_key, secret = str(named.get("api_key")), str(named.get("api_secret"))
        if not await merchants.is_valid_key(connection, api_key=api_key, secret=secret):
            return False
    return True


async def _make(connection: asyncpg.Connection, sealer: Sealer) -> dict[str, Any]:
    issued = await merchants.issue_keys(connection, sealer)
    if issued:
        return _by_mode(issued)
    _, credentials = await make_merchant(connection, sealer, name="My shop")
    return credentials


async def make_merchant(
    connection: asyncpg.Connection, sealer: Sealer, *, name: str
) -> tuple[str, dict[str, Any]]:
    """A merchant that takes cards: its id, and the credentials of its accounts by mode."""
    merchant_id = await merchants.create_merchant(connection, sealer, name=name)
    issued = await merchants.issue_keys(connection, sealer, merchant_id=merchant_id)
    for made in issued:
        await payment_methods.add_payment_method(connection, made.account_id, type="CARD")
        if not made.is_live:
            await _add_sandbox_methods(connection, made.account_id)
    return merchant_id, _by_mode(issued)


async def _add_sandbox_methods(connection: asyncpg.Connection, account_id: int) -> None:
    """What can be tried at the sandbox's bank. A live account has a bank once one is configured."""
    for type_ in ("INSTANT_EFT", "SCAN_TO_PAY", "PAYIN"):
        await payment_methods.add_payment_method(
            connection,
            account_id,
            type=type_,
            connector="sandbox-bank",
            bank_account=_SANDBOX_ACCOUNT if type_ == "PAYIN" else None,
        )


# An account that no bank has: its number is too short.
_SANDBOX_ACCOUNT = payment_methods.BankAccount(
    "Sandbox Bank", "My shop (test)", "0000012345", "000000"
)


def _by_mode(issued: list[merchants.Credentials]) -> dict[str, Any]:
    return {
        "live" if made.is_live else "test": {
            "api_key": made.api_key,
            "api_secret": made.api_secret,
            "public_key": made.public_key,
            "webhook_secret": made.webhook_secret,
        }
        for made in issued
    }
