"""The sandbox bank's HTTP interface, for shops and for the payer's browser.

For shops, JSON with the bearer key "sandbox": POST /v1/payments, GET /v1/payments/{reference},
POST /v1/payments/{reference}/cancel, POST /v1/refunds, GET /v1/refunds/{reference},
POST /v1/refunds/{reference}/cancel, GET /v1/credits?reference=. POST /v1/credits plays a payer who
sends money by hand, and so does the form at /transfer; GET /v1/statement?after= lists all of it.
For browsers: /pay/{token} shows a payment; its form's `step` is approve, refuse, cancel or later.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from paydesk.kit import ids
from paydesk.kit.money import Currency, Money
from paydesk.sandbox.bank import Bank, Conflict
from paydesk.sandbox.currencies import BY_CODE
from paydesk.sandbox.payments import Credit, Kind, Payment, Refund, State, new_payment
from paydesk.sandbox.screens import Screen, render, trouble

_KEY = "sandbox"
_BODY_BYTES_MAX = 64 * 1024
_TEXT_MAX = 2048  # an address; references are far shorter
_AMOUNT_MAX = 10**15
_STATEMENT_COUNT = 100  # sums on one page of a statement
_PAYER_STEPS = {"approve", "refuse", "cancel", "later"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BANK = web.AppKey("bank", Bank)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bank_application(log_path: Path, *, key: bytes, speed: float) -> web.Application:
    """The interface over a bank that remembers what the log says.

    Units: speed is a factor on every delay: 0.1 makes them a tenth.
    """

    async def run_bank(application: web.Application) -> AsyncIterator[None]:
        bank = Bank(log_path, key=key, speed=speed)
        bank.restore()
        application[_BANK] = bank
        yield
        await bank.close()

    application = web.Application(middlewares=[_check], client_max_size=_BODY_BYTES_MAX)
    application.cleanup_ctx.append(run_bank)
    application.router.add_post("/v1/payments", _ask)
    application.router.add_get("/v1/payments/{reference}", _inquire)
    application.router.add_post("/v1/payments/{reference}/cancel", _cancel)
    application.router.add_post("/v1/refunds", _refund)
    application.router.add_get("/v1/refunds/{reference}", _inquire_refund)
    application.router.add_post("/v1/refunds/{reference}/cancel", _cancel_refund)
    application.router.add_post("/v1/credits", _receive)
    application.router.add_get("/v1/credits", _credits)
    application.router.add_get("/v1/statement", _statement)
    application.router.add_get("/pay/{token}", _look)
    application.router.add_post("/pay/{token}", _act)
    application.router.add_get("/transfer", _ask_transfer)
    application.router.add_post("/transfer", _transfer)
    return application


@web.middleware
async def _check(request: web.Request, handler: _Handler) -> web.StreamResponse:
    is_open = not request.path.startswith("/v1/")
    if not is_open and request.headers.get("Authorization") != f"Bearer {_KEY}":
        return web.json_response({"result": "unauthenticated"}, status=401)
    try:
        return await handler(request)
    except Conflict:
        return web.json_response({"result": "conflict"}, status=409)
    except (KeyError, TypeError, ValueError) as fault:
        return web.json_response({"result": "invalid", "field": str(fault)}, status=400)


async def _ask(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    payment = new_payment(
        reference=_text(body, "reference"),
        amount=_whole(body, "amount"),
        currency=_currency(body),
        kind=_text(body, "kind"),
        return_url=_address(body, "return_url"),
        notify_url=_address(body, "notify_url"),
        expires_at=_whole(body, "expires_at"),
    )
    answer = request.app[_BANK].ask(payment)
    if answer is not None:
        return web.json_response(answer)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere: the connection is gone


async def _inquire(request: web.Request) -> web.Response:
    return _found(request.app[_BANK].inquire(request.match_info["reference"]))


async def _cancel(request: web.Request) -> web.Response:
    return _found(request.app[_BANK].cancel(request.match_info["reference"]))


async def _refund(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    refund = Refund(
        ids.new("bnk"),
        _text(body, "reference"),
        _text(body, "of"),
        _whole(body, "amount"),
        _currency(body),
    )
    return web.json_response(request.app[_BANK].refund(refund))


async def _inquire_refund(request: web.Request) -> web.Response:
    return _found(request.app[_BANK].refund_of(request.match_info["reference"]))


async def _cancel_refund(request: web.Request) -> web.Response:
    return web.json_response(request.app[_BANK].cancel_refund(request.match_info["reference"]))


async def _receive(request: web.Request) -> web.Response:
    body = json.loads(await request.read())
    credit = Credit(
        ids.new("bnk"),
        _text(body, "reference"),
        _whole(body, "amount"),
        _currency(body),
        _text(body, "sender"),
        _address(body, "notify_url"),
    )
    return web.json_response(request.app[_BANK].receive(credit))


async def _credits(request: web.Request) -> web.Response:
    return web.json_response({"credits": request.app[_BANK].credits(request.query["reference"])})


async def _statement(request: web.Request) -> web.Response:
    after = request.query.get("after", "")
    return web.json_response(request.app[_BANK].statement(after, count=_STATEMENT_COUNT))


async def _ask_transfer(request: web.Request) -> web.Response:
    """A form that sends money by hand, filled in by its address."""
    return _show(Screen("transfer.html", {**_as_given(request.query), "is_sent": False}))


async def _transfer(request: web.Request) -> web.Response:
    given = _as_given(await request.post())
    rand = Currency("ZAR", BY_CODE["ZAR"].exponent)
    credit = Credit(
        ids.new("bnk"),
        _text(given, "reference"),
        Money.parse(_text(given, "amount"), rand).minor,
        rand.code,
        _text(given, "sender"),
        _address(given, "notify_url"),
    )
    request.app[_BANK].receive(credit)
    return _show(Screen("transfer.html", {**given, "is_sent": True}))


def _as_given(fields: Mapping[str, Any]) -> dict[str, str]:
    names = ("reference", "amount", "sender", "notify_url")
    return {name: str(fields.get(name, "")) for name in names}


async def _look(request: web.Request) -> web.Response:
    return _page(request, request.app[_BANK].find(request.match_info["token"]))


async def _act(request: web.Request) -> web.Response:
    bank = request.app[_BANK]
    payment = bank.find(request.match_info["token"])
    step = (await request.post()).get("step")
    if payment is None or step not in _PAYER_STEPS:
        return _page(request, None)
    if bank.inquire(payment.reference):  # first, so that what has run out cannot be paid
        bank.move(payment.reference, str(step))
    return _page(request, payment)


def _page(request: web.Request, payment: Payment | None) -> web.Response:
    seen = None if payment is None else request.app[_BANK].inquire(payment.reference)
    if payment is None or seen is None:
        return _show(trouble("There is no such payment.", 404))
    view = {
        "action": request.path,
        "amount": BY_CODE[payment.currency].text(payment.amount),
        "reference": payment.reference,
        "state": seen["result"],
        "is_open": seen["result"] == State.OPEN,
        "is_scanned": payment.kind is Kind.QR,
        "return_url": payment.return_url,
    }
    return _show(Screen("bank.html", view))


def _show(screen: Screen) -> web.Response:
    page, headers = render(screen)
    return web.Response(text=page, status=screen.status, content_type="text/html", headers=headers)


def _found(answer: Any) -> web.Response:
    if answer is None:
        return web.json_response({"result": "not_found"}, status=404)
    return web.json_response(answer)


def _text(body: Any, name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX:
        raise TypeError(name)
    return value


def _whole(body: Any, name: str) -> int:
    value = body[name]
    if type(value) is not int or not 0 < value < _AMOUNT_MAX:  # a bool is an int to isinstance
        raise TypeError(name)
    return value


def _currency(body: Any) -> str:
    code = _text(body, "currency")
    if code not in BY_CODE:
        raise ValueError("currency")
    return code


def _address(body: Any, name: str) -> str:
    """An address on this machine: the sandbox talks to nobody else."""
    url = _text(body, name)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in _LOOPBACK:
        raise ValueError(name)
    return url
