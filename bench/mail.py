"""What the mails of payments cost: each a confirmation with its invoice as PDF."""

import asyncio
import time
from dataclasses import dataclass

from bench.server import Server
from bench.table import Load

_SECONDS_MAX = 180


@dataclass(frozen=True, slots=True)
class SoFar:
    """The mails that went out until some moment, and the processor's seconds they took."""

    sent: int
    cpu_seconds: float
    at: float


async def so_far(server: Server) -> SoFar:
    sent = await _count(server, "sent")
    return SoFar(sent, server.cpu_seconds()["post"], time.monotonic())


async def since(server: Server, before: SoFar) -> Load:
    """What the mails showed that went out since then; waits until none is left, within a bound."""
    for _ in range(5 * _SECONDS_MAX):
        if not (left := await _count(server, "due")):
            break
        await asyncio.sleep(0.2)
    now = await so_far(server)
    count = now.sent - before.sent
    return Load(
        per_second=count / (now.at - before.at),
        server=1000 * (now.cpu_seconds - before.cpu_seconds) / max(count, 1),
        refused=left,
    )


async def _count(server: Server, state: str) -> int:
    rows = await server.sql("select count(*) from mails where state = $1", state)
    count: int = rows[0][0]
    return count
