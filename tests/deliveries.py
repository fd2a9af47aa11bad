"""Delivers many events while the worker is killed again and again; none may be missing.

Run by `make deliveries`: python tests/deliveries.py [--events N] [--kills N] [--seed TEXT]
It ends with how fast, how many were not heard, and how many twice, and fails where one was not
heard, not marked, or where the feed has not exactly those that were written.
Source: reliability paper, WHK-9: 100,000 events, 50 kills, none missing, under 1 % heard twice.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ears import listen, webhook_id
from outgoing import append
from paydesk import webhooks
from paydesk.app import open_desk
from paydesk.db.postgres import Postgres
from workshop import Programs

RECEIVERS = 20
WRITERS = 4
# A dead worker's leases run out after half a minute.
QUIET_SECONDS_MAX = 180
TWICE_PERCENT_MAX = 1


@dataclass
class Report:
    """What became of the events. twice counts the times beyond the first."""

    events: int
    kills: int = 0
    missing: list = field(default_factory=list)
    unmarked: int = 0
    twice: int = 0
    fed: list = field(default_factory=list)
    written: set = field(default_factory=set)
    seconds: float = 0

    def faults(self):
        faults = [f"{id_} was never heard" for id_ in self.missing[:10]]
        if self.unmarked:
            faults.append(f"{self.unmarked} are not marked as delivered")
        if len(self.fed) != len(set(self.fed)) or set(self.fed) != self.written:
            lost = len(self.written - set(self.fed))
            faults.append(f"the feed lacks {lost} of {len(self.written)}")
        return faults


async def deliver(programs, *, events, kills, seed="1"):
    """Writes the events, kills the worker so often on the way, and says what was heard."""
    chance, heard, report = random.Random(seed), Counter(), Report(events)
    desk = await open_desk(programs.settings, connections_max=10)
    begun_at = time.monotonic()
    async with AsyncExitStack() as servers:

        def took(head, _body):
            heard[webhook_id(head)] += 1

        urls = [await listen(servers, took) for _ in range(RECEIVERS)]
        writing = asyncio.create_task(_write(desk, urls, events, report.written))
        worker = _start(programs)
        for number in range(kills):
            # Somewhere on the way, so that there is always something in hand.
            share = (number + chance.random()) / kills
            await until(lambda share=share: len(heard) >= 0.9 * share * events)
            worker.kill()
            worker.wait()
            report.kills += 1
            worker = _start(programs)
        await writing
        await until(lambda: len(heard) >= events, or_quiet=heard)
        report.unmarked = await _until_marked(desk)
        report.seconds = time.monotonic() - begun_at
        report.fed = await _read_feed(desk)
        worker.terminate()
        worker.wait()
    await desk.close()
    report.missing = sorted(report.written - heard.keys())
    report.twice = heard.total() - len(heard)
    return report


def _start(programs):
    return programs.start_worker(PAYDESK_WEBHOOK_ALLOW_LOOPBACK="1")


async def _write(desk, urls, events, written):
    async def some(number):
        count = events // WRITERS + (number < events % WRITERS)
        for place in range(count):
            written.update(await append(desk, urls[(number + place) % len(urls)]))

    await asyncio.gather(*(some(number) for number in range(WRITERS)))


async def until(question, *, or_quiet=None):
    """Waits for the answer yes; given what grows, ends too when that has not grown for long."""
    size, since = -1, time.monotonic()
    while not question():
        if or_quiet is not None and or_quiet.total() != size:
            size, since = or_quiet.total(), time.monotonic()
        if time.monotonic() - since > QUIET_SECONDS_MAX:
            return
        await asyncio.sleep(0.005)


async def _until_marked(desk):
    """How many deliveries are still not marked when nothing changes any more."""
    deadline = time.monotonic() + QUIET_SECONDS_MAX
    while True:
        left = await desk.db.value("select count(*) from deliveries where state <> 'delivered'")
        if left == 0 or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.2)


async def _read_feed(desk):
    await webhooks.place_events(desk.db)
    seen, cursor = [], None
    while True:
        async with desk.db.connection() as connection:
            page = await webhooks.read_feed(
                connection, 1, after=cursor, types=None, count=1000, kept_days=90
            )
        if not page:
            return seen
        seen += [one.id for one in page]
        cursor = seen[-1]


@contextmanager
def own_programs():
    """Programs with a PostgreSQL of their own, in a temporary folder; no acquirer, and no vault."""
    with tempfile.TemporaryDirectory(prefix="paydesk-deliveries-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = Postgres(folder)
        programs = Programs(server.start())
        try:
            yield programs
        finally:
            programs.stop()
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", default="1", help="another text, other moments")
    options = parser.parse_args()
    with own_programs() as programs:
        report = asyncio.run(
            deliver(programs, events=options.events, kills=options.kills, seed=options.seed)
        )
    percent = 100 * report.twice / report.events
    sys.stdout.write(
        f"{report.events} events, {report.kills} kills, {report.seconds:.0f} s "
        f"({report.events / report.seconds:.0f} a second, writing them included): "
        f"{len(report.missing)} missing, {report.twice} heard again ({percent:.2f} %), "
        f"{len(report.fed)} in the feed\n"
    )
    faults = report.faults()
    if percent > TWICE_PERCENT_MAX:
        faults.append(f"more than {TWICE_PERCENT_MAX} % were heard again")
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
