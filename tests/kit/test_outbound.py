import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest

from paydesk import limits
from paydesk.kit import outbound
from paydesk.kit.outbound import (
    Guard,
    Outbound,
    OutboundAnswer,
    OutboundFailure,
    OutboundRequest,
    Reason,
)
from scripted import (
    OK,
    Receiver,
    Script,
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


def answering(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    """A resolver that gives these addresses for every name."""
    return lambda _host, _port: addresses


async def send(
    url: str,
    guard: Guard = Guard.PUBLIC_OR_LOOPBACK,
    *,
    client: Outbound | None = None,
    resolve: Callable[[str, int], Sequence[str]] | None = None,
    seconds_max: float = 5,
) -> OutboundAnswer:
    request = OutboundRequest("POST", url, {"Content-Type": "application/json"}, b"{}")
    if client is not None:
        return await client.send(request, guard, seconds_max=seconds_max)
    async with Outbound(resolve) as own:
        return await own.send(request, guard, seconds_max=seconds_max)


async def failure(
    url: str,
    guard: Guard = Guard.PUBLIC_OR_LOOPBACK,
    *,
    client: Outbound | None = None,
    resolve: Callable[[str, int], Sequence[str]] | None = None,
    seconds_max: float = 5,
) -> tuple[Reason, bool]:
    with pytest.raises(OutboundFailure) as failed:
        await send(url, guard, client=client, resolve=resolve, seconds_max=seconds_max)
    return failed.value.reason, failed.value.was_sent


async def test_a_request_is_answered() -> None:
    head = b"HTTP/1.1 201 Created\r\nX-Kind: a\r\nContent-Length: 5\r\n\r\nhello"
    async with receiver(saying(head)) as shop:
        answer = await send(shop.url)
    assert (answer.status, answer.headers["x-kind"], answer.body) == (201, "a", b"hello")
    assert 0 < answer.seconds < 5


async def test_only_our_own_headers_go_out() -> None:
    async with receiver(saying(OK)) as shop:
        await send(shop.url)
    assert shop.requests == [
        b"POST /hook HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"Content-Type: application/json\r\n"
        b"Content-Length: 2\r\n\r\n{}" % shop.port
    ]


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("/a%2fb/../c?x=%7e&y=a+b%20c#part", b"/a%2fb/../c?x=%7e&y=a+b%20c"),
        ("?x=1", b"/?x=1"),
        ("", b"/"),
        ("/größe", b"/gr%C3%B6%C3%9Fe"),
    ],
)
async def test_the_url_is_asked_for_as_it_is_written(rest: str, target: bytes) -> None:
    async with receiver(saying(OK)) as shop:
        await send(f"http://127.0.0.1:{shop.port}{rest}")
    assert shop.requests[0].split(b" ")[1] == target


@pytest.mark.parametrize("value", ["a\r\nX-More: b", "a\nb", "a\x00b"])
async def test_a_header_cannot_smuggle_in_another(value: str) -> None:
    async with receiver(saying(OK)) as shop, Outbound() as client:
        request = OutboundRequest("POST", shop.url, {"X-Name": value})
        with pytest.raises(ValueError):
            await client.send(request, Guard.PUBLIC_OR_LOOPBACK, seconds_max=1)
    assert shop.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async with receiver(saying(OK)) as other:
        location = f"HTTP/1.1 {status} Go\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        async with receiver(saying(location.encode())) as shop:
            answer = await send(shop.url)
    assert (answer.status, other.connections) == (status, 0)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver(saying(OK)) as proxy, receiver(saying(OK)) as shop:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await send(shop.url)
    assert (proxy.connections, shop.connections) == (0, 1)


async def test_cookies_are_not_kept() -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    async with receiver(saying(head)) as shop, Outbound() as client:
        for _ in range(2):
            await send(shop.url, client=client)
    assert len(shop.requests) == 2
    assert b"ookie" not in shop.requests[1]


async def test_compressed_bodies_stay_compressed() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    async with receiver(saying(head + bomb)) as shop:
        answer = await send(shop.url)
    assert answer.body == bomb


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 999999999\r\n"])
async def test_an_endless_body_is_cut(framing: bytes) -> None:
    endless = saying_forever(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n", b"x" * 10_000)
    async with receiver(endless) as shop:
        answer = await send(shop.url)
    assert answer.body == b"x" * limits.WEBHOOK_ANSWER_BYTES_MAX


@pytest.mark.parametrize(
    "script",
    [
        saying_forever(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"),
        saying_forever(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 1000),
        saying_forever(b"HTTP/1.1 200 ", b"x" * 1000),
        saying(b"HTTP/1.1 200 OK\r\n" + b"X-More: %b\r\n" % (b"x" * 4000) * 5 + b"\r\n"),
    ],
)
async def test_an_endless_head_is_refused(script: Script) -> None:
    async with receiver(script) as shop:
        assert await failure(shop.url) == (Reason.TOO_LARGE, True)


@pytest.mark.parametrize(
    "script",
    [
        saying(b"hello, this is not HTTP\r\n\r\n"),
        saying(b"SSH-2.0-OpenSSH_9.6\r\n"),
        saying(b"HTTP/1.1 abc\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        saying(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc"),
    ],
)
async def test_noise_is_a_bad_answer(script: Script) -> None:
    async with receiver(script) as shop:
        assert await failure(shop.url) == (Reason.BAD_ANSWER, True)


@pytest.mark.parametrize(
    "script",
    [
        silent,
        saying_forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause_seconds=0.01),
        saying_forever(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"x", pause_seconds=0.05),
        saying_forever(b"", b"H", pause_seconds=0.5),
    ],
)
async def test_a_slow_answer_runs_into_the_time_limit(script: Script) -> None:
    async with receiver(script) as shop:
        async with asyncio.timeout(10):  # the receiver itself never ends
            assert await failure(shop.url, seconds_max=0.3) == (Reason.TIMEOUT, True)


@pytest.mark.parametrize("script", [hanging_up, resetting, half_closing])
async def test_a_broken_connection_is_told_apart_from_an_answer(script: Script) -> None:
    async with receiver(script) as shop:
        assert await failure(shop.url) == (Reason.RESET, True)


async def test_a_refused_connection_sent_nothing() -> None:
    async with receiver(saying(OK)) as shop:
        pass
    assert await failure(shop.url) == (Reason.CONNECT, False)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with receiver(saying(OK)) as shop, Outbound() as client:
        for _ in range(3):
            await send(shop.url, client=client)
    assert (shop.connections, len(shop.requests)) == (1, 3)


async def test_a_kept_connection_is_not_shared_between_kinds_of_guard() -> None:
    async with receiver(saying(OK)) as shop, Outbound() as client:
        await send(shop.url, Guard.origins(frozenset({shop.url})), client=client)
        await send(shop.url, Guard.PUBLIC_OR_LOOPBACK, client=client)
    assert shop.connections == 2


async def test_a_kept_connection_is_not_reused_for_another_host() -> None:
    async with receiver(saying(OK)) as shop, Outbound(answering("127.0.0.1")) as client:
        for host in ("a.localhost", "b.localhost", "a.localhost"):
            await send(f"http://{host}:{shop.port}/", client=client)
    assert shop.connections == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_request_is_never_sent_twice(method: str) -> None:
    async with receiver(saying(OK)) as shop, Outbound() as client:
        request = OutboundRequest(method, shop.url, {})
        await client.send(request, Guard.PUBLIC_OR_LOOPBACK, seconds_max=5)
        shop.script = hanging_up
        with pytest.raises(OutboundFailure) as failed:
            await client.send(request, Guard.PUBLIC_OR_LOOPBACK, seconds_max=5)
    assert (failed.value.reason, failed.value.was_sent) == (Reason.RESET, True)
    assert len(shop.requests) == 2


# To whom.


@asynccontextmanager
async def decoy() -> AsyncIterator[list[Receiver]]:
    """Receivers at 127.0.0.1, 127.0.0.2 and ::1 on one port, that nobody should reach."""
    async with AsyncExitStack() as open_servers:
        first = await open_servers.enter_async_context(receiver(saying(OK)))
        others = [
            await open_servers.enter_async_context(receiver(saying(OK), host=host, port=first.port))
            for host in ("127.0.0.2", "::1")
        ]
        yield [first, *others]


FORBIDDEN_HOSTS = [
    *("127.0.0.1", "127.0.0.2", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0"),
    *("127.0.0.1.", "①②⑦.0.0.1", "１２７.0.0.1", "127。0。0。1", "127.0.0.\u00ad1", "0x7f.1"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]"),
    *("[::1%25lo]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "localhost", "LOCALHOST."),
    *("a.localhost", "ⓛocalhost", "127.0.0.1@shop.example", "shop.example@127.0.0.1"),
    *("127.0.0.1\\@shop.example", "127.0.0.1%2eshop.example", "127.0.0.1\t", "127%2e0.0.1"),
]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_spelling_of_loopback_reaches_it_under_the_public_guard(scheme: str) -> None:
    async with decoy() as decoys, Outbound() as client:
        for host in FORBIDDEN_HOSTS:
            for authority in (f"{host}:{decoys[0].port}", host):
                told = await failure(f"{scheme}://{authority}/", Guard.PUBLIC, client=client)
                assert told == (Reason.FORBIDDEN_ADDRESS, False), authority
        assert [one.connections for one in decoys] == [0, 0, 0]


PUBLIC_4, PUBLIC_6 = "8.8.8.8", "2606:4700:4700::1111"


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["0.0.0.0"],
        ["127.0.0.1", PUBLIC_4],
        [PUBLIC_4, "127.0.0.1"],
        [PUBLIC_4, "::1"],
        [PUBLIC_6, PUBLIC_4, "10.0.0.1"],
        [PUBLIC_4] * 500 + ["127.0.0.1"],
        ["169.254.169.254"],
        ["fe80::1%lo"],
        ["64:ff9b::7f00:1"],
    ],
)
async def test_a_name_with_any_bad_address_is_not_dialled(answers: list[str]) -> None:
    async with decoy() as decoys:
        url = f"https://shop.example:{decoys[0].port}/"
        told = await failure(url, Guard.PUBLIC, resolve=answering(*answers))
        assert told == (Reason.FORBIDDEN_ADDRESS, False)
        assert [one.connections for one in decoys] == [0, 0, 0]


@pytest.mark.parametrize("bad", [["10.0.0.1"], ["127.0.0.1", "192.168.1.1"], ["169.254.169.254"]])
async def test_a_name_that_turns_private_is_refused_at_the_next_dial(bad: list[str]) -> None:
    answers = iter([["127.0.0.1"], bad, ["127.0.0.1"]])
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    async with (
        receiver(saying(closing)) as shop,
        Outbound(lambda _host, _port: next(answers)) as client,
    ):
        url = f"http://shop.localhost:{shop.port}/"
        assert (await send(url, client=client)).status == 200
        assert await failure(url, client=client) == (Reason.FORBIDDEN_ADDRESS, False)
        assert (await send(url, client=client)).status == 200
        assert shop.connections == 2


async def test_the_address_about_to_be_dialled_is_judged_whoever_found_it() -> None:
    async with decoy() as decoys:
        # The text is let through, as if it had deceived the earlier checks; the reach is not.
        url = f"http://127.0.0.1:{decoys[0].port}"
        guard = Guard(Guard.PUBLIC.reach, allowed_origins=frozenset({url}))
        assert await failure(url, guard) == (Reason.FORBIDDEN_ADDRESS, False)
        assert decoys[0].connections == 0


async def test_the_peer_is_judged_before_a_byte_of_the_request_is_written() -> None:
    async with receiver(saying(OK)) as shop:
        reach = Guard.PUBLIC.reach
        lookup = outbound._Lookup(reach, answering())
        connector = outbound._Connector(reach, lookup, ssl.create_default_context())
        # As if the system had connected us elsewhere than it was told to.
        connector._socket_factory = None
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(OutboundFailure) as failed:
                await session.post(shop.url, data=b"{}")
        await asyncio.sleep(0.05)
    assert (failed.value.reason, failed.value.was_sent) == (Reason.FORBIDDEN_ADDRESS, False)
    assert (shop.connections, shop.requests) == (1, [])


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "hook", "", "http://", "http://shop.example/", "https://shop.example:22/"],
)
async def test_a_url_that_may_not_be_called_is_refused(url: str) -> None:
    told = await failure(url, resolve=answering(PUBLIC_4))
    assert told == (Reason.FORBIDDEN_ADDRESS, False)


async def test_an_origin_on_the_list_is_called_at_any_address() -> None:
    async with receiver(saying(OK)) as acquirer:
        guard = Guard.origins(frozenset({f"http://api.acquirer.example:{acquirer.port}"}))
        url = f"http://API.acquirer.example:{acquirer.port}/charges"
        assert (await send(url, guard, resolve=answering("127.0.0.1"))).body == b"ok"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "https://acquirer.localhost:{port}/",
        "http://acquirer.localhost/",
        "http://acquirer.localhost.:{port}/",
        "http://x.acquirer.localhost:{port}/",
        "http://user@acquirer.localhost:{port}/",
        "http://:secret@acquirer.localhost:{port}/",
        "http://127.0.0.1:{port}\\@acquirer.localhost:{port}/",
        "http://acquirer.localhost:{port}@127.0.0.1:{port}/",
        "//acquirer.localhost:{port}/",
    ],
)
async def test_any_other_origin_is_refused(url: str) -> None:
    async with receiver(saying(OK)) as acquirer:
        guard = Guard.origins(frozenset({f"http://acquirer.localhost:{acquirer.port}"}))
        told = await failure(url.format(port=acquirer.port), guard, resolve=answering("127.0.0.1"))
        assert told == (Reason.FORBIDDEN_ADDRESS, False)
        assert acquirer.connections == 0


# Names.


def failing(_host: str, _port: int) -> list[str]:
    raise OSError


@pytest.mark.parametrize("resolve", [failing, answering()])
async def test_a_name_without_address_fails_as_dns(
    resolve: Callable[[str, int], list[str]],
) -> None:
    told = await failure("https://shop.example/", Guard.PUBLIC, resolve=resolve)
    assert told == (Reason.DNS, False)


async def test_a_name_that_takes_too_long_fails_as_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_DNS_SECONDS_MAX", 0.1)

    with stuck() as slow:
        assert await failure("https://shop.example/", resolve=slow) == (Reason.DNS, False)


async def test_a_name_that_waits_for_others_look_ups_fails_as_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_DNS_SECONDS_MAX", 0.1)
    monkeypatch.setattr(limits, "OUTBOUND_RESOLVER_THREADS_MAX", 1)
    with stuck() as slow:
        calls = Outbound(resolve=slow)
        for reason in (Reason.DNS, Reason.BUSY):
            with pytest.raises(OutboundFailure) as told:
                await calls.look_up("https://shop.example/", Guard.PUBLIC)
            assert (told.value.reason, told.value.was_sent) == (reason, False)
        await calls.close()


@contextmanager
def stuck() -> Iterator[Callable[[str, int], list[str]]]:
    """A resolver whose answer comes when the test is over."""
    is_over = threading.Event()

    def wait(_host: str, _port: int) -> list[str]:
        is_over.wait()
        return [PUBLIC_4]

    try:
        yield wait
    finally:
        is_over.set()


async def test_the_systems_resolver_finds_localhost() -> None:
    async with receiver(saying(OK)) as shop:
        assert (await send(f"http://localhost:{shop.port}/")).status == 200


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for shop.localhost and its key, in one file."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


async def test_tls_names_the_urls_host_though_a_pinned_address_is_dialled(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls, names = server_side(certificate), []
    tls.set_servername_callback(lambda _socket, name, _context: names.append(name))
    async with receiver(saying(OK), tls=tls) as shop:
        url = f"https://shop.localhost:{shop.port}/"
        assert (await send(url, resolve=answering("127.0.0.1"))).body == b"ok"
    assert names == ["shop.localhost"]
    assert b"Host: shop.localhost:%d\r\n" % shop.port in shop.requests[0]


@pytest.mark.parametrize("host", ["other.localhost", "127.0.0.1"])
async def test_a_certificate_for_another_host_sends_nothing(
    host: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with receiver(saying(OK), tls=server_side(certificate)) as shop:
        url = f"https://{host}:{shop.port}/"
        assert await failure(url, resolve=answering("127.0.0.1")) == (Reason.TLS, False)
    assert shop.requests == []


async def test_a_certificate_nobody_vouches_for_sends_nothing(certificate: Path) -> None:
    async with receiver(saying(OK), tls=server_side(certificate)) as shop:
        url = f"https://shop.localhost:{shop.port}/"
        assert await failure(url, resolve=answering("127.0.0.1")) == (Reason.TLS, False)
    assert shop.requests == []


async def test_a_server_that_speaks_no_tls_is_sent_nothing() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await failure(f"https://127.0.0.1:{port}/") == (Reason.TLS, False)


@pytest.mark.parametrize(("connect_seconds", "seconds"), [(0.2, 5), (5, 0.2)])
async def test_a_tls_handshake_that_stalls_is_cut_off(
    connect_seconds: float, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_CONNECT_SECONDS_MAX", connect_seconds)
    async with receiver(silent) as shop:
        told = await failure(shop.url.replace("http:", "https:"), seconds_max=seconds)
    assert told == (Reason.TIMEOUT, False)
