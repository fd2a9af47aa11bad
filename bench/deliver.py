"""How fast do webhooks leave? A burst of events, and single ones from commit to their first byte.

Events are written to the outbox as a payment would, without one: 20 receivers share them.
"""

import asyncio
import re
import time
from contextlib import AsyncExitStack

import asyncpg

from bench.receiver import Receiver
from bench.server import Server
from bench.table import Load
from paydesk import webhooks
from paydesk.kit import ids, json

_RECEIVERS = 20
_TOGETHER = 100  # so that writing is not what is measured
_PACE_SECONDS = 0.02  # 50 a second: WHK-10
_SECONDS_MAX = 60
_WEBHOOK_ID = re.compile(rb"\r\nwebhook-id: (\S+)\r\n", re.IGNORECASE)


class _Ear(Receiver):
    """A receiver that notes when each webhook's request came."""

    def __init__(self, heard_at: dict[str, float]) -> None:
        super().__init__()
        self._heard_at = heard_at

    def took(self, _request: bytes) -> None:
        found = _WEBHOOK_ID.search(_request)
        assert found is not None, _request[:500]
        self._heard_at.setdefault(found[1].decode(), time.monotonic())


async def burst(server: Server, count: int) -> Load:
    """What it showed to deliver so many events that were all written first."""
    heard_at: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        urls = await _listen(stack, heard_at)
        before = server.cpu_seconds()
        begun = time.monotonic()
        committed_at = await _write(server, urls, count, together=_TOGETHER)
        lost = await _await_all(heard_at, len(committed_at))
        lasted = max(heard_at.values()) - begun
        after = server.cpu_seconds()
    return Load(
        per_second=len(heard_at) / lasted,
        server=1000 * (after["worker"] - before["worker"]) / count,
        database=1000 * (after["postgres"] - before["postgres"]) / count,
        refused=lost,
    )


async def paced(server: Server, count: int) -> Load:
    """How long single events took from the commit to the receiver, at 50 a second."""
    heard_at: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        urls = await _listen(stack, heard_at)
        begun = time.monotonic()
        committed_at = await _write(server, urls, count, pause_seconds=_PACE_SECONDS)
        lost = await _await_all(heard_at, count)
        lasted = time.monotonic() - begun
    taken = sorted(
        1000 * (at - committed_at[id_]) for id_, at in heard_at.items() if id_ in committed_at
    )
    return Load(
        per_second=count / lasted,
        p50=taken[len(taken) // 2],
        p99=taken[len(taken) * 99 // 100],
        refused=lost,
    )


async def _listen(stack: AsyncExitStack, heard_at: dict[str, float]) -> list[str]:
    ears = [await stack.enter_async_context(_Ear(heard_at)) for _ in range(_RECEIVERS)]
    return [ear.url for ear in ears]


async def _write(
    server: Server, urls: list[str], count: int, *, together: int = 1, pause_seconds: float = 0
) -> dict[str, float]:
    """When each event was committed, by its id; so many of them in one transaction."""
    account_id = await server.account_id()
    connection = await asyncpg.connect(server.database_url())
    committed_at = {}
    try:
        for first in range(0, count, together):
            events = [_event() for _ in range(together)]
            async with connection.transaction():
                for number, event in enumerate(events, first):
                    url = urls[number % len(urls)]
                    await webhooks.append(connection, account_id, event, url=url)
            committed_at |= dict.fromkeys((event.id for event in events), time.monotonic())
            await asyncio.sleep(pause_seconds)
    finally:
        await connection.close()
    return committed_at


def _event() -> webhooks.NewEvent:
    """An event as large as a paid checkout's."""
    id_ = ids.new("web")
    body = {
        "id": id_,
        "event": "checkout.completed",
        "data": [{"checkout": {"id": ids.new("chk"), "more": "x" * 1000}}],
        "created_at": "2026-01-31T16:00:00Z",
    }
    return webhooks.NewEvent(id_, "checkout.completed", ids.new("chk"), 1, json.write(body))


async def _await_all(heard_at: dict[str, float], count: int) -> int:
    """How many have not come when time is up."""
    for _ in range(20 * _SECONDS_MAX):
        if len(heard_at) >= count:
            break
        await asyncio.sleep(0.05)
    return max(0, count - len(heard_at))
