"""How long does a payer wait at each hop of a challenge? A browser without script, one at a time.

The hops: pressing Pay until the page that leads to the issuer, coming back from the issuer, and
from there until the page says that it is paid. What the issuer shows in between is not timed.
"""

import asyncio
import re
import time
from html import unescape
from urllib.parse import urljoin

import aiohttp

from bench.pay import CHALLENGED, Form, prepared
from bench.receiver import Receiver
from bench.server import Server

_FORM = re.compile(r'<form[^>]*?action="([^"]+)".*?</form>', re.DOTALL)
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_POLL_SECONDS = 0.01
_PAID_SECONDS_MAX = 30


async def hops(server: Server, receiver: Receiver, *, count: int) -> dict[str, float]:
    """The 95th percentile of each hop. Units: milliseconds."""
    taken: dict[str, list[float]] = {"pay": [], "return": [], "paid": []}
    async with aiohttp.ClientSession() as session:
        for _ in range(count):
            form = await prepared(server, session, receiver, CHALLENGED)
            await _go_through(session, form, taken)
    return {hop: 1000 * sorted(times)[len(times) * 95 // 100] for hop, times in taken.items()}


async def _go_through(
    session: aiohttp.ClientSession, form: Form, taken: dict[str, list[float]]
) -> None:
    begun = time.monotonic()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
    async with session.post(form.url, data=form.content, headers=headers) as reply:
        address, page = str(reply.url), await reply.text()
    taken["pay"].append(time.monotonic() - begun)
    while "cres" not in page:
        address, page = await _submit(session, address, page)
    begun = time.monotonic()
    await _submit(session, address, page)
    taken["return"].append(time.monotonic() - begun)
    begun = time.monotonic()
    while time.monotonic() - begun < _PAID_SECONDS_MAX:
        async with session.get(f"{form.page}/state") as reply:
            if (await reply.json())["page"] == "paid":
                break
        await asyncio.sleep(_POLL_SECONDS)
    taken["paid"].append(time.monotonic() - begun)


async def _submit(session: aiohttp.ClientSession, address: str, page: str) -> tuple[str, str]:
    """Where the page's first form leads, and what stands there."""
    found = _FORM.search(page)
    assert found is not None, page[:500]
    fields = {name: unescape(value) for name, value in _INPUT.findall(found[0])}
    async with session.post(urljoin(address, unescape(found[1])), data=fields) as reply:
        return str(reply.url), await reply.text()
