"""The web program: both surfaces on one server, and what goes on beside them."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from paydesk import limits
from paydesk.app import Desk, open_desk
from paydesk.db.listen import listen
from paydesk.kit.logs import configure_logs
from paydesk.payment_methods import KnownMethods
from paydesk.settings import Settings
from paydesk.web.api import health
from paydesk.web.api.endpoint import Counter, endpoint
from paydesk.web.api.errors import MethodNotAllowed, PathMissing, refused
from paydesk.web.api.operation import Operation
from paydesk.web.api.table import OPERATIONS
from paydesk.web.behind import Behind
from paydesk.web.form.routes import Forms
from paydesk.web.page.bank import AtBank
from paydesk.web.page.documents import Documents
from paydesk.web.page.headers import EVERYWHERE
from paydesk.web.page.issuer import Issuer
from paydesk.web.page.plans import Plans
from paydesk.web.page.routes import Page
from paydesk.web.patience import PatientProtocol
from paydesk.web.rate import RateMeter
from paydesk.web.reference import routes as reference

_CONNECTIONS_MAX = 12


def build(desk: Desk, rate: RateMeter) -> Starlette:
    """The ASGI application over an open desk, which it closes at its end."""
    behind = Behind()
    counter = Counter(desk, rate, KnownMethods(desk.db), behind)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        hearing = asyncio.create_task(listen(desk.database_url, "paydesk_accounts", counter.forget))
        # What lives now lives for ever: later collections need not look at it.
        gc.collect()
        gc.freeze()
        yield
        hearing.cancel()
        await behind.stop()
        await desk.close()

    async def ready(_request: Request) -> Response:
        return await health.ready(desk)

    calls: list[BaseRoute] = [
        route
        for prefix in ("", "/1.0")
        for path, operations in _by_route(OPERATIONS).items()
        for route in [
            *(
                Route(
                    prefix + path,
                    endpoint(counter, one.verb, section=one.section, writes=one.writes),
                    methods=[one.method],
                )
                for one in operations
            ),
            # Another route may match this path too, `/orders/{id}` or the payer's page, and would
            # take a name for an id or a token.
            Route(prefix + path, _Refused([one.method for one in operations])),
        ]
    ]
    page = Page(desk, counter.methods, behind)
    app = Starlette(
        routes=[
            page.look(),
            *calls,
            *Forms(counter).routes(),
            *page.routes(),
            *AtBank(desk, behind).routes(),
            *Issuer(desk, behind).routes(),
            *Documents(desk).routes(),
            *Plans(desk).routes(),
            *reference.routes(),
            Route("/health/live", health.live),
            Route("/health/ready", ready),
        ],
        lifespan=lifespan,
        exception_handlers={404: _path_missing, 405: _method_not_allowed},
    )
    # A redirect would name the scheme and host that the request claims, and carry the key there.
    app.router.redirect_slashes = False
    app.router.default = _WithoutSlash(Router(calls, redirect_slashes=False))
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
        headers=list(EVERYWHERE.items()),
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


class _Refused:
    """Answers a path's other methods than these."""

    def __init__(self, methods: Sequence[str]) -> None:
        heads = ["HEAD"] if "GET" in methods else []
        self._allowed = ", ".join([*methods, *heads])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await refused(MethodNotAllowed(), headers={"Allow": self._allowed})(scope, receive, send)


class _WithoutSlash:
    """Answers a path that no route has, and that ends in one slash, as the call without it.

    Pages are left out: their links would lead elsewhere from there.
    Source: the reference writes `/lookups/{?type}/{?payment_methods_id}`, both of them optional.
    """

    def __init__(self, calls: Router) -> None:
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.endswith("/") and path.rstrip("/") == path[:-1] != "":
            await self._calls({**scope, "path": path[:-1]}, receive, send)
        else:
            await self._calls.not_found(scope, receive, send)


def _by_route(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    """The operations of each path, paths in order of their first one."""
    found: dict[str, list[Operation]] = {}
    for operation in operations:
        found.setdefault(operation.route, []).append(operation)
    return found


async def _path_missing(_request: Request, _fault: Exception) -> Response:
    return refused(PathMissing())


async def _method_not_allowed(_request: Request, fault: Exception) -> Response:
    return refused(MethodNotAllowed(), headers=getattr(fault, "headers", None))
