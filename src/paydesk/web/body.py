"""Reads a request's body, up to a bound."""

from starlette.requests import Request

from paydesk.errors import Kind, Refusal


class BodyTooLarge(Refusal):
    """The body is larger than this call takes."""

    kind = Kind.TOO_LARGE


async def read_body(request: Request, *, bytes_max: int) -> bytes:
    """The whole body. Raises: BodyTooLarge, as soon as that is known."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > bytes_max:
        raise BodyTooLarge
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            raise BodyTooLarge
        parts.append(part)
    return b"".join(parts)
