"""How we call others over HTTP: to whom, within which limits, and what is known when it fails.

All outgoing calls to merchants and acquirers go through here, so that the rules about addresses
(reliability paper, 2.2) stand in one place. They are checked four times: the URL's text, every
answer of the resolver, the address handed to the system, and the peer once connected.
"""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from types import TracebackType
from typing import Any, ClassVar, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.http_exceptions import LineTooLong
from yarl import URL

from paydesk import limits
from paydesk.kit.addresses import BadURL, Verdict, check_url, judge

Resolve = Callable[[str, int], Sequence[str]]
_Reach = frozenset[Verdict]

_URL_LETTERS = re.compile(r"[!-~]+")
# aiohttp rounds longer limits up to whole seconds; ours are promised to the half second.
_ROUND_NO_TIMEOUT_BELOW_SECONDS = 3600


class Reason(StrEnum):
    """Why no answer came."""

    DNS = "dns"  # the name has no address, or none was found in time
    BUSY = "busy"  # others' look-ups took so long that this one could not begin
    FORBIDDEN_ADDRESS = "forbidden_address"  # the guard forbids the URL or an address behind it
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"  # the connection broke off
    TOO_LARGE = "too_large"  # the answer's head; a long body is cut instead
    BAD_ANSWER = "bad_answer"  # not HTTP


# What aiohttp's errors mean; the first that fits counts, and any other is a RESET.
_FAULTS: tuple[tuple[type[Exception], Reason], ...] = (
    (aiohttp.ClientConnectorCertificateError, Reason.TLS),
    (aiohttp.ClientConnectorSSLError, Reason.TLS),
    (aiohttp.ClientConnectorError, Reason.CONNECT),
    (aiohttp.InvalidURL, Reason.FORBIDDEN_ADDRESS),
    (TimeoutError, Reason.TIMEOUT),
    (aiohttp.ClientResponseError, Reason.BAD_ANSWER),
)


class OutboundFailure(Exception):
    """A call that brought no answer.

    was_sent is False only where no byte of the request can have left. Where it is True, nothing
    is known of what the other side did.
    """

    def __init__(self, reason: Reason, *, was_sent: bool) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.was_sent = was_sent


@dataclass(frozen=True, slots=True)
class Guard:
    """Whom a call may reach: everybody with a public address, or the origins named."""

    reach: _Reach
    allowed_origins: frozenset[str] | None = None

    PUBLIC: ClassVar["Guard"]
    PUBLIC_OR_LOOPBACK: ClassVar["Guard"]

    @classmethod
    def origins(cls, allowed: frozenset[str]) -> "Guard":
        """Exactly these origins, at any address. They are the operator's choice, not a merchant's.

        >>> sorted(Guard.origins(frozenset({"https://API.acquirer.example:443"})).allowed_origins)
        ['https://api.acquirer.example']
        """
        return cls(frozenset(Verdict), frozenset(str(URL(text).origin()) for text in allowed))


Guard.PUBLIC = Guard(frozenset({Verdict.PUBLIC}))
Guard.PUBLIC_OR_LOOPBACK = Guard(frozenset({Verdict.PUBLIC, Verdict.LOOPBACK}))


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """A request to send. Only its own headers go out, with Host and the body's length."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What came back: any status, redirects included, which are not followed.

    Units: seconds is how long the whole call took.
    Shape: headers are found in any case; body is as sent, never decompressed.
    Bounds: body is cut after as many bytes as the caller wanted.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Outbound:
    """One per process: keeps the open connections. Made and closed inside the running loop.

    Each kind of guard has connections of its own, so that one opened under a wide guard is never
    reused under a narrow one. `resolve` gives all addresses of a host and may block. tls says
    whom to believe and as whom to speak; by default the system's authorities, and as nobody.
    """

    def __init__(self, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve or _ask_the_system
        self._tls = tls or ssl.create_default_context()
        self._tls.set_alpn_protocols(["http/1.1"])
        self._lookups: dict[_Reach, _Lookup] = {}
        self._sessions: dict[_Reach, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        for lookup in self._lookups.values():
            await lookup.close()
        self._sessions.clear()
        self._lookups.clear()

    async def send(
        self,
        request: OutboundRequest,
        guard: Guard,
        *,
        seconds_max: float,
        answer_bytes_max: int = limits.WEBHOOK_ANSWER_BYTES_MAX,
    ) -> OutboundAnswer:
        """The other side's answer. The request is sent once at most.

        Units: seconds_max covers all, from the name's look-up to the answer's last byte.
        Bounds: of a longer answer, answer_bytes_max are kept.
        Raises: OutboundFailure.
        """
        started = time.perf_counter()
        url = _permitted(request.url, guard)
        _progress.set(progress := _Progress())
        sending = self._session(guard.reach).request(
            request.method,
            url,
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=seconds_max,
                sock_connect=limits.WEBHOOK_CONNECT_SECONDS_MAX,
                ceil_threshold=_ROUND_NO_TIMEOUT_BELOW_SECONDS,
            ),
        )
        try:
            async with sending as answer:
                _refuse_bad_head(answer)
                body = await _read_body(answer.content, answer_bytes_max)
                seconds = time.perf_counter() - started
                return OutboundAnswer(answer.status, answer.headers, body, seconds)
        except (aiohttp.ClientError, OSError) as fault:
            raise OutboundFailure(_reason(fault), was_sent=progress.is_connected) from fault

    async def look_up(self, url: str, guard: Guard) -> None:
        """Sees whether the guard lets the URL be called, its host's addresses too; calls nobody.

        Raises: OutboundFailure, for reason DNS or FORBIDDEN_ADDRESS.
        """
        permitted = _permitted(url, guard)
        host, port = permitted.raw_host or "", permitted.port or 0
        await self._lookup(guard.reach).resolve(host, port)

    def _session(self, reach: _Reach) -> aiohttp.ClientSession:
        if reach not in self._sessions:
            self._sessions[reach] = _open_session(reach, self._lookup(reach), self._tls)
        return self._sessions[reach]

    def _lookup(self, reach: _Reach) -> "_Lookup":
        if reach not in self._lookups:
            self._lookups[reach] = _Lookup(reach, self._resolve)
        return self._lookups[reach]


def _permitted(text: str, guard: Guard) -> URL:
    try:
        # Encoded already: what stands in the URL is sent as it stands.
        url = URL(text, encoded=True) if _URL_LETTERS.fullmatch(text) else URL(text)
        if guard.allowed_origins is None:
            may_be_loopback = Verdict.LOOPBACK in guard.reach
            check_url(
                text,
                may_be_plain_http_to_loopback=may_be_loopback,
                is_dialled_by_us=True,
                loopback_allowed=may_be_loopback,
            )
            return url
        # User info would become an Authorization header.
        has_user = "@" in url.raw_authority
        if not has_user and str(url.origin()).lower() in guard.allowed_origins:
            return url
    except (BadURL, ValueError) as fault:
        raise OutboundFailure(Reason.FORBIDDEN_ADDRESS, was_sent=False) from fault
    raise OutboundFailure(Reason.FORBIDDEN_ADDRESS, was_sent=False)


def _refuse_bad_head(answer: aiohttp.ClientResponse) -> None:
    if answer.status < 200:
        raise OutboundFailure(Reason.BAD_ANSWER, was_sent=True)
    head_bytes = sum(len(name) + len(value) + 4 for name, value in answer.raw_headers)
    if head_bytes > limits.WEBHOOK_ANSWER_HEADER_BYTES_MAX:
        raise OutboundFailure(Reason.TOO_LARGE, was_sent=True)


async def _read_body(content: aiohttp.StreamReader, bytes_max: int) -> bytes:
    body = bytearray(await content.readany())
    while len(body) < bytes_max and (more := await content.readany()):
        body += more
    return bytes(body[:bytes_max])


def _reason(fault: BaseException) -> Reason:
    if isinstance(fault, aiohttp.ClientConnectorError) and isinstance(fault.os_error, _Forbidden):
        return Reason.FORBIDDEN_ADDRESS
    if isinstance(fault, aiohttp.ClientResponseError) and _is_about_size(fault):
        return Reason.TOO_LARGE
    return next((reason for kind, reason in _FAULTS if isinstance(fault, kind)), Reason.RESET)


def _is_about_size(fault: BaseException | None) -> bool:
    # The parser's own error is two causes down; too many headers it tells by text only.
    while fault is not None and not isinstance(fault, LineTooLong):
        if "Too many headers" in str(fault):
            return True
        fault = fault.__cause__
    return fault is not None


def _open_session(reach: _Reach, lookup: "_Lookup", tls: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=_Connector(reach, lookup, tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_send_once,),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        auto_decompress=False,
        trust_env=False,
        max_headers=limits.OUTBOUND_ANSWER_HEADERS_MAX,
    )


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    # aiohttp sends GET, PUT and DELETE a second time where a kept connection breaks. Another type
    # of error prevents it.
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as fault:
        raise OutboundFailure(Reason.RESET, was_sent=True) from fault


@dataclass(slots=True)
class _Progress:
    """How far a call has come: once it holds a connection, its bytes may leave."""

    is_connected: bool = False


# How the connector, shared by all calls, tells each of them: it runs in the caller's context.
_progress: ContextVar[_Progress] = ContextVar("_progress")


class _Forbidden(OSError):
    """An address out of the guard's reach was about to be dialled."""


class _Connector(aiohttp.TCPConnector):
    """Dials addresses within reach only.

    Both checks use public means of aiohttp: its `socket_factory` is handed the address about to
    be dialled, whoever found it, and `connect` returns before the request is written to the
    connection, be it new or reused.
    """

    def __init__(self, reach: _Reach, lookup: "_Lookup", tls: ssl.SSLContext) -> None:
        self._reach = reach
        super().__init__(
            resolver=lookup,
            # The cache would outlive a name's own time to live.
            use_dns_cache=False,
            ssl=tls,
            limit=limits.OUTBOUND_CONNECTIONS_MAX,
            keepalive_timeout=limits.OUTBOUND_KEEP_ALIVE_SECONDS,
            socket_factory=self._socket_to,
            timeout_ceil_threshold=_ROUND_NO_TIMEOUT_BELOW_SECONDS,
        )

    def _socket_to(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, *_) = address
        if _verdict(host) not in self._reach:
            raise _Forbidden
        return socket.socket(family, kind, protocol)

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's signature
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        if peer is None or _verdict(peer[0]) not in self._reach:
            connection.close()
            raise OutboundFailure(Reason.FORBIDDEN_ADDRESS, was_sent=False)
        _progress.get().is_connected = True
        return connection


class _Lookup(AbstractResolver):
    """Finds a name's addresses, and refuses them all if any is out of reach."""

    def __init__(self, reach: _Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        # Its own threads: look-ups of a hostile name that hang must not hold up anything else.
        self._threads = ThreadPoolExecutor(limits.OUTBOUND_RESOLVER_THREADS_MAX, "resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        texts = await self._ask(host, port)
        if not texts:
            raise OutboundFailure(Reason.DNS, was_sent=False)
        if any(_verdict(text) not in self._reach for text in texts):
            raise OutboundFailure(Reason.FORBIDDEN_ADDRESS, was_sent=False)
        return [_resolved(host, port, family, text) for text in texts]

    async def _ask(self, host: str, port: int) -> Sequence[str]:
        found = self._threads.submit(self._resolve, host, port)
        try:
            async with asyncio.timeout(limits.WEBHOOK_DNS_SECONDS_MAX):
                return await asyncio.wrap_future(found)
        # UnicodeError: a label too long for the system's IDNA.
        except (OSError, UnicodeError) as fault:
            # What no thread has begun can still be cancelled: nothing is known of that name.
            reason = Reason.BUSY if found.cancel() else Reason.DNS
            raise OutboundFailure(reason, was_sent=False) from fault

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask_the_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _resolved(host: str, port: int, family: socket.AddressFamily, text: str) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=text,
        port=port,
        family=family,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST,
    )


@lru_cache(maxsize=4096)
def _verdict(address: str) -> Verdict:
    return judge(ip_address(address))
