"""A database of the vault's own, the vault as a running program, and an acquirer that listens."""

import asyncio
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from paydesk.cards import CardForm, Vault
from paydesk.db.migrate import migrate

POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
KEY = bytes(range(32))
_PROGRAM = """
from paydesk.settings import read_settings
from paydesk.vault.program import run_vault
run_vault(read_settings())
"""


@dataclass
class Cluster:
    """A throwaway server that logs every statement with its parameters."""

    folder: Path
    numbers: count = field(default_factory=count)

    def url(self, user, database):
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def log(self):
        return (self.folder / "log").read_text()

    async def new_database(self):
        """A fresh database with the vault's schema: its name."""
        name = f"vault_{next(self.numbers)}"
        admin = await asyncpg.connect(self.url("postgres", "postgres"))
        await admin.execute(f"create database {name}")
        await admin.close()
        await migrate(self.url("postgres", name))
        return name


@pytest.fixture(scope="session")
def cluster():
    # Not pytest's own folder: that is closed to the user PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="vault-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(program, *options):
        command = [POSTGRES / program, *options]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")

    data = folder / "data"
    run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off "
    # Everything the server can be made to write down, and no used segment of its log kept.
    options += " -c log_statement=all -c log_min_duration_statement=0 -c wal_recycle=off"
    run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    run("psql", "-h", folder, "-U", "postgres", "-c", "create role paydesk_vault login")
    yield Cluster(folder)
    run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


@dataclass
class Acquirer:
    """Remembers what it was sent and answers what the test wants, or nothing at all."""

    port: int
    requests: list = field(default_factory=list)
    answer: str | None = '{"result": "approved"}'

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def listening_acquirer():
    acquirer = Acquirer(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            acquirer.requests.append((self.path, dict(self.headers), json.loads(body)))
            if acquirer.answer is None:
                self.close_connection = True
                return
            answer = acquirer.answer.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    acquirer.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield acquirer
    server.shutdown()
    server.server_close()


@pytest.fixture
def acquirer(listening_acquirer):
    listening_acquirer.requests.clear()
    listening_acquirer.answer = '{"result": "approved"}'
    return listening_acquirer


@dataclass
class Program:
    """The vault as its keeper sees it."""

    path: Path
    log_path: Path
    environment: dict
    process: subprocess.Popen | None = None

    def start(self, *, wait=True, **changes):
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                env=os.environ | self.environment | changes,
                stderr=log,
                stdout=log,
            )
        if wait:
            self.wait_for(b"HTTP/1.1 200")

    def wait_for(self, answer):
        """Waits until the vault's health is answered like this."""
        give_up_at = time.monotonic() + 60
        while not self._answers(answer):
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < give_up_at, self.log()
            time.sleep(0.02)

    def _answers(self, answer):
        with socket.socket(socket.AF_UNIX) as caller:
            if caller.connect_ex(str(self.path)) != 0:
                return False
            caller.settimeout(10)
            try:
                caller.sendall(b"GET /health HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n")
                return caller.recv(100).startswith(answer)
            except OSError:
                return False

    def end(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(10) if self.process else None

    def log(self):
        return self.log_path.read_text()


def _program(folder, cluster, acquirer, name):
    key = base64.b64encode(KEY).decode()
    return Program(
        folder / "vault.sock",
        folder / "log",
        {
            "PAYDESK_VAULT_URL": f"unix:{folder}/vault.sock",
            "PAYDESK_VAULT_DATABASE_URL": cluster.url("paydesk_vault", name),
            "PAYDESK_VAULT_KEY": key,
            "PAYDESK_SANDBOX_URL": acquirer.url,
        },
    )


@pytest.fixture(scope="module")
def running_program(cluster, listening_acquirer, tmp_path_factory):
    name = asyncio.run(cluster.new_database())
    program = _program(tmp_path_factory.mktemp("v"), cluster, listening_acquirer, name)
    program.start()
    yield program
    program.end()


@pytest.fixture
async def fresh_program(cluster, listening_acquirer, tmp_path):
    """A vault that a test may stop and start: not yet started, with a database of its own."""
    name = await cluster.new_database()
    program = _program(tmp_path, cluster, listening_acquirer, name)
    yield program
    program.end()


@pytest.fixture
async def vault(running_program):
    client = Vault(f"unix:{running_program.path}")
    yield client
    await client.close()


@pytest.fixture
async def vault_tables(cluster, running_program):
    """A superuser's connection to the running vault's database."""
    name = running_program.environment["PAYDESK_VAULT_DATABASE_URL"].split("/")[3].split("?")[0]
    connection = await asyncpg.connect(cluster.url("postgres", name))
    yield connection
    await connection.close()


@pytest.fixture
def form():
    """Makes a card form as a payer fills it in."""

    def make(number="4242 4242 4242 4242", expiry="12/40", security_code="917", name="N. Dlamini"):
        return CardForm(number, expiry, security_code, name)

    return make


@dataclass
class Traces:
    """What vault and database have written to their logs."""

    program: Program
    cluster: Cluster

    def of_vault(self):
        return self.program.log()

    def of_database(self):
        return self.cluster.log()


@pytest.fixture
def traces(running_program, cluster):
    return Traces(running_program, cluster)
