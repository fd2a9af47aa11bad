"""The two busiest calls, answered without the framework's middleware and search for a route.

Those cost a tenth of such a call's processor time (`make bench`). The endpoints are the same as
behind the routes, and everything else goes there.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class Shortcut:
    """The application, with a shorter way to `POST /checkout/page` and `GET /checkout/{token}`."""

    def __init__(self, app: ASGIApp, *, create: Endpoint, show_page: Endpoint) -> None:
        self._app = app
        self._create = create
        self._show_page = show_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._find(scope) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> Endpoint | None:
        path: str = scope["path"]
        if scope["method"] == "POST":
            return self._create if path == "/checkout/page" else None
        # Tokens begin so, and `/checkout/page` does not.
        if scope["method"] == "GET" and path.startswith("/checkout/cs_") and path.count("/") == 2:
            scope["path_params"] = {"token": path.removeprefix("/checkout/")}
            return self._show_page
        return None
