"""How fast are payments? Payers post the card form, 16 at once; every webhook is waited for.

Checkouts and their pages are made beforehand and not timed. A payment's processor time is all
that web, vault and worker spend until its webhook is acknowledged.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp

from bench.body import body
from bench.receiver import Receiver
from bench.server import Server
from bench.table import Load

R = TypeVar("R")

AT_ONCE = 16
_OURS = ("web", "vault", "worker")
# Sandbox cards: one whose issuer says yes at once, one that takes no part in 3-D Secure, and one
# whose issuer sends its payer through a challenge that passes by itself.
AUTHENTICATED = "4242 4242 4242 4242"
NOT_ENROLLED = "4000001200000008"
CHALLENGED = "4000001200010700"
CARD = {
    "card_expiry": "12/34",
    "card_security_code": "123",
    "card_name": "J Doe",
}
_ATTEMPT = re.compile(r'name="attempt" value="([^"]+)"')
_WEBHOOKS_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Form:
    """A card form filled in and not sent yet. page is the address of its page."""

    page: str

    url: str
    content: bytes


async def pay_many(
    server: Server, receiver: Receiver, count: int, *, number: str, notifies: bool = False
) -> Load:
    """What this many payments with the card of this number showed.

    notifies: each also leads to a mail and an invoice.
    """
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:
        forms = await at_once(
            [prepared(server, session, receiver, number, notifies=notifies) for _ in range(count)]
        )
        heard = receiver.heard
        before = server.cpu_seconds()
        begun = time.monotonic()
        seconds = await at_once([_pay(session, form) for form in forms])
        lasted = time.monotonic() - begun
        lost = await _await_webhooks(receiver, heard + count)
        after = server.cpu_seconds()
    spent = {program: 1000 * (after[program] - before[program]) / count for program in after}
    taken = sorted(second for second in seconds if second is not None)
    return Load(
        per_second=len(taken) / lasted,
        p50=1000 * taken[len(taken) // 2],
        p99=1000 * taken[len(taken) * 99 // 100],
        server=sum(spent[program] for program in _OURS),
        database=spent["postgres"],
        refused=count - len(taken) + lost,
        parts={program: round(share, 3) for program, share in spent.items()},
    )


async def prepared(
    server: Server,
    session: aiohttp.ClientSession,
    receiver: Receiver,
    card: str,
    *,
    notifies: bool = False,
) -> Form:
    """The card form of a new checkout."""
    headers = {"Authorization": server.authorization()}
    number = f"{time.monotonic_ns()}"
    record = body(receiver.url, order=f"ORD{number}", customer=f"CLN{number}", notifies=notifies)
    create = session.post(f"{server.base_url}/checkout/page", json=record, headers=headers)
    async with create as reply:
        page_url = (await reply.json())["result"]["page_url"]
    async with session.get(page_url) as page:
        token = unescape(_ATTEMPT.search(await page.text())[1])
    fields = {"attempt": token, "card_number": card, **CARD}
    return Form(page_url, f"{page_url}/pay", urlencode(fields).encode())


async def _pay(session: aiohttp.ClientSession, form: Form) -> float | None:
    """How many seconds it took, None where it was refused."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
    begun = time.monotonic()
    async with session.post(
        form.url, data=form.content, headers=headers, allow_redirects=False
    ) as reply:
        await reply.read()
        return time.monotonic() - begun if reply.status == 303 else None


async def at_once(works: Sequence[Awaitable[R]]) -> list[R]:
    """The results, with AT_ONCE of the works under way at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def slotted(work: Awaitable[R]) -> R:
        async with slots:
            return await work

    return await asyncio.gather(*map(slotted, works))


async def _await_webhooks(receiver: Receiver, count: int) -> int:
    """How many have not come when time is up."""
    for _ in range(20 * _WEBHOOKS_SECONDS_MAX):
        if receiver.heard >= count:
            break
        await asyncio.sleep(0.05)
    return max(0, count - receiver.heard)
