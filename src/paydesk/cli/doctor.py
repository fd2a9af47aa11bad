"""`paydesk doctor`: is everything in place, and if not, what mends it?"""

import asyncio
import os
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from rich.console import Console

from paydesk import limits
from paydesk.cli import data_folder
from paydesk.cli.data_folder import Running
from paydesk.db.migrate import missing_migrations
from paydesk.db.postgres_home import find_home
from paydesk.db.postgres_programs import PostgresFault, find_programs
from paydesk.invoices import can_write_pdf, has_letters
from paydesk.kit.clock import iso
from paydesk.languages import LANGUAGES
from paydesk.merchants import GuardLevel
from paydesk.settings import Settings, read_settings
from paydesk.vault.hide import SWAP_MEND, can_lock_memory, is_swap_on

_PYTHON_MIN = (3, 11)
_CONNECT_SECONDS = 5


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `mend` says what to do where something is wrong."""

    mark: Mark
    text: str
    mend: str = ""


def run_doctor(data: Path, *, port: int) -> int:
    """Prints a line for each check; 1 when something has to be mended, else 0."""
    console = Console(highlight=False, soft_wrap=True)
    colours = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "red"}
    has_failed = False
    for finding in examine(read_settings(), data.absolute(), port=port):
        has_failed |= finding.mark is Mark.FAIL
        console.print(f"{finding.mark:<5}", style=colours[finding.mark], end="")
        console.print(" ".join(part for part in (finding.text, finding.mend) if part), markup=False)
    return int(has_failed)


def examine(settings: Settings, data: Path, *, port: int) -> Iterator[Finding]:
    """All findings, in the order in which serve would meet them."""
    running = data_folder.find_running(data) if (data / "run").is_dir() else None
    yield _python()
    yield _folder(data)
    yield _disk(data)
    yield from _keys(data)
    yield from _database(settings, data, running)
    yield _port(running, port)
    yield _swap()
    yield _documents()
    if running is not None:
        yield _vault(running)
        yield _sandbox(running)


def _python() -> Finding:
    said = f"Python {sys.version.split()[0]}"
    if sys.version_info < _PYTHON_MIN:
        return Finding(Mark.FAIL, f"{said} is too old.", "Install Python 3.11 or later.")
    return Finding(Mark.OK, said)


def _folder(data: Path) -> Finding:
    nearest = next(path for path in (data, *data.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(
            Mark.FAIL, f"{nearest} can't be written to.", "Choose another --data or open it."
        )
    return Finding(Mark.OK, f"data in {data}" + ("" if data == nearest else " (not made yet)"))


def _disk(data: Path) -> Finding:
    nearest = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    said = f"{free / 1024**3:.1f} GB free"
    if free < limits.DISK_FREE_BYTES_MIN:
        return Finding(Mark.WARN, said, "The database stops when the disk is full: make room.")
    return Finding(Mark.OK, said)


def _keys(data: Path) -> Iterator[Finding]:
    if not (data / "credentials.json").exists():
        yield Finding(Mark.OK, "keys are made at the first start")
        return
    for name in data_folder.KEYS:
        path = data_folder.key_file(data, name)
        if not path.exists():
            yield Finding(Mark.FAIL, f"{path} is missing.", "Restore it from your backup.")
        elif stat.S_IMODE(path.stat().st_mode) != 0o600:
            yield Finding(Mark.FAIL, f"{path} is open to others.", f"Run: chmod 600 {path}")
        else:
            yield Finding(Mark.OK, f"{path.name} is there and closed to others")


def _database(settings: Settings, data: Path, running: Running | None) -> Iterator[Finding]:
    if settings.database_url is not None:
        url = settings.owner_database_url or settings.database_url
        yield from asyncio.run(_examine_server(url, "Check PAYDESK_DATABASE_URL and the server."))
        return
    try:
        home = find_home(data)
        programs = find_programs(settings.postgres, made_by=home.made_by if home else None)
    except PostgresFault as fault:
        yield Finding(Mark.FAIL, str(fault))
        return
    yield Finding(Mark.OK, f"PostgreSQL {programs.version} in {programs.folder}")
    address = data / "database-url"
    if running is not None and not address.exists():
        what = "the server that runs uses a database of its own"
        yield Finding(Mark.WARN, what, "Set PAYDESK_DATABASE_URL here too, to have it checked.")
    elif running is not None:
        url = address.read_text().strip()
        yield from asyncio.run(_examine_server(url, f"See {data / 'log' / 'postgres.log'}."))


async def _examine_server(url: str, mend: str) -> list[Finding]:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError) as fault:
        return [Finding(Mark.FAIL, f"the database can't be reached ({fault}).", mend)]
    try:
        version = _version(connection.get_server_version().major)
        schema, clock = await _schema(connection), await _clock(connection)
        if schema.mark is Mark.FAIL:
            return [version, schema, clock]  # what comes next may not be there
        return [
            version,
            schema,
            clock,
            *await _unclaimed(connection),
            *await _card_testing(connection),
            *await _unread(connection),
        ]
    finally:
        await connection.close()


def _version(major: int) -> Finding:
    if major < limits.POSTGRES_VERSION_MIN:
        need = f"Use version {limits.POSTGRES_VERSION_MIN} or later."
        return Finding(Mark.FAIL, f"the database is PostgreSQL {major}.", need)
    return Finding(Mark.OK, f"the database answers (PostgreSQL {major})")


async def _schema(connection: asyncpg.Connection) -> Finding:
    if missing := await missing_migrations(connection):
        what = f"migrations are missing: {', '.join(missing)}."
        return Finding(Mark.FAIL, what, "Run: paydesk migrate (serve does it by itself)")
    return Finding(Mark.OK, "the schema is current")


async def _clock(connection: asyncpg.Connection) -> Finding:
    before = time.time()
    theirs = float(await connection.fetchval("select extract(epoch from clock_timestamp())"))
    skew = abs(theirs - (before + time.time()) / 2)
    said = f"clocks differ by {skew:.1f} s"
    mend = "Set both machines' clocks by NTP."
    if skew >= limits.CLOCK_SKEW_SECONDS_MAX:
        return Finding(Mark.FAIL, said, mend)
    if skew >= limits.CLOCK_SKEW_SECONDS_WARN:
        return Finding(Mark.WARN, said, mend)
    return Finding(Mark.OK, said)


async def _unclaimed(connection: asyncpg.Connection) -> list[Finding]:
    count = await connection.fetchval(
        "select count(*) from unclaimed_deposits where settled_at is null"
    )
    said = f"sums at banks that are for nobody: {count}."
    return [Finding(Mark.WARN, said, "See: paydesk resolve")] if count else []


async def _card_testing(connection: asyncpg.Connection) -> list[Finding]:
    """A line for each account at which stolen cards are being tried out."""
    rows = await connection.fetch(
        """
        select coalesce(a.name, m.name) as name, a.is_live, g.level, g.until
        from guard_levels g join accounts a on a.id = g.account_id
        join merchants m on m.id = a.merchant_id
        where g.until > now() and g.level >= $1 order by a.id
        """,
        GuardLevel.AUTHENTICATION,
    )
    return [Finding(Mark.WARN, _attack(row), "See docs/card-testing.md.") for row in rows]


def _attack(row: asyncpg.Record) -> str:
    kind = "live" if row["is_live"] else "test"
    level = GuardLevel(row["level"]).name.lower()
    return (
        f"stolen cards are being tried out at {row['name']} ({kind}): level {level} until "
        f"{iso(row['until'])}, and then none if nothing more comes."
    )


async def _unread(connection: asyncpg.Connection) -> list[Finding]:
    rows = await connection.fetch(
        """
        select bank, failure, to_char(failing_since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at
        from bank_statements where failing_since <= now() - $1 * interval '1 second' order by bank
        """,
        limits.STATEMENT_UNREAD_SECONDS_WARN,
    )
    return [
        Finding(
            Mark.WARN,
            f"the statement of {row['bank']} can't be read since {row['at']} UTC "
            f"({row['failure']}).",
            "Money sent by hand may be overlooked: ask the bank, and see the log.",
        )
        for row in rows
    ]


def _port(running: Running | None, port: int) -> Finding:
    if running is not None:
        return Finding(Mark.OK, f"serve runs (process {running.process}, port {running.port})")
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as fault:
        return Finding(
            Mark.FAIL, f"port {port}: {os.strerror(fault.errno or 0)}.", "Choose another --port."
        )
    return Finding(Mark.OK, f"port {port} is free")


def _swap() -> Finding:
    if not is_swap_on():
        return Finding(Mark.OK, "no swap: card data stays in memory")
    if can_lock_memory():
        return Finding(Mark.OK, "swap is on; the vault locks its memory")
    return Finding(Mark.WARN, "the vault's memory may be written to swap.", SWAP_MEND)


def _vault(running: Running) -> Finding:
    path = running.vault_url.removeprefix("unix:")
    if path == running.vault_url:
        return Finding(Mark.OK, f"the vault is at {running.vault_url}")
    with socket.socket(socket.AF_UNIX) as vault:
        vault.settimeout(_CONNECT_SECONDS)
        try:
            vault.connect(path)
        except OSError as fault:
            return Finding(Mark.FAIL, f"the vault is silent ({fault.strerror}).", _LOOK)
    return Finding(Mark.OK, "the vault takes calls")


def _documents() -> Finding:
    """In which languages invoices are PDFs. Nothing there keeps it from starting."""
    if not can_write_pdf():
        return Finding(Mark.OK, "invoices are pages without a PDF, as Typst is not installed")
    lacking = [one.own_name for one in LANGUAGES.values() if not has_letters(one)]
    if lacking:
        told = f"PDFs are in English instead of {', '.join(lacking)}: no font has the letters."
        return Finding(Mark.OK, told, "On Debian: apt-get install fonts-noto-cjk")
    return Finding(Mark.OK, "PDFs can be written in all languages")


def _sandbox(running: Running) -> Finding:
    connection = HTTPConnection(urlsplit(running.sandbox_url).netloc, timeout=_CONNECT_SECONDS)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except OSError as fault:
        return Finding(Mark.FAIL, f"the sandbox is silent ({fault.strerror}).", _LOOK)
    finally:
        connection.close()
    return Finding(Mark.OK, "the sandbox acquirer answers")


_LOOK = "See log/paydesk.log in the data folder."
