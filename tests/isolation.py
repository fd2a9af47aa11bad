"""Many receivers, one of them silent and four failing: how soon do the others hear?

Run by `make isolation`: python tests/isolation.py [--events N] [--rate N]
It delivers with all receivers well, and then with five that are not, and prints how long events
took from their commit to the others. It fails where one of these was not heard exactly once, or
where the silent one was sent more at a time than it has slots.
Source: reliability paper, WHK-7: 100 endpoints at 50 events a second, p99 2 s at most.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from deliveries import own_programs, until
from ears import FAILED, listen, webhook_id
from outgoing import append
from paydesk import limits
from paydesk.app import open_desk

RECEIVERS = 100
SILENT = 1
FAILING = 4


@dataclass
class Report:
    """What the well receivers heard, and what the others cost.

    Units: seconds from the commit to the receiver, in order of size.
    Shape: heard and asked count the times by the event's id, of the well ones and of the others.
    """

    written: set = field(default_factory=set)
    heard: Counter = field(default_factory=Counter)
    seconds: list = field(default_factory=list)
    asked: Counter = field(default_factory=Counter)
    silent_at_once: int = 0

    def faults(self):
        faults = []
        if missing := len(self.written - self.heard.keys()):
            faults.append(f"{missing} of {len(self.written)} were not heard")
        if twice := self.heard.total() - len(self.heard):
            faults.append(f"{twice} were heard again")
        if self.silent_at_once > limits.WEBHOOK_ENDPOINT_CONCURRENCY:
            faults.append(f"the silent one held {self.silent_at_once} slots")
        return faults

    def percentile(self, share):
        return self.seconds[min(len(self.seconds) - 1, len(self.seconds) * share // 100)]


async def run(programs, *, events, rate, silent=SILENT, failing=FAILING):
    """Writes so many events at this rate a second, for all receivers in turn; what was heard."""
    report, committed_at, heard_at = Report(), {}, {}
    desk = await open_desk(programs.settings, connections_max=4)

    def took(head, _body):
        id_ = webhook_id(head)
        report.heard[id_] += 1
        heard_at.setdefault(id_, time.monotonic())

    def failed(head, _body):
        report.asked[webhook_id(head)] += 1

    async with AsyncExitStack() as servers:
        hanging = [await _Silent(report).listen(servers) for _ in range(silent)]
        failed_at = [await listen(servers, failed, answer=FAILED) for _ in range(failing)]
        well = RECEIVERS - silent - failing
        urls = [*hanging, *failed_at, *[await listen(servers, took) for _ in range(well)]]
        worker = programs.start_worker(PAYDESK_WEBHOOK_ALLOW_LOOPBACK="1")
        # The worker's start is not what is measured.
        (first,) = await append(desk, urls[-1])
        await until(lambda: first in report.heard, or_quiet=report.heard)
        report.heard.clear()
        begun_at = time.monotonic()
        for number in range(events):
            await asyncio.sleep(max(0, begun_at + number / rate - time.monotonic()))
            url = urls[number % len(urls)]
            (id_,) = await append(desk, url)
            committed_at[id_] = time.monotonic()
            if number % len(urls) >= silent + failing:
                report.written.add(id_)
        await until(lambda: report.heard.keys() >= report.written, or_quiet=report.heard)
        worker.terminate()
        worker.wait()
    await desk.close()
    report.seconds = sorted(
        heard_at[id_] - committed_at[id_] for id_ in report.written & set(heard_at)
    )
    return report


class _Silent:
    """A receiver that reads and never answers, and notes how many wait for it at once."""

    def __init__(self, report):
        self._report = report
        self._waiting = 0

    async def listen(self, servers):
        server = await asyncio.start_server(self._wait, "127.0.0.1", 0)
        servers.callback(server.close)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks"

    async def _wait(self, reader, writer):
        self._waiting += 1
        self._report.silent_at_once = max(self._report.silent_at_once, self._waiting)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self._report.asked[webhook_id(head)] += 1
            await reader.read()
        except (OSError, EOFError):
            pass
        finally:
            self._waiting -= 1
            writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--rate", type=int, default=50, help="events a second")
    options = parser.parse_args()
    faults = []
    for silent, failing in ((0, 0), (SILENT, FAILING)):
        with own_programs() as programs:
            report = asyncio.run(
                run(
                    programs,
                    events=options.events,
                    rate=options.rate,
                    silent=silent,
                    failing=failing,
                )
            )
        faults += report.faults()
        sys.stdout.write(
            f"{RECEIVERS} receivers, {silent} silent, {failing} failing; {options.events} events, "
            f"{options.rate} a second: {len(report.heard)} of {len(report.written)} heard by the "
            f"others, p50 {1000 * report.percentile(50):.0f} ms, "
            f"p99 {1000 * report.percentile(99):.0f} ms; the five were asked "
            f"{report.asked.total()} times\n"
        )
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
