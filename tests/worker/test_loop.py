"""Workers that die at their work: what they had taken up is taken up by the others."""

import asyncio
import re
import signal
import time
from pathlib import Path

import pytest

from world import card

pytestmark = pytest.mark.anyio

ATTEMPTS = 150
KILLS = 5


async def settled(shop):
    return await shop.db.value(
        "select count(*) from transactions where state in ('approved', 'reversed')"
    )


async def until_settled(shop, count, *, seconds):
    deadline = time.monotonic() + seconds
    while (done := await settled(shop)) < count:
        assert time.monotonic() < deadline, f"{done} of {count} settled"
        await asyncio.sleep(0.01)


async def test_three_workers_one_killed_again_and_again_lose_no_look(programs, shop):
    # An answer lost, and then a reversal that takes half a second: there is always work in hand.
    numbers = [card(f1=4, f2=4), card(f1=3), card(f1=8, f2=4)]
    attempts = []
    for _ in range(ATTEMPTS // 3):
        pages = await asyncio.gather(*(shop.create() for _ in numbers))
        attempts += await asyncio.gather(*map(shop.pay, pages, numbers))
    settings = {"PAYDESK_INQUIRY_SECONDS": "1,1,1,1,1,1,1,1"}
    workers = [programs.start_worker(**settings) for _ in range(3)]
    in_hand = 0
    for kill in range(KILLS):
        await until_settled(shop, 5 + kill * ATTEMPTS // (KILLS + 1), seconds=120)
        victim = workers.pop(0)
        victim.kill()
        victim.wait()
        in_hand += await shop.db.value("select count(*) from pgqueuer where status = 'picked'")
        workers.append(programs.start_worker(**settings))
    await until_settled(shop, ATTEMPTS, seconds=120)

    assert in_hand > 0
    states = [await shop.state(attempt) for attempt in attempts]
    assert states == ["reversed", "approved", "reversed"] * (ATTEMPTS // 3)
    events = await shop.db.rows(
        "select type, count(*) as times from events group by type order by type"
    )
    third = ATTEMPTS // 3
    assert {row["type"]: row["times"] for row in events} == {
        "checkout.pending": ATTEMPTS,
        "checkout.completed": third,
        "checkout.failed": 2 * third,
    }
    await shop.assert_books_are_right()


def catches(process, number):
    """Whether the process handles this signal yet. Before, it would just die of it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(re.search(r"SigCgt:\s*([0-9a-f]+)", status)[1], 16)
    return bool(caught >> (number - 1) & 1)


async def test_a_worker_told_to_stop_stops(programs, shop):
    worker = programs.start_worker()
    while not catches(worker, signal.SIGTERM):
        assert worker.poll() is None
        await asyncio.sleep(0.01)
    worker.terminate()
    assert worker.wait(20) == 0
