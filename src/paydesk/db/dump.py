"""Writes a database into a file and reads it back, with PostgreSQL's own pg_dump and pg_restore.

Owners and rights are left out: the file fits any server, and every start of Paydesk grants anew.
Source: PostgreSQL manual, "pg_dump", "pg_restore", "libpq: Environment Variables".
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from paydesk.db.postgres_programs import PostgresFault, find_programs


@dataclass(frozen=True, slots=True)
class Server:
    """A database as its owner reaches it, and what its programs are found and started with.

    Shape: major is the version that answers; preference is the setting PAYDESK_POSTGRES.
    """

    url: str = field(repr=False)
    major: int
    preference: str
    environment: Mapping[str, str] = field(repr=False)


def dump_database(server: Server, file: Path) -> None:
    """Writes all of it, as it is at one moment; others may go on working.

    Raises: PostgresFault.
    """
    options = ("--format=custom", "--no-owner", "--no-privileges", "--file", str(file))
    _run(_program("pg_dump", server), server, *options)


def load_database(server: Server, file: Path) -> None:
    """Reads the file into an empty database: all of it, or nothing.

    Raises: PostgresFault.
    """
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run(_program("pg_restore", server), server, *options, str(file))


def _program(name: str, server: Server) -> str:
    """The program of the server's own version, or of a later one, which can do the same."""
    for made_by in (server.major, None):
        try:
            found = find_programs(server.preference, made_by=made_by)
        except PostgresFault:
            continue
        if found.major >= server.major and (found.folder / name).exists():
            return str(found.folder / name)
    # Where only PostgreSQL's client is installed there is no server beside it.
    if on_path := shutil.which(name):
        return on_path
    raise PostgresFault(
        f"{name} of PostgreSQL {server.major} or later is needed: install it "
        f"(on Debian: apt-get install postgresql-client-{server.major})."
    )


def _run(program: str, server: Server, *options: str) -> None:
    address, password = _without_password(server.url)
    done = subprocess.run(  # noqa: S603
        [program, "--dbname", address, "--no-password", *options],
        # By the environment: command lines can be read by every user of the machine.
        env={**server.environment, **password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        name = Path(program).name
        raise PostgresFault(f"{name} failed, and nothing was kept: {done.stderr.strip()[-600:]}")


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    address = urlunsplit(parts._replace(netloc=f"{user}{at}{place}"))
    return address, {"PGPASSWORD": unquote(password)} if password else {}
