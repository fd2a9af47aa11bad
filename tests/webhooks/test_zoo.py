"""Receivers that no receiver should be like: each costs one try of its own and nobody else's.

Source: reliability paper, WHK-5: twelve kinds. The times are shorter here; their real values are
limits, and `tests/kit/test_outbound.py` asks more of each.
"""

import gzip
import socket
import tracemalloc
from contextlib import AsyncExitStack

import pytest

from outgoing import append, delivering, tried
from paydesk import limits
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from paydesk.webhooks.answer import kept_body
from scripted import (
    OK,
    half_closing,
    hanging_up,
    make_certificate,
    receiver,
    resetting,
    saying,
    saying_forever,
    server_side,
    silent,
)

pytestmark = pytest.mark.anyio

_BOMB = gzip.compress(bytes(10_000_000))
_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_BOMB)
_HEADS = saying_forever(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n")

# What comes of one try: the failure, or "" where the answer is taken.
KINDS = {
    "accepts and stays silent": (silent, "timeout"),
    "one byte per second": (
        saying_forever(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"x", pause_seconds=1),
        "timeout",
    ),
    "endless headers": (_HEADS, "too_large"),
    "endless body": (saying_forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000), ""),
    "gzip bomb": (saying(_GZIP + _BOMB), ""),
    "reset": (resetting, "reset"),
    "hangs up": (hanging_up, "reset"),
    "half close": (half_closing, "reset"),
    "100-continue loop": (
        saying_forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause_seconds=0.01),
        "timeout",
    ),
    "HTTP/0.9 noise": (saying(b"hello, this is not HTTP\r\n\r\n"), "bad_answer"),
}


@pytest.fixture
def shorter(monkeypatch):
    monkeypatch.setattr(limits, "WEBHOOK_TOTAL_SECONDS_MAX", 8)
    monkeypatch.setattr(limits, "WEBHOOK_CONNECT_SECONDS_MAX", 4)


@pytest.fixture
def deaf_port():
    """A port that takes no connection, and refuses none either: its queue is full."""
    listening, waiting = socket.socket(), []
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listening.getsockname())
        waiting.append(one)
    yield listening.getsockname()[1]
    for one in [*waiting, listening]:
        one.close()


async def test_all_of_the_zoo_at_once(shop, listener, shorter, deaf_port, tmp_path):
    certificate = make_certificate(tmp_path)
    expected, urls = {}, {}
    async with AsyncExitStack() as zoo:
        for kind, (script, failure) in KINDS.items():
            urls[kind] = (await zoo.enter_async_context(receiver(script))).url
            expected[kind] = failure
        stalling = await zoo.enter_async_context(receiver(silent))
        tls = server_side(certificate)
        wrong = await zoo.enter_async_context(receiver(saying(b""), tls=tls))
        urls["never accepts"] = f"http://127.0.0.1:{deaf_port}/"
        urls["TLS stall"] = stalling.url.replace("http:", "https:")
        urls["wrong certificate"] = wrong.url.replace("http:", "https:")
        expected |= {"never accepts": "connect", "TLS stall": "timeout", "wrong certificate": "tls"}
        made = {kind: (await append(shop, url))[0] for kind, url in urls.items()}
        async with delivering(shop.deliverer()):
            found = {kind: (await tried(shop, id_, 1))[0] for kind, id_ in made.items()}
            # Whoever comes after them is heard.
            (later,) = await append(shop, listener.url)
            await tried(shop, later, 1)
    told = {kind: row["failure"] or "" for kind, row in found.items()}
    # A connection that is not taken in time is a time-out or none, as the system has it.
    assert told.pop("never accepts") in {"connect", "timeout"}
    expected.pop("never accepts")
    assert told == expected
    assert len(found) == 13
    for kind in ("endless body", "gzip bomb"):
        assert len(found[kind]["answer"]) <= limits.WEBHOOK_ANSWER_KEPT_BYTES
    assert wrong.requests == []
    assert len(listener.got) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_no_receiver_costs_a_megabyte(kind):
    """Nor more time than a try may take. TLS and connecting hold next to nothing."""
    script, failure = KINDS[kind]
    async with receiver(script) as hostile, receiver(saying(OK)) as well, Outbound() as outbound:
        await outbound.send(asking(well), Guard.PUBLIC_OR_LOOPBACK, seconds_max=15)
        tracemalloc.start()
        try:
            if failure:
                with pytest.raises(OutboundFailure):
                    await outbound.send(asking(hostile), Guard.PUBLIC_OR_LOOPBACK, seconds_max=1)
            else:
                answer = await outbound.send(
                    asking(hostile), Guard.PUBLIC_OR_LOOPBACK, seconds_max=15
                )
                assert len(answer.body) <= limits.WEBHOOK_ANSWER_BYTES_MAX
                assert len(kept_body(answer.body)) <= limits.WEBHOOK_ANSWER_KEPT_BYTES
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2**20


def asking(server):
    return OutboundRequest("POST", server.url, {}, b"{}")
