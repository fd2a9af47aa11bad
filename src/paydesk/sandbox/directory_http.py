"""The directory server's HTTP interface: POST /3ds for 3DS servers, POST /results for the issuer.

Both over TLS with a certificate on either side.
"""

from aiohttp import web

from paydesk.sandbox.directory import Directory
from paydesk.sandbox.peers import CONTENT_TYPE
from paydesk.sandbox.versions import VERSIONS

_BODY_BYTES_MAX = 256 * 1024
_DIRECTORY = web.AppKey("directory", Directory)
_ISSUER = "directory"  # the issuer runs in the same program, with the same certificate


def directory_application(directory: Directory) -> web.Application:
    """The interface over a directory server."""
    application = web.Application(client_max_size=_BODY_BYTES_MAX)
    application[_DIRECTORY] = directory
    application.router.add_post("/3ds", _ask)
    application.router.add_post("/results", _report)
    return application


async def _ask(request: web.Request) -> web.Response:
    return _reply(request, *await request.app[_DIRECTORY].answer(await _body(request)))


async def _report(request: web.Request) -> web.Response:
    directory = request.app[_DIRECTORY]
    if _caller(request) != _ISSUER:
        return web.Response(
            body=directory.refuse_stranger(), headers={"Content-Type": CONTENT_TYPE}
        )
    return _reply(request, *await directory.report(await _body(request)))


async def _body(request: web.Request) -> bytes:
    if request.content_type.lower() != "application/json":
        raise web.HTTPUnsupportedMediaType
    return await request.read()


def _caller(request: web.Request) -> str | None:
    """The name in the caller's certificate."""
    certificate = request.get_extra_info("peercert") or {}
    parts = [part for group in certificate.get("subject", ()) for part in group]
    return dict(parts).get("commonName")


def _reply(request: web.Request, body: bytes, version: str) -> web.Response:
    headers = VERSIONS[version].response_headers(request.headers)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE, **headers})
