"""`python -m bench`: one Paydesk of its own, every measure beside its limit, one table.

Whatever a figure says, the run succeeds: it shows, it does not judge. `--quick` takes one short
round of each, for trying things out.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench import limit, load, pay
from bench.body import body
from bench.processes import pss_megabytes
from bench.receiver import Receiver
from bench.server import Server
from bench.statements import statements_of
from bench.table import Bar, Row, markdown, record
from paydesk import VERSION
from paydesk.cli.data_folder import read_key
from paydesk.kit.page_tokens import page_token

_RESULTS = Path("var/bench")
_TOKENS_MAX = 20_000
_COUNTED = 10  # requests whose statements are counted


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: with the bench's own, a run takes about two minutes."""

    rounds: int = 3
    seconds: int = 5
    payments: int = 500


def main() -> None:
    plan = Plan(rounds=1, seconds=3, payments=200) if "--quick" in sys.argv else Plan()
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-") as folder:
        # PostgreSQL runs as another user where we are root, and must get through.
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data")
        try:
            rows = asyncio.run(_measure(server, plan))
            version = asyncio.run(server.sql("show server_version"))[0][0]
        finally:
            server.stop()
    _write(rows, version)


async def _measure(server: Server, plan: Plan) -> list[Row]:
    starts = _starts(server)
    wrk, pgbench = load.find_wrk(), limit.find_pgbench()
    rows: list[Row] = []
    if wrk is None:
        _tell("wrk is missing (on Debian: apt-get install wrk): create and page are left out.")
    else:
        rows += await _create(server, plan, pgbench)
        rows += await _pages(server, plan)
    if pgbench is None:
        _tell("pgbench is missing (PostgreSQL's wheel has none): create has no limit beside it.")
    rows.append(await _payments(server, plan))
    return [*rows, _memory(server), *starts]


def _starts(server: Server) -> list[Row]:
    _tell("starting Paydesk for the first time")
    first = server.start()
    server.stop()
    _tell("starting it again")
    warm = server.start()
    return [
        Row("serve, first start until ready", bars=[Bar("seconds", first, 15, "s")]),
        Row("serve, warm start until ready", bars=[Bar("seconds", warm, 3, "s")]),
    ]


async def _create(server: Server, plan: Plan, pgbench: Path | None) -> list[Row]:
    """The limit and the call, in turns, so that both meet the same machine."""
    requests = server.data / "create.http"
    requests.write_bytes(load.create_request(server, _numbered()))
    account_id = await _account_id(server)
    load.send(server, requests, seconds=2)  # warms up
    bare = Row("pgbench, the same inserts in one statement")
    once = Row("pgbench, the same, planned once")
    create = Row("POST /checkout/page", note="planned once, as in the second row")
    for turn in range(plan.rounds):
        _tell(f"create, round {turn + 1} of {plan.rounds}")
        if pgbench is not None:
            for row, is_planned_once in ((bare, False), (once, True)):
                row.rounds.append(
                    limit.run(
                        pgbench,
                        server,
                        account_id,
                        seconds=plan.seconds,
                        turn=2 * turn + is_planned_once + 1,
                        is_planned_once=is_planned_once,
                    )
                )
        first_number = (turn + 1) * 1_000_000
        create.rounds.append(
            load.send(server, requests, seconds=plan.seconds, first_number=first_number)
        )
    if bare.rounds:
        share = 100 * create.middle("per_second") / bare.middle("per_second")
        create.bars.append(Bar("of pgbench", share, 50, "%", is_floor=True))
    create.bars.append(Bar("server CPU", create.middle("server"), 0.9, "ms"))
    create.bars.append(Bar("statements", await _create_statements(server), 1, "each"))
    return [bare, once, create] if bare.rounds else [create]


def _numbered() -> dict[str, Any]:
    return body(
        "https://merchant.example/webhooks/payments", order="ORD{number}", customer="CLN{number}"
    )


async def _pages(server: Server, plan: Plan) -> list[Row]:
    """First looks note that the page was opened; looks within 20 seconds after only read."""
    paths = await _page_paths(server)
    requests = server.data / "page.http"
    requests.write_bytes(b"\0".join(load.page_request(server, path) for path in paths))
    again = server.data / "page-again.http"
    first_look = Row("GET /checkout/{token}, first look", note="writes that it was opened")
    look = Row("GET /checkout/{token}")
    share = len(paths) // plan.rounds
    for turn in range(plan.rounds):
        _tell(f"page, round {turn + 1} of {plan.rounds}")
        # No path comes twice in one round, as far as there are enough.
        part = paths[turn * share : (turn + 1) * share]
        requests.write_bytes(b"\0".join(load.page_request(server, path) for path in part))
        again.write_bytes(b"\0".join(load.page_request(server, path) for path in part[:2000]))
        first_look.rounds.append(load.send(server, requests, seconds=min(plan.seconds, 2)))
        look.rounds.append(load.send(server, again, seconds=plan.seconds))
    look.bars.append(Bar("per second", look.middle("per_second"), 1500, "", is_floor=True))
    look.bars.append(Bar("server CPU", look.middle("server"), 0.5, "ms"))
    return [first_look, look]


async def _payments(server: Server, plan: Plan) -> Row:
    row = Row("pay, sandbox acquirer, no 3-D Secure")
    async with Receiver() as receiver:
        await pay.pay_many(server, receiver, pay.AT_ONCE)  # warms up
        for turn in range(plan.rounds):
            _tell(f"pay, round {turn + 1} of {plan.rounds}")
            row.rounds.append(await pay.pay_many(server, receiver, plan.payments))
    row.bars.append(Bar("per second", row.middle("per_second"), 120, "", is_floor=True))
    row.bars.append(Bar("web + vault + worker", row.middle("server"), 5, "ms"))
    parts = row.rounds[-1].parts
    return replace(row, note=", ".join(f"{name} {parts[name]:.2f}" for name in sorted(parts)))


def _memory(server: Server) -> Row:
    largest = max(map(pss_megabytes, server.programs()["web"]))
    return Row("a web process after all this", bars=[Bar("PSS", largest, 110, "MB")])


async def _create_statements(server: Server) -> float:
    headers = {"Authorization": server.authorization()}

    async def create_some() -> None:
        async with aiohttp.ClientSession(headers=headers) as session:
            for number in range(_COUNTED):
                record = body(
                    "https://merchant.example/webhooks",
                    order=f"CNT{number}",
                    customer=f"CNT{number}",
                )
                async with session.post(f"{server.base_url}/checkout/page", json=record) as reply:
                    reply.raise_for_status()

    return await statements_of(server, create_some, "insert into checkouts") / _COUNTED


async def _account_id(server: Server) -> int:
    found = await server.sql(
        "select account_id from api_keys where api_key = $1", server.credentials()["api_key"]
    )
    return int(found[0]["account_id"])


async def _page_paths(server: Server) -> list[str]:
    """The pages of the checkouts that were made last; only their makers know the addresses."""
    rows = await server.sql(
        "select id from checkouts where id > 'chk_01' order by id desc limit $1", _TOKENS_MAX
    )
    key = read_key(server.data, "page_key")
    return [f"/checkout/{page_token(row['id'], key, is_live=False)}" for row in rows]


def _write(rows: list[Row], postgres: str) -> None:
    begun = datetime.now(UTC)
    text = markdown(rows)
    machine = {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "postgresql": postgres,
        "paydesk": VERSION,
    }
    head = ", ".join(f"{name} {value}" for name, value in machine.items())
    _RESULTS.mkdir(parents=True, exist_ok=True)
    path = _RESULTS / f"{begun:%Y-%m-%d}.md"
    path.write_text(f"# Bench of {begun:%Y-%m-%d %H:%M} UTC\n\n{head}.\n\n{text}\n")
    path.with_suffix(".json").write_text(
        json.dumps({"at": begun.isoformat(), "machine": machine, "rows": record(rows)}, indent=2)
    )
    print(f"\n{text}\n\n{head}.\nWritten to {path} and {path.with_suffix('.json').name}.")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _tell(what: str) -> None:
    print(f"· {what}", flush=True)


if __name__ == "__main__":
    main()
