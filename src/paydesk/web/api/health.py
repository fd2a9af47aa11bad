"""`/health/live` and `/health/ready`: for supervisors and load balancers; no key needed."""

from starlette.requests import Request
from starlette.responses import Response

from paydesk.app import Desk
from paydesk.errors import DatabaseAway
from paydesk.kit import json


async def live(_request: Request) -> Response:
    """Answers as long as the process does."""
    return _answer(200, {"live": True})


async def ready(desk: Desk) -> Response:
    """Answers 200 when requests can be served: database and vault are there, else 503."""
    try:
        database = await desk.db.value("select true")
    except DatabaseAway:
        database = False
    vault = await desk.acquiring.vault.health()
    is_ready = bool(database and vault)
    return _answer(
        200 if is_ready else 503, {"ready": is_ready, "database": bool(database), "vault": vault}
    )


def _answer(status: int, body: dict[str, bool]) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status != 200:
        headers["Retry-After"] = "1"
    return Response(json.write(body), status, headers, media_type="application/json")
