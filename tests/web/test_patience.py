"""How long a client may take to send a request, shown with a shorter patience than the real one."""

import asyncio
import socket
import threading
import time

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from paydesk import limits
from paydesk.web.patience import PatientProtocol
from world import eventually, free_port

HEADER_SECONDS, BODY_SECONDS = 1, 1.2
# What it may take on a loaded machine; nobody would be ended at all, were it not for the patience.
ENDED_SECONDS = 20


async def _echo(request: Request):
    return PlainTextResponse(await request.body())


async def _slow(request: Request):
    await asyncio.sleep(2.5)
    return PlainTextResponse("worth waiting for")


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(limits, "HEADER_SECONDS_MAX", HEADER_SECONDS)
    monkeypatch.setattr(limits, "BODY_SECONDS_MAX", BODY_SECONDS)
    port = free_port()
    routes = [Route("/", _echo, methods=["GET", "POST"]), Route("/slow", _slow)]
    config = uvicorn.Config(
        Starlette(routes=routes),
        port=port,
        http=PatientProtocol,
        log_level="critical",
        ws="none",
        timeout_keep_alive=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join(10)


def _all_of(connection):
    """What the server sends until it hangs up, and how long that takes."""
    started = time.monotonic()
    connection.settimeout(ENDED_SECONDS)
    got = b""
    while part := connection.recv(65536):
        got += part
    return got, time.monotonic() - started


def _send(port, *parts, pause=0.0):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        return _all_of(connection)


HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"


def test_a_request_in_time_is_served_again_and_again(port):
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert client.post("/", content=b"hello").text == "hello"
            time.sleep(HEADER_SECONDS / 2)


def test_an_idle_kept_connection_is_not_hurried(port):
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        client.post("/", content=b"hello")
        (connection,) = client._transport._pool.connections
        time.sleep(HEADER_SECONDS + BODY_SECONDS)
        assert client.post("/", content=b"again").text == "again"
        assert client._transport._pool.connections == [connection]


def test_our_own_slowness_is_not_held_against_the_client(port):
    assert httpx2.get(f"http://127.0.0.1:{port}/slow").text == "worth waiting for"


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (b"", HEADER_SECONDS),
        (b"POST / HT", HEADER_SECONDS),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-le", HEADER_SECONDS),
        (HEAD, BODY_SECONDS),
        (HEAD + b"half", BODY_SECONDS),
        (HEAD.replace(b"content-length: 10", b"transfer-encoding: chunked"), BODY_SECONDS),
    ],
)
def test_a_silent_or_half_sent_request_is_ended(port, sent, seconds):
    got, taken = _send(port, sent)
    assert got.startswith(b"HTTP/1.1 408 "), got
    assert taken > seconds * 0.6


def test_a_trickle_is_ended_as_well(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        started = time.monotonic()
        with pytest.raises(OSError):
            _trickle(connection, b"GET / HTTP/1.1\r\nx: " + b"y" * 1000)
        assert time.monotonic() - started < ENDED_SECONDS


def _trickle(connection, text):
    for letter in text:
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def test_a_second_request_on_a_connection_is_no_more_patient(port):
    full = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok"
    got, _ = _send(port, full, b"GET / HT", pause=0.1)
    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in got


def test_others_are_served_meanwhile(port):
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    for connection in silent[:25]:
        connection.sendall(HEAD + b"half")
    started = time.monotonic()
    for _ in range(20):
        assert httpx2.post(f"http://127.0.0.1:{port}/", content=b"hi").text == "hi"
    assert time.monotonic() - started < 60  # behind the silent ones it would be for ever
    for connection in silent:
        assert _all_of(connection)[0].startswith(b"HTTP/1.1 408 ")
        connection.close()


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"x%d: y\r\n" % number for number in range(limits.HEADERS_MAX + 1)),
        b"x: " + b"y" * limits.HEAD_BYTES_MAX + b"\r\n",
    ],
    ids=["many", "long"],
)
def test_a_head_has_an_end(port, head):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n" + head)
            got = _all_of(connection)[0]
        except ConnectionError:
            got = b"HTTP/1.1 431 "  # it hung up while we were still sending
        assert got.startswith(b"HTTP/1.1 431 ")


def test_a_client_that_goes_away_half_way_harms_nobody(port):
    for sent in (b"", b"POST / HT", HEAD, HEAD + b"half"):
        socket_ = socket.create_connection(("127.0.0.1", port))
        socket_.sendall(sent)
        socket_.close()
    assert httpx2.get(f"http://127.0.0.1:{port}/").status_code == 200
