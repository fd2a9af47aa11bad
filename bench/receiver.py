"""A merchant's webhook endpoint that acknowledges everything and costs next to nothing."""

import asyncio
from types import TracebackType
from typing import Self

_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Receiver:
    """Listens on a loopback port while entered; heard counts the webhooks that have come."""

    def __init__(self) -> None:
        self.heard = 0
        self.url = ""

    def took(self, _request: bytes) -> None:
        """Notes that a webhook came."""
        self.heard += 1

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/webhooks/payments"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()


class _Connection(asyncio.Protocol):
    """Knows of HTTP only where a request ends: after the length that its head tells."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (length := _request_length(self._got)) is not None:
            request, self._got = self._got[:length], self._got[length:]
            self._receiver.took(request)
            self._transport.write(_REPLY)


def _request_length(got: bytes) -> int | None:
    """The length of the first request in it, None while that is not whole."""
    head, end, _ = got.partition(b"\r\n\r\n")
    if not end:
        return None
    lines = head.lower().split(b"\r\n")
    told = next((line for line in lines if line.startswith(b"content-length:")), b":0")
    length = len(head) + len(end) + int(told.partition(b":")[2])
    return length if len(got) >= length else None
