"""`python -m bench.scale`: what a full database costs, beside an empty one.

Two servers, each with a PostgreSQL of its own, take turns, so that both meet the same machine. As
in the bench, whatever a figure says the run succeeds. `--quick` fills in a tenth.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp

from bench import load, report
from bench.body import numbered_body
from bench.seed import BYTES_PER_CHECKOUT, seed
from bench.server import Server
from bench.table import Bar, Load, Row

_PAGE_LENGTH = 100
_GIGABYTE = 1024**3
# What is left over for two empty databases, the log of changes and what the rounds add.
_SPARE_BYTES = 4 * _GIGABYTE


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is filled in and measured: a run takes about ten minutes."""

    checkouts: int = 1_000_000
    transactions: int = 100_000
    rounds: int = 5
    seconds: int = 5


def main() -> None:
    is_quick = "--quick" in sys.argv
    plan = Plan(100_000, 10_000, rounds=3, seconds=3) if is_quick else Plan()
    if load.find_wrk() is None:
        raise SystemExit("wrk is missing (on Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory(prefix="paydesk-scale-") as folder:
        _check_room(folder, plan)
        # PostgreSQL runs as another user where we are root, and must get through.
        Path(folder).chmod(0o711)
        empty, full = Server(Path(folder) / "empty"), Server(Path(folder) / "full")
        try:
            rows = asyncio.run(_measure(empty, full, plan))
            version = asyncio.run(full.sql("show server_version"))[0][0]
        finally:
            empty.stop()
            full.stop()
    report.write(rows, name="scale", is_quick=is_quick, postgres=version)


def _check_room(folder: str, plan: Plan) -> None:
    needed = plan.checkouts * BYTES_PER_CHECKOUT + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    said = f"{needed / _GIGABYTE:.0f} GB of disk, {free / _GIGABYTE:.0f} GB are free in {folder}"
    if free < needed:
        raise SystemExit(f"This needs {said}. TMPDIR names another place.")
    report.tell(f"this takes up to {said}; it is given back at the end")


async def _measure(empty: Server, full: Server, plan: Plan) -> list[Row]:
    report.tell("starting two Paydesks")
    empty.start()
    full.start()
    filled = await _fill(full, plan)
    # The lists come first: later there are payments' checkouts between them.
    lists = await _lists(full, plan)
    return [filled, *lists, *_create(empty, full, plan)]


async def _fill(server: Server, plan: Plan) -> Row:
    begun = time.monotonic()
    told = begun

    def progress(count: int) -> None:
        nonlocal told
        if time.monotonic() - told > 10 or count == plan.checkouts:
            report.tell(f"{count:,} of {plan.checkouts:,} checkouts are filled in")
            told = time.monotonic()

    await seed(server, checkouts=plan.checkouts, transactions=plan.transactions, progress=progress)
    size = (await server.sql("select pg_database_size(current_database())"))[0][0]
    seconds = time.monotonic() - begun
    note = f"{plan.transactions:,} of them paid; {size / _GIGABYTE:.1f} GB, in {seconds:.0f} s"
    return Row(f"a database of {plan.checkouts:,} checkouts", note=note)


async def _lists(server: Server, plan: Plan) -> list[Row]:
    """The first page of all transactions, and the last, found as a merchant finds it."""
    pages = plan.transactions // _PAGE_LENGTH
    report.tell(f"walking through {pages:,} pages of transactions")
    first_path = f"/transactions?limit={_PAGE_LENGTH}"
    last_path = await _walk(server, first_path, pages)
    first = Row(f"GET /transactions, page 1 of {_PAGE_LENGTH}")
    last = Row(f"GET /transactions, page {pages:,}")
    for turn in range(plan.rounds):
        report.tell(f"lists, round {turn + 1} of {plan.rounds}")
        both = [(first, first_path), (last, last_path)]
        for row, path in both if turn % 2 else reversed(both):
            request = load.list_request(server, path)
            # One after the other: many connections may all come to one of the two web processes,
            # and then take twice the time whatever page they ask for.
            row.rounds.append(_send(server, request, plan.seconds, connections=1))
    for name, figure in (("time", "p50"), ("database CPU", "database")):
        last.bars.append(Bar(f"{name}, to page 1's", _ratio(last, first, figure), 1.2, "×"))
    return [first, last]


async def _walk(server: Server, first_path: str, pages: int) -> str:
    """The path of the last page; every transaction is met once on the way, none twice."""
    headers = {"Authorization": server.authorization()}
    met: set[str] = set()
    path = first_path
    async with aiohttp.ClientSession(headers=headers) as session:
        for number in range(1, pages + 1):
            async with session.get(server.base_url + path) as reply:
                reply.raise_for_status()
                page = await reply.json()
            met.update(record["id"] for record in page["transactions"])
            if number < pages:
                path = f"{first_path}&cursor={page['next_cursor']}"
    if len(met) != pages * _PAGE_LENGTH or page["next_cursor"] is not None:
        raise SystemExit(f"{pages:,} pages have {len(met):,} transactions.")
    return path


def _create(empty: Server, full: Server, plan: Plan) -> list[Row]:
    beside, measured = (
        Row("POST /checkout/page, empty database"),
        Row("POST /checkout/page, full database"),
    )
    for turn in range(plan.rounds + 1):
        report.tell(f"create, round {turn} of {plan.rounds}" if turn else "create, to warm up")
        # By turns the first too: what the one leaves to write meets the other.
        both = [(beside, empty), (measured, full)]
        for row, server in both if turn % 2 else reversed(both):
            request = load.post_request(server, "/checkout/page", numbered_body())
            first_number = (turn + 1) * 1_000_000
            found = _send(server, request, plan.seconds, first_number)
            if turn:
                row.rounds.append(found)
    for name, figure in (("time", "p50"), ("database CPU", "database")):
        ratio = _ratio(measured, beside, figure)
        measured.bars.append(Bar(f"{name}, to the empty one's", ratio, 1.2, "×"))
    return [beside, measured]


def _send(
    server: Server,
    request: bytes,
    seconds: int,
    first_number: int = 0,
    *,
    connections: int = load.CONNECTIONS,
) -> Load:
    path = server.data / "request.http"
    path.write_bytes(request)
    return load.send(
        server, path, seconds=seconds, first_number=first_number, connections=connections
    )


def _ratio(measured: Row, beside: Row, figure: str) -> float:
    """The middle of the rounds' ratios: what disturbs a round disturbs both of its sides."""
    pairs = zip(measured.rounds, beside.rounds, strict=True)
    return float(median(getattr(one, figure) / getattr(other, figure) for one, other in pairs))


if __name__ == "__main__":
    main()
