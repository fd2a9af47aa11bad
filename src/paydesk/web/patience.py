"""How long a client may take to send a request, and how much of a head it may send.

uvicorn waits for ever for a silent or half-sent request, and its parser has no limit on headers.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from paydesk import limits


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with an end to its patience."""

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_reading_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait(limits.HEADER_SECONDS_MAX)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Asked afterwards, because a head and a body may come together.
        if self._is_reading_head:
            self._head_bytes += len(data)
            if self._head_bytes > limits.HEAD_BYTES_MAX:
                self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_reading_head = True
        self._head_bytes = 0
        if self._timer is None:
            self._wait(limits.HEADER_SECONDS_MAX)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > limits.HEADERS_MAX:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        self._is_reading_head = False
        self._wait(limits.BODY_SECONDS_MAX)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def _wait(self, seconds: int) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._refuse, b"408 Request Timeout")

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: bytes) -> None:
        self._stop_waiting()
        if self.transport is None or self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            head = b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head % status)
        self.transport.close()
