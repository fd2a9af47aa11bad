"""How much of a request's body is read."""

import pytest
from starlette.requests import Request

from paydesk.web.body import BodyTooLarge, read_body

pytestmark = pytest.mark.anyio


def _request(*parts, length=None):
    left = list(parts)

    async def receive():
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive), left


async def test_a_body_is_put_together_from_its_parts():
    request, _ = _request(b"ab", b"", b"cde")
    assert await read_body(request, bytes_max=5) == b"abcde"


async def test_an_empty_body_is_empty():
    request, _ = _request(b"")
    assert await read_body(request, bytes_max=0) == b""


async def test_an_announced_large_body_is_not_read_at_all():
    request, left = _request(b"abcdef", length=6)
    with pytest.raises(BodyTooLarge):
        await read_body(request, bytes_max=5)
    assert left == [b"abcdef"]


async def test_an_unannounced_large_body_is_read_no_further_than_needed():
    request, left = _request(b"abc", b"def", b"ghi")
    with pytest.raises(BodyTooLarge):
        await read_body(request, bytes_max=5)
    assert left == [b"ghi"]


async def test_a_lie_about_the_length_does_not_help():
    request, _ = _request(b"abcdef", length=1)
    with pytest.raises(BodyTooLarge):
        await read_body(request, bytes_max=5)
