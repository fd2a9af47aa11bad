"""A page's HTML on its way, compressed for who takes it so: a third of the bytes on a slow line."""

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from paydesk.web.page.pieces import Pieces, gzipped, joined

_GZIP = re.compile(
    r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?:1|0?\.[0-9]*[1-9])[0-9.]*\s*)?(?=,|$)", re.IGNORECASE
)


def html_response(
    request: Request, pieces: Pieces, status: int, headers: Mapping[str, str]
) -> Response:
    """The page.

    Compressing a page with secrets beside what a stranger chose would tell the secrets by their
    lengths, where a stranger could have a browser ask for it again and again. Nobody can: the page
    is found only by its secret address, and no cookie opens it.
    """
    sent = {**headers, "Vary": "Accept-Encoding"}
    if _GZIP.search(request.headers.get("accept-encoding", "")):
        return Response(gzipped(pieces), status, {**sent, "Content-Encoding": "gzip"})
    return Response(joined(pieces), status, sent)
