"""The web program: both surfaces on one server, and what goes on beside them."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk import limits
from paydesk.app import Desk, open_desk
from paydesk.db.listen import listen
from paydesk.kit.logs import configure_logs
from paydesk.settings import Settings
from paydesk.web.api import checkouts, health, lookups
from paydesk.web.api.endpoint import Counter, Verb, endpoint
from paydesk.web.api.errors import MethodNotAllowed, PathMissing, refused
from paydesk.web.page.routes import Page
from paydesk.web.patience import PatientProtocol
from paydesk.web.rate import RateMeter

_CONNECTIONS_MAX = 12

_API: tuple[tuple[str, str, Verb], ...] = (
    ("POST", "/checkout/page", checkouts.create),
    ("GET", "/checkout/page/{id}", checkouts.show),
    ("POST", "/checkout/page/{id}/cancel", checkouts.cancel),
    ("GET", "/lookups", lookups.list_lookups),
    ("GET", "/lookups/{type}", lookups.list_group),
    ("GET", "/payment-methods", lookups.list_payment_methods),
)


def build(desk: Desk, rate: RateMeter) -> Starlette:
    """The ASGI application over an open desk, which it closes at its end."""
    counter = Counter(desk, rate, {})
    page = Page(desk)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        hearing = asyncio.create_task(listen(desk.database_url, "paydesk_accounts", counter.forget))
        # What lives now lives for ever: later collections need not look at it.
        gc.collect()
        gc.freeze()
        yield
        hearing.cancel()
        await page.stop()
        await desk.close()

    async def ready(_request: Request) -> Response:
        return await health.ready(desk)

    routes = [
        Route(prefix + path, endpoint(counter, verb), methods=[method])
        for prefix in ("", "/1.0")
        for method, path, verb in _API
    ]
    # Without this line the page's route below would take `page` for a token.
    routes.append(Route("/checkout/page", _create_only, methods=["GET"]))
    routes += page.routes()
    routes += [Route("/health/live", health.live), Route("/health/ready", ready)]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={404: _path_missing, 405: _method_not_allowed},
    )
    # A redirect would name the scheme and host that the request claims, and carry the key there.
    app.router.redirect_slashes = False
    return app


def run_web(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    fd: int | None = None,
    rate_file: Path | None = None,
    process: int = 0,
) -> None:
    """Serves until told to stop; on an inherited socket if fd is given.

    Raises: SettingFault, DatabaseAway, before it listens.
    """
    configure_logs(settings.log_level, "web")
    settings = replace(settings, public_url=settings.public_url or f"http://{host}:{port}")
    uvloop.run(_serve(settings, host, port, fd, RateMeter(rate_file, process=process)))


async def _serve(settings: Settings, host: str, port: int, fd: int | None, rate: RateMeter) -> None:
    desk = await open_desk(settings, connections_max=_CONNECTIONS_MAX)
    config = uvicorn.Config(
        build(desk, rate),
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=limits.KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=limits.STOP_SECONDS_MAX - 5,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        backlog=2048,
    )
    # Given the number alone, uvicorn takes the socket for a unix one and leaves Nagle's algorithm
    # on: on kept connections each answer would wait 40 ms for the client's acknowledgement.
    inherited = None if fd is None else [socket.socket(fileno=fd)]
    await uvicorn.Server(config).serve(sockets=inherited)


async def _path_missing(_request: Request, _fault: Exception) -> Response:
    return refused(PathMissing())


async def _create_only(_request: Request) -> Response:
    return refused(MethodNotAllowed(), headers={"Allow": "POST"})


async def _method_not_allowed(_request: Request, fault: Exception) -> Response:
    return refused(MethodNotAllowed(), headers=getattr(fault, "headers", None))
