"""The sandbox acquirer's HTTP interface.

POST /v1/authorisations, GET /v1/authorisations/{reference}, POST /v1/modifications,
GET /v1/modifications/{reference}, POST /v1/reversals (of either), GET /health; JSON both ways,
with the bearer key "sandbox".
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from paydesk.sandbox.acquirer import Acquirer, Reply
from paydesk.sandbox.authentication import authentication_of, believe, handling
from paydesk.sandbox.cards import script_for
from paydesk.sandbox.orders import Modification, Order, new_modification, new_order

_KEY = "sandbox"
_BODY_BYTES_MAX = 64 * 1024  # an authorisation is under 1 KB
_ACQUIRER = web.AppKey("acquirer", Acquirer)
_CAVV_KEY = web.AppKey("cavv_key", bytes)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def acquirer_application(log_path: Path, *, key: bytes, speed: float) -> web.Application:
    """The interface over an acquirer that remembers what the log says.

    Units: speed is a factor on every delay: 0.1 makes them a tenth.
    """

    async def run_acquirer(application: web.Application) -> AsyncIterator[None]:
        acquirer = Acquirer(log_path, speed)
        acquirer.restore()
        application[_ACQUIRER] = acquirer
        yield
        acquirer.close()

    application = web.Application(middlewares=[_check], client_max_size=_BODY_BYTES_MAX)
    application[_CAVV_KEY] = key
    application.cleanup_ctx.append(run_acquirer)
    application.router.add_get("/health", _health)
    application.router.add_post("/v1/authorisations", _authorise)
    application.router.add_get("/v1/authorisations/{reference}", _inquire)
    application.router.add_post("/v1/modifications", _modify)
    application.router.add_get("/v1/modifications/{reference}", _inquire_modification)
    application.router.add_post("/v1/reversals", _reverse)
    return application


@web.middleware
async def _check(request: web.Request, handler: _Handler) -> web.StreamResponse:
    is_open = request.path == "/health"
    if not is_open and request.headers.get("Authorization") != f"Bearer {_KEY}":
        return web.json_response({"result": "unauthenticated"}, status=401)
    try:
        return await handler(request)
    except (KeyError, TypeError, ValueError):
        return web.json_response({"result": "invalid"}, status=400)


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _authorise(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    number = _text(body["card"], "number")
    amount, currency = _amount(body), _text(body, "currency")
    told = body.get("authentication")
    belief = believe(
        None if told is None else authentication_of(told),
        number=number,
        amount=amount,
        currency=currency,
        key=request.app[_CAVV_KEY],
    )
    script, first = script_for(number), _first_payment(body)
    order = new_order(
        reference=_text(body, "reference"),
        order=_text(body, "order"),
        amount=amount,
        currency=currency,
        capture=_flag(body, "capture"),
        number=number,
        script=script,
        proof=belief.proof,
        first=first,
        directory_id=(told or body.get("first_payment") or {}).get("directory_id"),
    )
    for field in ("expire_month", "expire_year", "name"):
        _text(body["card"], field)
    how = script.authorising if first is None else script.alone
    return _send(
        request,
        await _acquirer(request).authorise(order, handling(how, belief, number)),
    )


async def _inquire(request: web.Request) -> web.Response:
    return _send(request, _acquirer(request).inquire(request.match_info["reference"], Order))


async def _modify(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    modification = new_modification(
        reference=_text(body, "reference"),
        of=_text(body, "of"),
        kind=_text(body, "kind"),
        amount=_amount(body),
        currency=_text(body, "currency"),
    )
    return _send(request, await _acquirer(request).modify(modification))


async def _inquire_modification(request: web.Request) -> web.Response:
    reference = request.match_info["reference"]
    return _send(request, _acquirer(request).inquire(reference, Modification))


async def _reverse(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    return _send(request, await _acquirer(request).reverse(_text(body, "reference")))


def _first_payment(body: Any) -> str | None:
    """The network's id of the payment that a charge without its payer refers to.

    "" where it refers to none; None where the security code says that the payer is there.
    """
    told = body.get("first_payment")
    if told is None:
        return None if isinstance(body["card"].get("security_code"), str) else ""
    for name in ("directory_id", "issuer_id"):
        if not isinstance(told[name], str | None):
            raise TypeError(name)
    datetime.fromisoformat(_text(told, "at"))
    return _text(told, "scheme_id")


def _acquirer(request: web.Request) -> Acquirer:
    return request.app[_ACQUIRER]


def _send(request: web.Request, reply: Reply | None) -> web.Response:
    if reply is not None:
        return web.json_response(reply.body, status=reply.status)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere: the connection is gone


def _text(part: Any, name: str) -> str:
    value = part[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _amount(body: Any) -> int:
    value = body["amount"]
    if type(value) is not int or value < 0:  # a bool is an int to isinstance
        raise TypeError("amount")
    return value


def _flag(body: Any, name: str) -> bool:
    value = body[name]
    if not isinstance(value, bool):
        raise TypeError(name)
    return value
