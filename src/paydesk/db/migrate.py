"""Brings a database to this program's schema: numbered files, applied once each, in order."""

import hashlib
import re
from importlib.resources import files

import asyncpg
from pgqueuer.queries import Queries

_LOCK = 7_295_339_375  # "paydesk" on a telephone's keys; any fixed number does

_TABLE = """
create table if not exists migrations (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
)"""


class MigrationFault(Exception):
    """The database can't be brought to this program's schema. The text says why."""


async def migrate(owner_url: str) -> list[str]:
    """Applies what is missing and returns the names of the files applied.

    Safe to run by several programs at once: the second waits for the first.
    Raises: MigrationFault, when an applied file was changed or is newer than this program.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        applied = await _apply_missing(connection)
        await _install_queue(connection)
        await connection.execute((files("paydesk.db") / "grants.sql").read_text())
        return applied
    finally:
        await connection.close()


async def missing_migrations(connection: asyncpg.Connection) -> list[str]:
    """The names of files not applied yet; all of them in an empty database."""
    if await connection.fetchval("select to_regclass('migrations')") is None:
        return [name for _, name, _ in _files()]
    done = {row["number"] for row in await connection.fetch("select number from migrations")}
    return [name for number, name, _ in _files() if number not in done]


async def _apply_missing(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch("select number, name, sha256 from migrations")
    done = {row["number"]: row["sha256"] for row in rows}
    known = _files()
    if newer := set(done) - {number for number, _, _ in known}:
        raise MigrationFault(f"The database is ahead of this program (migration {max(newer)}).")
    applied = []
    for number, name, text in known:
        digest = hashlib.sha256(text.encode()).hexdigest()
        if done.get(number, digest) != digest:
            raise MigrationFault(f"{name} was changed after it had been applied.")
        if number in done:
            continue
        async with connection.transaction():
            await connection.execute(text)
            await connection.execute(
                "insert into migrations (number, name, sha256) values ($1, $2, $3)",
                number,
                name,
                digest,
            )
        applied.append(name)
    return applied


async def _install_queue(connection: asyncpg.Connection) -> None:
    queries = Queries.from_asyncpg_connection(connection)
    if not await queries.schema_is_installed():
        await queries.install()


def _files() -> list[tuple[int, str, str]]:
    folder = files("paydesk.db") / "migrations"
    named = sorted(entry.name for entry in folder.iterdir() if re.match(r"\d{4}_", entry.name))
    return [(int(name[:4]), name, (folder / name).read_text()) for name in named]
