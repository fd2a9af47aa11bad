"""Where directory servers tell how challenges ended: one path, for callers with a certificate.

A result is kept and answered at once; what follows from it is the worker's.
"""

import uuid

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk import checkouts, limits, threeds
from paydesk.app import Desk
from paydesk.errors import DatabaseAway
from paydesk.threeds import MessageAtFault, MessageFault, Result
from paydesk.web.body import BodyTooLarge, read_body

log = structlog.get_logger()

PATH = "/3ds/results"
_TYPE = "application/JSON; charset=UTF-8"


def routes(desk: Desk) -> list[Route]:
    async def hear(request: Request) -> Response:
        return await _answer(desk, request)

    return [Route(PATH, hear, methods=["POST"])]


async def _answer(desk: Desk, request: Request) -> Response:
    try:
        raw = await read_body(request, bytes_max=limits.THREEDS_BODY_BYTES_MAX)
        result = threeds.read_rreq(raw)
        fault = await checkouts.hear_result(desk.db, desk.acquiring.asking, result, raw)
        if fault is not None:
            raise _at_fault(result, fault)
    except MessageAtFault as bad:
        log.warning("rreq_refused", code=bad.fault.code, detail=bad.fault.detail)
        return _reply(request, threeds.write_erro(bad))
    except BodyTooLarge:
        return Response(status_code=413)
    except DatabaseAway:
        return Response(status_code=503, headers={"Retry-After": "2"})
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    return _reply(request, threeds.write_rres(result))


def _at_fault(result: Result, fault: MessageFault) -> MessageAtFault:
    ids = {
        "threeDSServerTransID": result.id,
        "dsTransID": result.directory_id,
        "acsTransID": result.issuer_id,
    }
    return MessageAtFault(fault, version=result.version, ids=ids)


def _reply(request: Request, body: bytes) -> Response:
    headers = {"X-Response-ID": str(uuid.uuid4())}
    if asked := request.headers.get("X-Request-ID"):
        headers["X-Request-ID"] = asked[:64]
    return Response(body, headers=headers, media_type=_TYPE)
