"""Which database does a command work on, and how does a refusal look at the terminal?"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import asyncpg

from paydesk.cli import data_folder
from paydesk.cli.faults import CommandFault
from paydesk.errors import Refusal
from paydesk.kit.sealing import Sealer
from paydesk.merchants import SeveralMerchants
from paydesk.settings import read_settings

R = TypeVar("R")
Work = Callable[[asyncpg.Connection], Awaitable[R]]

_CONNECT_SECONDS = 5


def work_on_database(data: Path, work: Work[R]) -> R:
    """What the work makes of the database of this data folder, in one transaction.

    PAYDESK_DATABASE_URL goes before the folder's own. Raises: CommandFault.
    """
    return asyncio.run(_work(database_url(data), work))


def open_sealer(data: Path) -> Sealer:
    """What seals secrets in the database. Raises: CommandFault."""
    key = read_settings().sealing_key
    try:
        return Sealer(key or data_folder.read_key(data.absolute(), "sealing_key"))
    except OSError as fault:
        raise CommandFault(f"The sealing key is not in {data.absolute()}: {fault}.") from fault


def base_url(data: Path) -> str:
    """Where payers and programs reach this Paydesk, as far as it is known; or ""."""
    data = data.absolute()
    running = data_folder.find_running(data) if (data / "run").is_dir() else None
    return read_settings().public_url or (running.base_url if running else "")


def database_url(data: Path) -> str:
    """The address of this data folder's database. Raises: CommandFault."""
    data = data.absolute()
    settings = read_settings()
    if settings.database_url is not None:
        return settings.database_url
    try:
        return (data / "database-url").read_text().strip()
    except OSError:
        raise CommandFault(
            f"There is no database in {data}. Start `paydesk serve` first, name its folder with "
            "--data, or set PAYDESK_DATABASE_URL."
        ) from None


async def _work(url: str, work: Work[R]) -> R:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        raise CommandFault(
            f"The database can't be reached ({fault}). Does `paydesk serve` run?"
        ) from fault
    try:
        async with connection.transaction():
            return await work(connection)
    except Refusal as refusal:
        raise CommandFault(_told(refusal)) from refusal
    finally:
        await connection.close()


def _told(refusal: Refusal) -> str:
    if isinstance(refusal, SeveralMerchants):
        known = "\n".join(f"  --merchant {id_}  {name}" for id_, name in refusal.merchants.items())
        return f"{refusal}\n{known}"
    return "\n".join(": ".join(filter(None, (one.path, one.message))) for one in refusal.faults())
