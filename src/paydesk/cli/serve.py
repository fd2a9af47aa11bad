"""`paydesk serve`: everything from one command, started in order, kept running, stopped in order.

Sandbox, PostgreSQL, schema and first merchant, vault, web, then what nobody waits for; stopped in
reverse. The listening sockets belong to this process and are handed to each web process, and to
the other programs that listen: callers queue, and are not refused, while one is started again, and
nobody else can take its port.
"""

import asyncio
import errno
import http.client
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from paydesk import VERSION, limits
from paydesk.cli import data_folder
from paydesk.cli.children import Children, Program, paydesk_command
from paydesk.cli.data_folder import DataFault, Running, key_file
from paydesk.cli.environments import environment
from paydesk.cli.migrate import migrate_database
from paydesk.cli.signals import ignore_signals, raise_on_signals
from paydesk.cli.terminal import Terminal
from paydesk.db.postgres import Addresses, Postgres
from paydesk.db.postgres_programs import PostgresFault
from paydesk.kit.certificates import make_certificates
from paydesk.kit.sockets import socket_folder
from paydesk.settings import Settings, inherited_environment, read_settings, variable

RESULTS_PATH = "/3ds/results"
# Who speaks with certificates: our side of 3-D Secure, and the sandbox's directory and issuer.
_CERTIFICATES = ("threeds", "directory", "issuer")
_SANDBOX = ("acquirer", "directory", "issuer", "bank")  # the parts of it, each on its own port
_LISTEN_QUEUE = 1024  # connections that wait while the web processes start
_LOOK_SECONDS = 0.1  # how often the children are looked at; far inside the promised 5 s


def serve(data: Path, *, port: int, host: str = "127.0.0.1") -> None:
    """Runs until SIGTERM or SIGINT; by the return everything has been stopped.

    Raises: SettingFault, DataFault, PostgresFault.
    """
    began = time.monotonic()
    settings = read_settings()
    data = data_folder.open_data(data)
    with data_folder.lock(data), data_folder.open_log(data) as log:
        server = Server(settings, data, host=host, port=port, log=log)
        check_signals = raise_on_signals()
        try:
            with server.terminal.waiting("Starting …"):
                addresses = server.start()
                is_ready = server.await_ready(check_signals)
                server.start_background(addresses)
            server.introduce(time.monotonic() - began, is_ready=is_ready)
            server.keep_running(check_signals)
        except KeyboardInterrupt:
            server.terminal.say("Stopping …")
        finally:
            ignore_signals()
            server.stop()


class Server:
    """The programs of one DIR, and what they need to find each other."""

    def __init__(
        self, settings: Settings, data: Path, *, host: str, port: int, log: BinaryIO
    ) -> None:
        self._settings = settings
        self._data = data
        self._host, self._port = host, port
        self.terminal = Terminal()
        self._children = Children(log, self.terminal.say)
        self._postgres: Postgres | None = None
        self._listening: socket.socket | None = None
        # With a sandbox elsewhere, its directory server is elsewhere too, or there is none.
        is_own = settings.sandbox_url is None
        self._sandbox = {name: _listen("127.0.0.1", 0) for name in _SANDBOX if is_own}
        self._results: socket.socket | None = None
        self._base_url = settings.public_url or f"http://127.0.0.1:{port}"
        self._vault_url = settings.vault_url or _new_vault_url(data)
        self._sandbox_url = settings.sandbox_url or f"http://{self._address('acquirer')}"
        self._certificates = data / "certificates"
        self._directory_url = settings.sandbox_directory_url or (
            f"https://{self._address('directory')}/3ds" if is_own else None
        )
        self._bank_url = settings.sandbox_bank_url or (
            f"http://{self._address('bank')}" if is_own else None
        )

    def start(self) -> Addresses:
        """Starts what callers wait for; the database's addresses are for what follows."""
        data_folder.make_keys(self._data)
        make_certificates(self._certificates, _CERTIFICATES)
        self._listening = _listen(self._host, self._port)
        self._results = _listen(self._host, self._settings.threeds_port)
        self._start_sandbox()
        addresses = self._start_database()
        asyncio.run(self._prepare_database(addresses.owner))
        data_folder.note_running(
            self._data,
            Running(
                os.getpid(),
                self._port,
                self._base_url,
                self._vault_url,
                self._sandbox_url,
                self._threeds_url(),
            ),
        )
        self._start_vault(addresses)
        self._start_web(addresses)
        return addresses

    def await_ready(self, check_signals: Callable[[], None]) -> bool:
        """Whether `GET /health/ready` came to answer 200 in time."""
        deadline = time.monotonic() + limits.READY_SECONDS_MAX
        while time.monotonic() < deadline:
            check_signals()
            if _is_ready(self._host, self._port):
                return True
            self._tend()
            time.sleep(0.02)
        return False

    def start_background(self, addresses: Addresses) -> None:
        """Starts what no payer waits for.

        The threeds program first: its callers queue at its socket, but wait for seconds only.
        """
        self._start_threeds(addresses)
        self._start_worker(addresses)
        self._start("post", secrets=self._secrets(addresses))

    def introduce(self, seconds: float, *, is_ready: bool) -> None:
        say = self.terminal.say
        say(f"Paydesk {VERSION} at {self._base_url}")
        say(f"API keys in {self._data / 'credentials.json'}, logs in {self._data / 'log'}")
        say(
            f"Ready after {seconds:.1f} s. Ctrl-C stops it."
            if is_ready
            else f"Not ready after {seconds:.0f} s; see {self._data / 'log' / 'paydesk.log'}."
        )

    def keep_running(self, check_signals: Callable[[], None]) -> None:
        while True:
            check_signals()
            self._tend()
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Ends everything within 20 seconds: first who takes work, last who keeps it."""
        began = time.monotonic()
        names = self._children.names()
        callers = [name for name in names if name.startswith(("web", "worker", "threeds", "post"))]
        self._children.stop(callers, seconds=limits.STOP_SECONDS_MAX)
        left = limits.STOP_TOTAL_SECONDS_MAX - (time.monotonic() - began)
        self._children.stop(["sandbox", "vault"], seconds=min(left, 3))
        if self._postgres is not None:
            left = limits.STOP_TOTAL_SECONDS_MAX - (time.monotonic() - began)
            self._postgres.stop(seconds=max(left, 1))
        for listening in (self._listening, self._results, *self._sandbox.values()):
            if listening is not None:
                listening.close()

    def _tend(self) -> None:
        self._children.tend()
        if self._postgres is not None and not self._postgres.is_running():
            self.terminal.say("PostgreSQL ended and is started again.")
            try:
                self._postgres.start()
            except PostgresFault as fault:
                self.terminal.say(str(fault))
                time.sleep(limits.RESTART_PAUSE_SECONDS_MAX)

    def _start_database(self) -> Addresses:
        given = self._settings
        if given.database_url is not None:
            return Addresses(
                owner=given.owner_database_url or given.database_url,
                app=given.database_url,
                vault=given.vault_database_url or given.database_url,
            )
        self._postgres = Postgres(self._data, preference=given.postgres)
        return self._postgres.start()

    async def _prepare_database(self, owner_url: str) -> None:
        await migrate_database(owner_url)
        from paydesk.cli.first_start import set_up_first_merchant  # late, as in migrate_database

        await set_up_first_merchant(
            owner_url,
            data=self._data,
            base_url=self._base_url,
            sealing_key=self._settings.sealing_key
            or data_folder.read_key(self._data, "sealing_key"),
        )

    def _start_sandbox(self) -> None:
        if not self._sandbox:
            return
        log = self._data / "sandbox" / "acquirer.jsonl"
        log.parent.mkdir(mode=0o700, exist_ok=True)
        fds = {name: listening.fileno() for name, listening in self._sandbox.items()}
        self._start(
            *("sandbox", "--fd", str(fds["acquirer"]), "--log", str(log)),
            *("--directory-fd", str(fds["directory"]), "--issuer-fd", str(fds["issuer"])),
            *("--tls", str(self._certificates), "--bank-fd", str(fds["bank"])),
            secrets=self._key_files(),
            descriptors=tuple(fds.values()),
        )

    def _address(self, name: str) -> str:
        """Where this part of our own sandbox is: host and port."""
        return f"127.0.0.1:{self._sandbox[name].getsockname()[1]}"

    def _start_vault(self, addresses: Addresses) -> None:
        if self._settings.vault_url is None:
            self._start("vault", secrets=self._secrets(addresses))

    def _start_web(self, addresses: Addresses) -> None:
        assert self._listening is not None
        descriptor = self._listening.fileno()
        rate_file = self._data / "run" / "rates"
        rate_file.unlink(missing_ok=True)
        for number in range(1, self._settings.web_processes + 1):
            self._start(
                *("web", "--fd", str(descriptor), "--number", str(number)),
                *("--rate-file", str(rate_file)),
                name=f"web {number}",
                secrets=self._secrets(addresses),
                descriptors=(descriptor,),
            )

    def _start_worker(self, addresses: Addresses) -> None:
        self._start("worker", secrets=self._secrets(addresses))

    def _start_threeds(self, addresses: Addresses) -> None:
        assert self._results is not None
        descriptor = self._results.fileno()
        self._start(
            *("threeds", "--fd", str(descriptor)),
            secrets=self._secrets(addresses),
            descriptors=(descriptor,),
        )

    def _start(
        self,
        program: str,
        *arguments: str,
        secrets: dict[str, str],
        name: str | None = None,
        descriptors: tuple[int, ...] = (),
    ) -> None:
        given = self._settings
        shared = {
            variable("public_url"): self._base_url,
            variable("vault_url"): self._vault_url,
            variable("sandbox_url"): self._sandbox_url,
            variable("sandbox_directory_url"): self._directory_url or "",
            variable("sandbox_bank_url"): self._bank_url or "",
            variable("threeds_url"): self._threeds_url(),
            variable("mail_folder"): given.mail_folder or str(self._data / "mail"),
            variable("threeds_ca"): str(given.threeds_ca or self._certificates / "ca.pem"),
            variable("threeds_certificate"): str(
                given.threeds_certificate or self._certificates / "threeds.pem"
            ),
        }
        self._children.start(
            Program(
                name=name or program,
                command=paydesk_command(program, *arguments),
                environment=environment(
                    program, inherited_environment(), shared=shared, secrets=secrets
                ),
                descriptors=descriptors,
            )
        )

    def _threeds_url(self) -> str:
        assert self._results is not None
        port = self._results.getsockname()[1]
        return self._settings.threeds_url or f"https://127.0.0.1:{port}{RESULTS_PATH}"

    def _secrets(self, addresses: Addresses) -> dict[str, str]:
        return {
            variable("database_url"): addresses.app,
            variable("vault_database_url"): addresses.vault,
            **self._key_files(),
        }

    def _key_files(self) -> dict[str, str]:
        names = (*data_folder.KEYS, data_folder.SANDBOX_KEY)
        return {f"{variable(name)}_FILE": str(key_file(self._data, name)) for name in names}


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket; waits for a stopping predecessor to let go of the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + limits.PORT_SECONDS_MAX
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=_LISTEN_QUEUE)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise DataFault(
                    f"Can't listen on {host}:{port}: {os.strerror(fault.errno or 0)}."
                ) from fault
            if time.monotonic() > deadline:
                raise DataFault(
                    f"Port {port} is used by another program. Stop it or choose another --port."
                ) from fault
        time.sleep(0.1)


def _new_vault_url(data: Path) -> str:
    # A name per start: a vault left by a killed serve can't take the new one's socket away.
    folder = socket_folder(data / "run")
    for old in folder.glob("vault-*.sock"):
        old.unlink()
    return f"unix:{folder}/vault-{os.getpid()}.sock"


def _is_ready(host: str, port: int) -> bool:
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared only)
    connection = http.client.HTTPConnection(asked, port, timeout=1)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
