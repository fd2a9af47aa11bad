"""How refusals look to API callers: kind → code, status and fixed text, in one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from paydesk.errors import Fault, InvalidBatch, Kind, Refusal
from paydesk.kit import json


@dataclass(frozen=True, slots=True)
class Code:
    """An error code of the API. Source: reference, section Errors; design §4."""

    code: str
    status: int
    message: str  # at most 32 characters


CODES: Mapping[Kind, Code] = {
    Kind.UNAUTHENTICATED: Code("001", 401, "Invalid API key provided."),
    Kind.LAYOUT: Code("002", 400, "Invalid body layout."),
    Kind.PARAMETERS: Code("003", 400, "Invalid body parameters."),
    Kind.LOOKUP: Code("004", 422, "Invalid lookup value."),
    Kind.INVALID: Code("005", 422, "Validation failed."),
    Kind.URL: Code("006", 400, "Invalid URL parameter."),
    Kind.MISSING: Code("007", 404, "Record not found."),
    Kind.LIMITED: Code("901", 429, "Too many requests."),
    Kind.CONFLICT: Code("902", 409, "Conflict."),
    Kind.FORBIDDEN: Code("903", 403, "Forbidden."),
    Kind.GONE: Code("904", 410, "Gone."),
    Kind.KEY_REUSED: Code("905", 422, "Idempotency key reused."),
    Kind.UNAVAILABLE: Code("906", 503, "Temporarily unavailable."),
    Kind.METHOD: Code("907", 405, "Method not allowed."),
    Kind.TOO_LARGE: Code("908", 413, "Body too large."),
    Kind.MEDIA_TYPE: Code("909", 415, "Unsupported media type."),
}
OUR_FAULT = Code("999", 500, "Our fault.")


class PathMissing(Refusal):
    """There is nothing at this address."""

    kind = Kind.MISSING


class MethodNotAllowed(Refusal):
    """This address does not take this method."""

    kind = Kind.METHOD


class RateExceeded(Refusal):
    """The key has made too many requests this second. Please slow down."""

    kind = Kind.LIMITED


class MediaTypeUnsupported(Refusal):
    """The body is sent as Content-Type: application/json."""

    kind = Kind.MEDIA_TYPE


class BodyUnreadable(Refusal):
    """The body is not a JSON object: check its commas, quotes, and that no name stands twice."""

    kind = Kind.LAYOUT


class BodyTooDeep(Refusal):
    """The body's arrays and objects stand in each other too deeply."""

    kind = Kind.LAYOUT


class BodyHoldsNul(Refusal):
    """A text of the body holds a NUL character, which can't be kept."""

    kind = Kind.LAYOUT


class BodyNumberTooLong(Refusal):
    """A number of the body is too long to be kept as it is. Write it as a text."""

    kind = Kind.LAYOUT


class SectionForbidden(Refusal):
    """This API key has no access to this section."""

    kind = Kind.FORBIDDEN


class KeyReadOnly(Refusal):
    """This API key may only read."""

    kind = Kind.FORBIDDEN


class IdempotencyKeyInvalid(Refusal):
    """An Idempotency-Key has 1 to 255 printable ASCII characters."""

    kind = Kind.INVALID


def refused(
    refusal: Refusal,
    *,
    record: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a refused request: one code, the first that applies, and all faults.

    record is the submitted record, which is echoed; of a batch the bad ones are.
    """
    faults = refusal.faults()
    code = code_of(refusal)
    headers = dict(headers or {})
    if refusal.retry_after_seconds is not None:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    if code.status == CODES[Kind.UNAUTHENTICATED].status:
        headers["WWW-Authenticate"] = 'Basic realm="Paydesk", charset="UTF-8"'
    bad = refusal.records if isinstance(refusal, InvalidBatch) else [(record or {}, faults)]
    details = [{"record": dict(one), "errors": _by_path(its)} for one, its in bad]
    return _answer(code, details, headers)


def code_of(refusal: Refusal) -> Code:
    """The one code that answers a refusal."""
    return CODES[_first(fault.kind for fault in refusal.faults())]


def broken(request_id: str) -> Response:
    """The answer when the fault is ours; the id finds it in the log."""
    return _answer(OUR_FAULT, [], {"X-Request-Id": request_id})


def _first(kinds: Iterable[Kind]) -> Kind:
    order = list(Kind)
    return min(kinds, key=order.index)


def _by_path(faults: Iterable[Fault]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    for fault in faults:
        # The first fault of a field is the plainest; the rest often follow from it.
        errors.setdefault(fault.path, {"message": fault.message, "rule": fault.rule})
    return errors


def _answer(code: Code, details: list[dict[str, Any]], headers: Mapping[str, str]) -> Response:
    body = {
        "status": False,
        "error_code": code.code,
        "error_message": code.message,
        "error_details": details,
    }
    return Response(
        json.write(body),
        status_code=code.status,
        headers={"Cache-Control": "no-store", **headers},
        media_type="application/json",
    )
