"""The embedded PostgreSQL: makes its cluster, starts it, waits for it, stops it.

It runs as a direct child in the foreground and shuts down by itself when this process dies, so
no start leaves a server behind. It listens on a unix socket only.
Sources: PostgreSQL manual, "initdb", "postgres" (signals), "Server Configuration"; the lines of
postmaster.pid are those of src/include/utils/pidfile.h.
"""

import asyncio
import json
import os
import re
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import asyncpg

from paydesk import limits
from paydesk.db.postgres_home import Home, make_home, reachable_programs
from paydesk.db.postgres_programs import PostgresFault, Programs, find_programs
from paydesk.kit.parent import ending_with_parent
from paydesk.kit.private_files import write_private
from paydesk.kit.sockets import socket_folder

OWNER, APP, VAULT = "paydesk", "paydesk_app", "paydesk_vault"
_DATABASE = "paydesk"
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",  # names the socket's file; each cluster has its own folder
    "max_connections": str(limits.POSTGRES_CONNECTIONS_MAX),
    "max_wal_size": "2GB",
    # Used segments are removed, not kept under a new name with what was written of cards in them.
    "wal_recycle": "off",
    "synchronous_commit": "on",
    "fsync": "on",
    "jit": "off",  # our statements are short; compiling them costs more than running them
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A statement, or the row that broke a constraint, holds personal data: neither is logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_BUFFERS, _BUFFERS_SMALL = "256MB", "128MB"
_LACKS_MEMORY = re.compile(r"could not (map anonymous|create) shared memory|Cannot allocate memory")
_STILL_HELD = re.compile(r"lock file .* already exists|shared memory block .* still in use")
_STATUS_LINE = 7


@dataclass(frozen=True, slots=True)
class Addresses:
    """The database's addresses for each of its roles."""

    owner: str
    app: str
    vault: str


class Postgres:
    """The server of one data directory DIR; to be started by the process's main thread."""

    def __init__(self, data: Path, *, preference: str = "auto") -> None:
        self._data = data
        self._preference = preference
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Addresses:
        """Returns once it answers; makes the cluster, roles and database if they are missing.

        Raises: PostgresFault.
        """
        home = make_home(self._data)
        programs = reachable_programs(find_programs(self._preference, made_by=home.made_by), home)
        passwords = _passwords(self._data / "keys" / "postgres.json", is_new=home.made_by is None)
        if home.made_by is None:
            _make_cluster(home, programs, passwords[OWNER])
        folder = socket_folder(home.folder / "run", owner=home.owner)
        _await_predecessor(home)
        _forget_foreign_lock(home, folder)
        self._launch(home, programs, folder)
        asyncio.run(_make_roles(_address(folder, OWNER, passwords, "postgres"), passwords))
        addresses = Addresses(*(_address(folder, role, passwords) for role in (OWNER, APP, VAULT)))
        write_private(self._data / "database-url", f"{addresses.owner}\n")
        return addresses

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, *, seconds: float = limits.STOP_SECONDS_MAX) -> None:
        """Stops it and returns when it is gone; by force after so many seconds."""
        if self._process is None:
            return
        for number, patience in (
            (signal.SIGINT, seconds),
            (signal.SIGQUIT, 2),
            (signal.SIGKILL, 2),
        ):
            if not self.is_running():
                return
            self._process.send_signal(number)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue

    def _launch(self, home: Home, programs: Programs, folder: Path) -> None:
        deadline = time.monotonic() + limits.POSTGRES_SECONDS_MAX
        buffers = _BUFFERS
        while True:
            with _open_log(self._data) as log:
                begin = log.tell()
                self._process = _spawn(home, programs, folder, buffers, log)
            if self._becomes_ready(home):
                return
            said = _log_after(self._data, begin)
            if buffers == _BUFFERS and _LACKS_MEMORY.search(said):
                buffers = _BUFFERS_SMALL
            elif not _STILL_HELD.search(said) or time.monotonic() > deadline:
                raise PostgresFault(f"PostgreSQL doesn't start: {said.strip()[-600:]}")
            else:
                time.sleep(0.2)

    def _becomes_ready(self, home: Home) -> bool:
        """Whether it came to answer; False when it ended instead."""
        deadline = time.monotonic() + limits.POSTGRES_RECOVERY_SECONDS_MAX
        while self.is_running():
            lines = _lock_lines(home.data)
            is_own = len(lines) > _STATUS_LINE and lines[0] == str(self.pid)
            if is_own and lines[_STATUS_LINE].strip() == "ready":
                return True
            if time.monotonic() > deadline:
                raise PostgresFault("PostgreSQL doesn't get ready; see log/postgres.log.")
            time.sleep(0.01)
        return False


def _make_cluster(home: Home, programs: Programs, password: str) -> None:
    # Made aside and renamed, so that an interrupted first start leaves no half cluster.
    draft, password_file = home.folder / "data.new", home.folder / "password"
    write_private(password_file, password, owner=home.owner)
    try:
        subprocess.run(  # noqa: S603
            ["/bin/rm", "-rf", draft], check=True, **home.popen()
        )
        made = subprocess.run(  # noqa: S603
            [
                *(programs.folder / "initdb", "--pgdata", draft, "--username", OWNER),
                *("--pwfile", password_file, "--auth", "scram-sha-256"),
                # Fixed from the first day: pg_upgrade wants the same in both clusters.
                *("--no-locale", "--encoding", "UTF8", "--data-checksums", "--no-instructions"),
            ],
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=ending_with_parent(signal.SIGTERM),
            **home.popen(),
        )
        if made.returncode != 0:
            raise PostgresFault(f"initdb can't make a cluster in {home.folder}: {made.stderr}")
        draft.rename(home.data)
    finally:
        password_file.unlink()


def _spawn(
    home: Home, programs: Programs, folder: Path, buffers: str, log: BinaryIO
) -> subprocess.Popen[bytes]:
    given = {**_SETTINGS, "shared_buffers": buffers, "unix_socket_directories": str(folder)}
    return subprocess.Popen(  # noqa: S603
        [
            *(programs.folder / "postgres", "-D", home.data),
            *(part for name, value in given.items() for part in ("-c", f"{name}={value}")),
        ],
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Its own session, so that Ctrl-C reaches the supervisor alone, which keeps the order.
        start_new_session=True,
        preexec_fn=ending_with_parent(signal.SIGINT),  # noqa: PLW1509 (started by the main thread)
        **home.popen(),
    )


async def _make_roles(address: str, passwords: dict[str, str]) -> None:
    connection = await asyncpg.connect(address)
    try:
        there = {row[0] for row in await connection.fetch("select rolname from pg_roles")}
        for role in {APP, VAULT} - there:
            # The password is url-safe base64 of our own making: nothing in it needs escaping.
            await connection.execute(f"create role {role} login password '{passwords[role]}'")
        databases = await connection.fetch("select datname from pg_database")
        if _DATABASE not in {row[0] for row in databases}:
            await connection.execute(f"create database {_DATABASE} owner {OWNER}")
    finally:
        await connection.close()


def _passwords(path: Path, *, is_new: bool) -> dict[str, str]:
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    if not is_new:
        raise PostgresFault(f"{path} is missing, and with it the database's passwords: restore it.")
    made = {role: secrets.token_urlsafe(24) for role in (OWNER, APP, VAULT)}
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(path, json.dumps(made))
    return made


def _address(folder: Path, role: str, passwords: dict[str, str], database: str = _DATABASE) -> str:
    host, port = quote(str(folder), safe="/"), _SETTINGS["port"]
    return f"postgresql://{role}:{passwords[role]}@/{database}?host={host}&port={port}"


def _await_predecessor(home: Home) -> None:
    """Waits for a server of this cluster that is still stopping, and hurries it along."""
    began = time.monotonic()
    hurry = [(3, signal.SIGINT), (10, signal.SIGQUIT)]
    while (pid := _predecessor(home.data)) is not None:
        waited = time.monotonic() - began
        if hurry and waited > hurry[0][0]:
            os.kill(pid, hurry.pop(0)[1])
        if waited > limits.POSTGRES_SECONDS_MAX:
            raise PostgresFault(f"An old PostgreSQL of these data doesn't stop (process {pid}).")
        time.sleep(0.05)


def _predecessor(data: Path) -> int | None:
    lines = _lock_lines(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    process = Path("/proc") / str(pid)
    try:
        # PostgreSQL works inside its data directory: this tells it from a later process that
        # happens to have the same number.
        is_ours = (process / "comm").read_text().strip() == "postgres" and (
            process / "cwd"
        ).resolve(strict=True) == data.resolve()
    except OSError:
        return None
    return pid if is_ours else None


def _forget_foreign_lock(home: Home, folder: Path) -> None:
    """Removes a lock left by a killed server whose process number something else has now.

    PostgreSQL would take that process for its predecessor for ever. It still finds survivors of
    the old server by their shared memory and refuses to start beside them.
    """
    lines = _lock_lines(home.data)
    if not lines or not Path("/proc", lines[0].strip()).exists():
        return
    socket = folder / f".s.PGSQL.{_SETTINGS['port']}"
    for path in (home.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)


def _lock_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _open_log(data: Path) -> BinaryIO:
    (data / "log").mkdir(mode=0o700, exist_ok=True)
    path = data / "log" / "postgres.log"
    if path.exists() and path.stat().st_size > limits.LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    file = path.open("ab")
    file.seek(0, os.SEEK_END)
    return file


def _log_after(data: Path, begin: int) -> str:
    with (data / "log" / "postgres.log").open("rb") as log:
        log.seek(begin)
        return log.read().decode(errors="replace")
