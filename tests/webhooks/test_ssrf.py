"""No webhook reaches a private address: not by its URL, not by a name, not by a redirect.

Source: reliability paper, WHK-6 and appendix C.
"""

from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from callbacks import HOSTS, MALFORMED
from paydesk import webhooks
from paydesk.errors import Invalid
from paydesk.kit.addresses import parse_literal
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from scripted import receiver, saying

pytestmark = pytest.mark.anyio

# What a name can be made to lead to: addresses, as a resolver gives them.
ADDRESSES = sorted({str(address) for host in HOSTS if (address := parse_literal(host)) is not None})
PUBLIC = "8.8.8.8"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def decoys():
    """Servers of our own at 127.0.0.1, 127.0.0.2 and ::1 on one port: nobody should reach them."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(receiver(saying(OK)))
        others = [
            await stack.enter_async_context(receiver(saying(OK), host=host, port=first.port))
            for host in ("127.0.0.2", "::1")
        ]
        yield [first, *others]


async def is_refused(client, url, guard=Guard.PUBLIC):
    """Whether the send is refused before a byte leaves, and the registration as well."""
    request = OutboundRequest("POST", url, {}, b"{}")
    with pytest.raises(OutboundFailure) as failed:
        await client.send(request, guard, seconds_max=5)
    with pytest.raises(Invalid):
        await webhooks.check_host(client, url, guard)
    return (failed.value.reason, failed.value.was_sent) == ("forbidden_address", False)


def test_there_are_at_least_eighty():
    assert len(HOSTS) >= 80
    assert len(ADDRESSES) >= 80
    assert len(MALFORMED) >= 80


async def test_not_by_the_url():
    async with decoys() as ours, Outbound(lambda _host, _port: [PUBLIC]) as client:
        for host in HOSTS:
            for scheme in ("http", "https"):
                url = f"{scheme}://{host}:{ours[0].port}/hook"
                assert await is_refused(client, url), url
        for url in MALFORMED:
            assert await is_refused(client, url), url
        assert [one.connections for one in ours] == [0, 0, 0]


async def test_not_by_a_name():
    answers = []
    async with decoys() as ours, Outbound(lambda _host, _port: answers) as client:
        url = f"https://shop.example:{ours[0].port}/hook"
        for address in ADDRESSES:
            # Alone, and hidden among good ones.
            for answers in ([address], [PUBLIC, address], [address, PUBLIC]):
                assert await is_refused(client, url), answers
        assert [one.connections for one in ours] == [0, 0, 0]


async def test_not_by_a_redirect():
    async with decoys() as ours, Outbound() as client:
        heard = 0
        for number, host in enumerate(HOSTS):
            where = f"http://{host}:{ours[0].port}/hook".encode()
            status = (301, 302, 303, 307, 308)[number % 5]
            head = b"HTTP/1.1 %d Moved\r\nLocation: %b\r\nRefresh: 0;url=%b\r\n" % (
                status,
                where,
                where,
            )
            script = saying(head + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
            async with receiver(script) as shop:
                request = OutboundRequest("POST", shop.url, {}, b"{}")
                answer = await client.send(request, Guard.PUBLIC_OR_LOOPBACK, seconds_max=5)
                assert answer.status == status
                heard += len(shop.requests)
        assert heard == len(HOSTS)
        assert [one.connections for one in ours] == [0, 0, 0]


async def test_not_when_a_name_leads_elsewhere_each_time():
    """Good when it was judged, bad when it is dialled: a thousand times."""
    asked = 0

    def alternating(_host, _port):
        nonlocal asked
        asked += 1
        return ["127.0.0.1"] if asked % 2 else ["10.0.0.1"]

    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    async with receiver(saying(closing)) as shop, Outbound(alternating) as client:
        request = OutboundRequest("POST", f"http://a.localhost:{shop.port}/", {}, b"{}")
        outcomes = []
        for _ in range(1000):
            try:
                answer = await client.send(request, Guard.PUBLIC_OR_LOOPBACK, seconds_max=15)
            except OutboundFailure as failure:
                outcomes.append((failure.reason, failure.was_sent))
            else:
                outcomes.append(answer.status)
        assert outcomes == [200, ("forbidden_address", False)] * 500
        assert len(shop.requests) == 500
