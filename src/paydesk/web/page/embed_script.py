"""`GET /embed.js`: the script that puts a checkout into a merchant's page."""

import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

_CONTENT = (files("paydesk.web.page") / "static" / "embed.js").read_bytes()
_TAG = f'"{hashlib.sha256(_CONTENT).hexdigest()[:32]}"'
_HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    # An hour: how long a shop may go on with the script of before.
    "Cache-Control": "public, max-age=3600",
    "ETag": _TAG,
    # It is made for the pages of others.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


async def embed_script(request: Request) -> Response:
    """The script, or 304 for who has it already."""
    known = request.headers.get("if-none-match", "")
    if _TAG in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers=_HEADERS)
    return Response(_CONTENT, headers=_HEADERS)
