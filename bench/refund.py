"""How fast are refunds? Paid transactions are refunded whole, 16 at once.

A refund's processor time is all that web and worker spend until its answer is there.
"""

import time
from collections.abc import Sequence

import aiohttp

from bench.pay import AT_ONCE, at_once
from bench.server import Server
from bench.table import Load

OURS = ("web", "worker")


async def paid_transactions(server: Server, count: int) -> list[str]:
    """The ids of as many approved transactions, none of them refunded yet."""
    rows = await server.sql(
        """
        select id from transactions where state = 'approved' and refunded = 0
        order by id desc limit $1
        """,
        count,
    )
    return [row["id"] for row in rows]


async def refund_many(server: Server, transaction_ids: Sequence[str]) -> Load:
    """What refunding these showed."""
    headers = {"Authorization": server.authorization()}
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        before = server.cpu_seconds()
        begun = time.monotonic()
        seconds = await at_once([_refund(server, session, id_) for id_ in transaction_ids])
        lasted = time.monotonic() - begun
        after = server.cpu_seconds()
    count = len(seconds)
    spent = {program: 1000 * (after[program] - before[program]) / count for program in after}
    taken = sorted(second for second in seconds if second is not None)
    return Load(
        per_second=len(taken) / lasted,
        p50=1000 * taken[len(taken) // 2],
        p99=1000 * taken[len(taken) * 99 // 100],
        server=sum(spent[program] for program in OURS),
        database=spent["postgres"],
        refused=count - len(taken),
        parts={program: round(share, 3) for program, share in spent.items()},
    )


async def _refund(
    server: Server, session: aiohttp.ClientSession, transaction_id: str
) -> float | None:
    """How many seconds it took, None where it was refused."""
    begun = time.monotonic()
    url = f"{server.base_url}/transactions/{transaction_id}/refund"
    async with session.post(url, json={}) as reply:
        await reply.read()
        return time.monotonic() - begun if reply.status == 200 else None
