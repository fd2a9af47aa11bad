"""The vault's process: its socket, its limits towards the system, its opening and its sweep."""

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import structlog
import uvicorn
from starlette.applications import Starlette

from paydesk import limits
from paydesk.connectors import registry
from paydesk.db.connection import Database
from paydesk.errors import DatabaseAway
from paydesk.kit.logs import configure_logs
from paydesk.kit.outbound import Outbound
from paydesk.kit.sockets import socket_path
from paydesk.kit.tls import client_context
from paydesk.settings import SettingFault, Settings, read_settings
from paydesk.vault import store
from paydesk.vault.hide import hide_memory
from paydesk.vault.master_keys import KeyRing, MasterKeys
from paydesk.vault.ranges import Directories
from paydesk.vault.rotate import WrongMasterKey
from paydesk.vault.routes import routes
from paydesk.vault.safe import Safe, open_safe

log = structlog.get_logger()
_OPENING_PAUSE_SECONDS = 1


def run_vault(settings: Settings) -> None:
    """Serves until it is told to stop by a signal.

    It listens at once and answers 503 until the database is there.
    Raises: SettingFault, for a missing setting, a vault that is running already at this
        address, or master keys that did not seal the cards in this database.
    """
    configure_logs(settings.log_level, "vault")
    hide_memory()
    program = _Program(settings)
    listener = _listen(program.path)
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=routes(program), lifespan=program.lifespan),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=limits.VAULT_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=limits.STOP_SECONDS_MAX,
        )
    )
    program.server = server
    server.run(sockets=[listener])
    if isinstance(program.fault, WrongMasterKey):
        raise SettingFault(str(program.fault))
    if program.fault is not None:
        raise program.fault


class _Program:
    """The running vault: its safe, and the tasks that open it and keep it swept."""

    server: uvicorn.Server

    def __init__(self, settings: Settings) -> None:
        if not (settings.vault_url and settings.vault_key and settings.vault_database_url):
            raise SettingFault(
                "The vault needs PAYDESK_VAULT_URL, PAYDESK_VAULT_KEY and"
                " PAYDESK_VAULT_DATABASE_URL."
            )
        try:
            self.path = socket_path(settings.vault_url)
        except ValueError as fault:
            raise SettingFault(f"PAYDESK_VAULT_URL should be {fault}.") from fault
        self.safe: Safe | None = None
        self.fault: BaseException | None = None
        # Of forgotten cards in the database's log; a vault before this one may have left some.
        self._leaves_traces = True
        self._log_turned_at = -math.inf
        self._keys = KeyRing(settings.vault_key)
        self._connectors = registry.connectors(settings.sandbox_url, settings.sandbox_directory_url)
        try:
            self._tls = client_context(
                ca=settings.threeds_ca, certificate=settings.threeds_certificate
            )
        except OSError as fault:
            raise SettingFault(
                f"PAYDESK_THREEDS_CA or PAYDESK_THREEDS_CERTIFICATE can't be used: {fault}."
            ) from fault
        self._database = Database(
            settings.vault_database_url, connections_max=limits.VAULT_CONNECTIONS_MAX
        )

    def read_keys(self) -> MasterKeys:
        """The master keys as they are given now: the one setting that is read again.

        Raises: SettingFault.
        """
        keys = read_settings().vault_key
        if keys is None:
            raise SettingFault("PAYDESK_VAULT_KEY is gone.")
        return KeyRing(keys)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with Outbound() as outbound, Outbound(tls=self._tls) as peers:
            directories = Directories(self._connectors, peers)
            tasks = [
                asyncio.create_task(self._open_and_sweep(outbound, directories)),
                asyncio.create_task(directories.keep_fresh()),
            ]
            for task in tasks:
                task.add_done_callback(self._end)
            yield
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self._database.close()

    async def _open_and_sweep(self, outbound: Outbound, directories: Directories) -> None:
        self.safe = await self._opened(outbound, directories)
        log.info("vault_open")
        while True:
            await self._sweep()
            await asyncio.sleep(limits.CARD_SWEEP_SECONDS)

    async def _opened(self, outbound: Outbound, directories: Directories) -> Safe:
        while True:
            try:
                await self._database.open()
                return await open_safe(
                    self._database, self._keys, self._connectors, outbound, directories
                )
            # The other errors of PostgreSQL: a role or schema that is only about to be made.
            except (DatabaseAway, asyncpg.PostgresError) as fault:
                log.warning("vault_waits_for_database", reason=type(fault).__name__)
                await self._database.close()
                await asyncio.sleep(_OPENING_PAUSE_SECONDS)

    async def _sweep(self) -> None:
        try:
            while gone := await store.forget_cards(self._database):
                self._leaves_traces = True
                if gone < limits.CARD_SWEEP_BATCH:
                    break
            is_time = time.monotonic() - self._log_turned_at >= limits.CARD_SHELF_SECONDS
            if is_time:
                await store.turn_saved_shelf(self._database)
            while await store.move_saved_cards(self._database):
                pass
            self._leaves_traces |= await store.clear_shelves(self._database) > 0
            if self._leaves_traces and is_time:
                await store.turn_log(self._database)
                self._leaves_traces, self._log_turned_at = False, time.monotonic()
        except (DatabaseAway, asyncpg.PostgresError) as fault:
            log.warning("sweep_failed", reason=type(fault).__name__)

    def _end(self, task: asyncio.Task[None]) -> None:
        # Without these tasks there is no vault, so the program ends with it and says why.
        if not task.cancelled():
            self.fault = task.exception()
            self.server.should_exit = True


def _listen(path: str) -> socket.socket:
    """A socket at this path that only our own user can reach.

    One that an earlier vault left behind is removed; one that answers is another vault's.
    """
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        if probe.connect_ex(path) == 0:
            raise SettingFault(f"Another vault is running at {path}.")
    Path(path).unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
    except OSError as fault:
        raise SettingFault(f"PAYDESK_VAULT_URL: no socket can be made at {path}.") from fault
    finally:
        os.umask(mask)
    return listener
