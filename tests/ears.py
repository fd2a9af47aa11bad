"""Receivers that cost next to nothing, for tests that deliver webhooks by the thousand."""

import asyncio
import re

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
FAILED = b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)
_WEBHOOK_ID = re.compile(rb"\r\nwebhook-id: (\S+)\r\n", re.IGNORECASE)


class _Ear(asyncio.Protocol):
    def __init__(self, took, answer):
        self._took = took
        self._answer = answer
        self._got = b""

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[: end + 4]
            length = len(head) + int(_LENGTH.search(head)[1])
            if len(self._got) < length:
                return
            body, self._got = self._got[len(head) : length], self._got[length:]
            self._took(head, body)
            self._transport.write(self._answer)


async def listen(servers, took, *, answer=TAKEN):
    """A receiver's URL; took is called with head and body of each request.

    Every request is answered so: with nothing, where that is what answer holds. servers is an
    AsyncExitStack.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Ear(took, answer), "127.0.0.1", 0)
    servers.callback(server.close)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks"


def webhook_id(head):
    return _WEBHOOK_ID.search(head)[1].decode()


def headers(head):
    """The head's headers by name, in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    named = (line.partition(":") for line in lines if line)
    return {name.lower(): value.strip() for name, _, value in named}
