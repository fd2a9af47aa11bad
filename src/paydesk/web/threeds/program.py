"""The program that directory servers call: TLS with certificates both ways, and nothing else."""

import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
import uvloop
from starlette.applications import Starlette

from paydesk import limits
from paydesk.app import open_desk
from paydesk.kit.logs import configure_logs
from paydesk.kit.tls import server_context
from paydesk.settings import SettingFault, Settings
from paydesk.web.patience import PatientProtocol
from paydesk.web.threeds.results import routes

_CONNECTIONS_MAX = 4


def run_threeds(settings: Settings, *, port: int, fd: int | None) -> None:
    """Serves until told to stop; on an inherited socket if fd is given.

    Raises: SettingFault, DatabaseAway, before it listens.
    """
    configure_logs(settings.log_level, "threeds")
    uvloop.run(_serve(settings, port, fd))


async def _serve(settings: Settings, port: int, fd: int | None) -> None:
    if settings.threeds_ca is None or settings.threeds_certificate is None:
        raise SettingFault("PAYDESK_THREEDS_CA and PAYDESK_THREEDS_CERTIFICATE are needed.")
    try:
        tls = server_context(ca=settings.threeds_ca, certificate=settings.threeds_certificate)
    except OSError as fault:
        raise SettingFault(
            f"PAYDESK_THREEDS_CA or PAYDESK_THREEDS_CERTIFICATE can't be used: {fault}."
        ) from fault
    desk = await open_desk(settings, connections_max=_CONNECTIONS_MAX)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()
        yield
        await desk.close()

    config = uvicorn.Config(
        Starlette(routes=routes(desk), lifespan=lifespan),
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=limits.KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=limits.STOP_SECONDS_MAX - 5,
    )
    config.load()
    # As given by the settings, it would be made without asking for a caller's certificate first.
    config.ssl = tls
    inherited = None if fd is None else [socket.socket(fileno=fd)]
    await uvicorn.Server(config).serve(sockets=inherited)
