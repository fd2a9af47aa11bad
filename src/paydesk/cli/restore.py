"""`paydesk restore`: a backup's database and keys in an empty data folder, ready for serve.

With PAYDESK_DATABASE_URL the database is the one there, and the folder holds the rest.
"""

import asyncio
import base64
import shutil
from pathlib import Path

import asyncpg

from paydesk import merchants
from paydesk.cli import data_folder
from paydesk.cli.data_folder import DataFault
from paydesk.cli.kept_keys import KeptKeys, keys_of_settings, read_keys
from paydesk.cli.migrate import migrate_database
from paydesk.cli.owner_database import owner_database
from paydesk.cli.terminal import Terminal
from paydesk.db.connection import Database
from paydesk.db.dump import load_database
from paydesk.db.migrate import missing_migrations
from paydesk.db.postgres_home import remove_home
from paydesk.kit.outbound import Outbound
from paydesk.kit.sealing import SealBroken, Sealer
from paydesk.settings import Settings, read_key_versions, read_settings
from paydesk.vault.master_keys import KeyRing
from paydesk.vault.ranges import Directories
from paydesk.vault.rotate import WrongMasterKey
from paydesk.vault.safe import open_safe

_FIRST = "0001_core.sql"
# What is outside is not ours to empty.
_LEFT_OUTSIDE = (
    "The database of PAYDESK_DATABASE_URL holds the backup all the same: drop it, make an empty "
    "one, and restore again."
)


def restore(data: Path, file: Path, keys_file: Path | None) -> None:
    """Leaves DIR as serve would have left it, or as it was. An outside database stays as it is
    where it is in use or the backup can't be read; what else may go wrong there is told.

    Raises: SettingFault, DataFault, PostgresFault.
    """
    settings, terminal, data = read_settings(), Terminal(), data.absolute()
    if not file.is_file():
        raise DataFault(f"There is no backup {file}.")
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise DataFault(f"{data} is not empty. Restore into a new folder and look before moving.")
    keys = _keys(settings, keys_file)
    was_there = data.exists()
    is_outside = bool(settings.owner_database_url or settings.database_url)
    try:
        data_folder.open_data(data)
        keys.put_into(data)
        with terminal.waiting("Reading …"), owner_database(settings, data) as database:
            asyncio.run(_check_unused(database.url))
            load_database(database, file)
            _finish_or_tell(database.url, keys, is_outside=is_outside)
    except BaseException:
        remove_home(data)
        shutil.rmtree(data, ignore_errors=True)
        if was_there:
            data.mkdir()
        raise
    into = f"{data} and the database of PAYDESK_DATABASE_URL" if is_outside else str(data)
    again = ", with that setting" if is_outside else ""
    terminal.say(f"Restored into {into}. Start it{again}: paydesk serve --data {data}")


def _keys(settings: Settings, keys_file: Path | None) -> KeptKeys:
    if keys_file is not None:
        return read_keys(keys_file)
    keys = keys_of_settings(settings)
    if keys is None:
        raise DataFault(
            "The backup's cards and secrets are sealed: name the file that paydesk backup --keys "
            "wrote with --keys FILE, or set PAYDESK_PAGE_KEY, PAYDESK_SEALING_KEY and "
            "PAYDESK_VAULT_KEY."
        )
    return keys


async def _check_unused(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if _FIRST not in await missing_migrations(connection):
            raise DataFault(
                "The database of PAYDESK_DATABASE_URL is a Paydesk's already. Restore into an "
                "empty one and look before moving."
            )
    finally:
        await connection.close()


def _finish_or_tell(url: str, keys: KeptKeys, *, is_outside: bool) -> None:
    try:
        asyncio.run(_finish(url, keys))
    except DataFault as fault:
        if is_outside:
            raise DataFault(f"{fault} {_LEFT_OUTSIDE}") from fault
        raise


async def _finish(url: str, keys: KeptKeys) -> None:
    """Brings an older backup to this version's schema and tries the keys. Raises: DataFault."""
    connection = await asyncpg.connect(url)
    try:
        if _FIRST in await missing_migrations(connection):
            raise DataFault("This file is a database's, and not a Paydesk's.")
    finally:
        await connection.close()
    await migrate_database(url)
    await _try_keys(url, keys)


async def _try_keys(url: str, keys: KeptKeys) -> None:
    database = Database(url, connections_max=2)
    await database.open()
    try:
        await _open_webhook_secret(database, Sealer(base64.b64decode(keys.keys["sealing_key"])))
        async with Outbound() as outbound:
            directories = Directories({}, outbound)
            await open_safe(database, _ring(keys), {}, outbound, directories)
    except (SealBroken, WrongMasterKey) as fault:
        raise DataFault(
            "These keys are not the ones of this backup: they don't open what it keeps. Name the "
            "keys file that was written together with it."
        ) from fault
    finally:
        await database.close()


def _ring(keys: KeptKeys) -> KeyRing:
    return KeyRing(read_key_versions(keys.keys["vault_key"]))


async def _open_webhook_secret(database: Database, sealer: Sealer) -> None:
    async with database.connection() as connection:
        try:
            accounts = await merchants.merchant_accounts(connection, None)
        except merchants.SeveralMerchants as several:
            one = next(iter(several.merchants))
            accounts = await merchants.merchant_accounts(connection, one)
        except merchants.MerchantMissing:
            return
    for sealed in await merchants.webhook_secrets(database, accounts[0].id):
        merchants.open_webhook_secret(sealer, sealed)
