"""`/openapi.json` and `/docs`: what the API is, for programs and for people; no key needed."""

import gzip
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from minijinja import Environment
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk.web.api.operation import Operation
from paydesk.web.api.table import OPERATIONS
from paydesk.web.reference.openapi import document, tag

_FOLDER = Path(__file__).parent
# A vendored file changes with a new version of Paydesk only; an hour is soon enough to see it.
_CACHE = "public, max-age=3600"
# Scalar writes style elements of its own. Scripts, and all else, come from here alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def routes() -> list[Route]:
    return [
        Route("/openapi.json", openapi),
        Route("/docs", docs),
        Route("/docs/reference.css", style),
        Route("/docs/reference.js", script),
        Route("/docs/scalar.js", scalar),
    ]


async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return _cacheable(request, document(), "application/json", cache_control="no-cache")


async def docs(_request: Request) -> Response:
    """The reference page: a list of all calls, over which a script draws more."""
    headers = {**_ALWAYS, "Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return Response(_page(), headers=headers, media_type="text/html")


async def style(request: Request) -> Response:
    return _cacheable(request, _file("reference.css"), "text/css")


async def script(request: Request) -> Response:
    return _cacheable(request, _file("reference.js"), "text/javascript")


async def scalar(request: Request) -> Response:
    """Scalar's own script, as compressed as it is kept, to all who take that."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return _cacheable(request, _file("scalar.js.gz"), "text/javascript", encoding="gzip")
    return _cacheable(request, _unpacked("scalar.js.gz"), "text/javascript")


def _cacheable(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    cache_control: str = _CACHE,
    encoding: str | None = None,
) -> Response:
    tag_ = _etag(body)
    headers = {**_ALWAYS, "Cache-Control": cache_control, "ETag": tag_, "Vary": "Accept-Encoding"}
    known = request.headers.get("if-none-match", "")
    if tag_ in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(status_code=304, headers=headers)
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    return Response(body, headers=headers, media_type=media_type)


@cache
def _file(name: str) -> bytes:
    return (_FOLDER / "static" / name).read_bytes()


@cache
def _unpacked(name: str) -> bytes:
    """The file's plain bytes, kept: 3 MB are not to be unpacked for each who asks."""
    return gzip.decompress(_file(name))


# Its bodies are the handful that are kept for good.
@cache
def _etag(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


@cache
def _page() -> str:
    groups = [
        {"name": name, "calls": [_call(operation) for operation in group]}
        for name, group in groupby(OPERATIONS, key=tag)
    ]
    source = (_FOLDER / "templates" / "docs.html").read_text(encoding="utf-8")
    environment = Environment(templates={"docs.html": source}, trim_blocks=True, lstrip_blocks=True)
    return environment.render_template("docs.html", groups=groups)


def _call(operation: Operation) -> dict[str, str]:
    return {
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
    }
