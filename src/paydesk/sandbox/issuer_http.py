"""The issuer's HTTP interface: POST /areq for the directory server, the rest for browsers.

POST /method/{method} is the method page, POST /challenge takes a CReq, and /challenge/{id} is
what a challenge's own pages ask.
"""

from aiohttp import web

from paydesk.sandbox.enrolment import Method
from paydesk.sandbox.issuer import Issuer
from paydesk.sandbox.peers import CONTENT_TYPE
from paydesk.sandbox.screens import Screen, render, trouble

_BODY_BYTES_MAX = 256 * 1024
_ISSUER = web.AppKey("issuer", Issuer)


def issuer_application(issuer: Issuer) -> web.Application:
    """The interface over an issuer."""
    application = web.Application(client_max_size=_BODY_BYTES_MAX)
    application[_ISSUER] = issuer
    application.router.add_post("/areq", _authenticate)
    application.router.add_post("/method/{method}", _prepare)
    application.router.add_post("/challenge", _open)
    application.router.add_get("/challenge/{id}", _look)
    application.router.add_post("/challenge/{id}", _act)
    application.router.add_get("/escaped", _escaped)
    return application


async def _authenticate(request: web.Request) -> web.Response:
    body = await request.app[_ISSUER].authenticate(await request.read())
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


async def _prepare(request: web.Request) -> web.Response:
    try:
        method = Method(request.match_info["method"])
    except ValueError:
        raise web.HTTPNotFound from None
    form = await _form(request)
    return _show(request.app[_ISSUER].prepare(form.get("threeDSMethodData", ""), method))


async def _open(request: web.Request) -> web.Response:
    form = await _form(request)
    session_data = form.get("threeDSSessionData")
    return _show(await request.app[_ISSUER].open(form.get("creq", ""), session_data))


async def _look(request: web.Request) -> web.Response:
    return _show(await request.app[_ISSUER].look(request.match_info["id"]))


async def _act(request: web.Request) -> web.Response:
    form = await _form(request)
    return _show(await request.app[_ISSUER].act(request.match_info["id"], form))


async def _escaped(_request: web.Request) -> web.Response:
    return _show(trouble("The bank's page took over the whole window, which must not be possible."))


async def _form(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if type(value) is str}


def _show(screen: Screen) -> web.Response:
    page, headers = render(screen)
    return web.Response(text=page, status=screen.status, content_type="text/html", headers=headers)
