"""`python -m bench`: one Paydesk of its own, every measure beside its limit, one table.

Whatever a figure says, the run succeeds: it shows, it does not judge. `--quick` takes one short
round of each, for trying things out.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from bench import challenge, deliver, limit, load, mail, pay, refund, report, yardstick
from bench.body import body, numbered_body, order_body
from bench.processes import pss_megabytes
from bench.receiver import Receiver
from bench.server import Server
from bench.statements import statements_of
from bench.table import Bar, Row
from paydesk.cli.data_folder import read_key
from paydesk.kit.page_tokens import page_token

_TOKENS_MAX = 20_000
_COUNTED = 10  # requests whose statements are counted


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: with the bench's own, a run takes about three minutes."""

    rounds: int = 3
    seconds: int = 5
    payments: int = 500


def main() -> None:
    is_quick = "--quick" in sys.argv
    plan = Plan(rounds=1, seconds=3, payments=200) if is_quick else Plan()
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-") as folder:
        # PostgreSQL runs as another user where we are root, and must get through.
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data")
        try:
            rows = asyncio.run(_measure(server, plan))
            version = asyncio.run(server.sql("show server_version"))[0][0]
        finally:
            server.stop()
    report.write(rows, name="bench", is_quick=is_quick, postgres=version)


async def _measure(server: Server, plan: Plan) -> list[Row]:
    speeds = [yardstick.milliseconds()]
    starts = _starts(server)
    wrk, pgbench = load.find_wrk(), limit.find_pgbench()
    rows: list[Row] = []
    if wrk is None:
        report.tell(
            "wrk is missing (on Debian: apt-get install wrk): create and page are left out."
        )
    else:
        rows += await _create(server, plan, pgbench)
        rows += await _create_orders(server, plan, pgbench)
        rows += await _pages(server, plan)
    if pgbench is None:
        report.tell(
            "pgbench is missing (PostgreSQL's wheel has none): no limit stands beside creates."
        )
    speeds.append(yardstick.milliseconds())
    rows += await _payments(server, plan)
    rows += [await _challenges(server, plan), await _refunds(server, plan)]
    rows += await _deliveries(server, plan)
    speeds.append(yardstick.milliseconds())
    told = ", ".join(f"{speed:.0f}" for speed in speeds)
    speed = Row("a fixed piece of Python", note=f"ms, before, amid and after: {told}")
    return [speed, *rows, _memory(server), *starts]


def _starts(server: Server) -> list[Row]:
    report.tell("starting Paydesk for the first time")
    first = server.start()
    server.stop()
    report.tell("starting it again")
    warm = server.start()
    return [
        Row("serve, first start until ready", bars=[Bar("seconds", first, 15, "s")]),
        Row("serve, warm start until ready", bars=[Bar("seconds", warm, 3, "s")]),
    ]


async def _create(server: Server, plan: Plan, pgbench: Path | None) -> list[Row]:
    inserts = limit.checkout_inserts(await server.account_id())
    request = load.post_request(server, "/checkout/page", numbered_body())
    row = Row("POST /checkout/page", note="planned once, as in the second row")
    limits = _beside_pgbench(server, plan, pgbench, inserts, row, request, first_turn=1)
    if limits:
        share = 100 * row.middle("per_second") / limits[0].middle("per_second")
        row.bars.append(Bar("of pgbench", share, 50, "%", is_floor=True))
    row.bars.append(Bar("server CPU", row.middle("server"), 0.9, "ms"))
    bodies = [
        body("https://merchant.example/webhooks", order=f"CNT{number}", customer=f"CNT{number}")
        for number in range(_COUNTED)
    ]
    each = await _statements(server, "/checkout/page", bodies, "insert into checkouts")
    row.bars.append(Bar("statements", each, 1, "each"))
    return [*limits, row]


async def _create_orders(server: Server, plan: Plan, pgbench: Path | None) -> list[Row]:
    inserts = limit.order_inserts(await server.account_id())
    request = load.post_request(server, "/orders/create", order_body("ORD{number}"))
    row = Row("POST /orders/create")
    first_turn = 1 + 2 * plan.rounds
    limits = _beside_pgbench(server, plan, pgbench, inserts, row, request, first_turn=first_turn)
    row.bars.append(Bar("server CPU", row.middle("server"), 0.9, "ms"))
    bodies = [order_body(f"CNT{number}") for number in range(_COUNTED)]
    each = await _statements(server, "/orders/create", bodies, "insert into orders")
    note = f"{each:.0f} statements each, begin and commit included"
    if limits:
        share = row.middle("per_second") / limits[0].middle("per_second")
        note = f"{share:.0%} of pgbench; {note}"
    return [*limits, replace(row, note=note)]


def _beside_pgbench(
    server: Server,
    plan: Plan,
    pgbench: Path | None,
    inserts: limit.Inserts,
    measured: Row,
    request: bytes,
    *,
    first_turn: int,
) -> list[Row]:
    """Measures the limit and the call, in turns, so that both meet the same machine.

    Answers with the limit's two rows, none where there is no pgbench.
    """
    requests = server.data / "create.http"
    requests.write_bytes(request)
    load.send(server, requests, seconds=2)  # warms up
    bare = Row("pgbench, the same inserts in one statement")
    once = Row("pgbench, the same, planned once")
    for turn in range(plan.rounds):
        report.tell(f"{measured.name}, round {turn + 1} of {plan.rounds}")
        if pgbench is not None:
            for row, is_planned_once in ((bare, False), (once, True)):
                row.rounds.append(
                    limit.run(
                        pgbench,
                        server,
                        inserts,
                        seconds=plan.seconds,
                        turn=first_turn + 2 * turn + is_planned_once,
                        is_planned_once=is_planned_once,
                    )
                )
        first_number = (turn + 1) * 1_000_000
        measured.rounds.append(
            load.send(server, requests, seconds=plan.seconds, first_number=first_number)
        )
    return [bare, once] if bare.rounds else []


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
        report.tell(f"page, round {turn + 1} of {plan.rounds}")
        # No path comes twice in one round, as far as there are enough.
        part = paths[turn * share : (turn + 1) * share]
        requests.write_bytes(b"\0".join(load.page_request(server, path) for path in part))
        again.write_bytes(b"\0".join(load.page_request(server, path) for path in part[:2000]))
        first_look.rounds.append(load.send(server, requests, seconds=min(plan.seconds, 2)))
        look.rounds.append(load.send(server, again, seconds=plan.seconds))
    look.bars.append(Bar("per second", look.middle("per_second"), 1500, "", is_floor=True))
    look.bars.append(Bar("server CPU", look.middle("server"), 0.5, "ms"))
    return [first_look, look]


async def _payments(server: Server, plan: Plan) -> list[Row]:
    """Payments refused before anything is sent, without 3-D Secure and with it, and mailed of.

    Of a refused one the vault keeps the card and no more, so the rest is what sending costs it.
    """
    refused = Row("pay, refused by us: the card can't be authenticated")
    bare = Row("pay, sandbox acquirer, no 3-D Secure")
    asked = Row("pay, the issuer asked first and saying yes at once")
    told_of = Row("pay, no 3-D Secure, with a confirmation and an invoice")
    turns = (
        (refused, pay.NOT_ENROLLED, False),
        (bare, pay.NOT_ENROLLED, True),
        (told_of, pay.NOT_ENROLLED, True),
        # Last, as what was paid last is refunded afterwards: without credit notes.
        (asked, pay.AUTHENTICATED, True),
    )
    mails = Row("a payment's mail, with its invoice as PDF", note="CPU of post alone")
    async with Receiver() as receiver:
        await pay.pay_many(server, receiver, pay.AT_ONCE, number=pay.AUTHENTICATED)  # warms up
        for turn in range(plan.rounds):
            for row, number, charges in turns:
                report.tell(f"{row.name}, round {turn + 1} of {plan.rounds}")
                await _charge_not_enrolled(server, charges=charges)
                before = await mail.so_far(server)
                load = await pay.pay_many(
                    server, receiver, plan.payments, number=number, notifies=row is told_of
                )
                row.rounds.append(load)
                if row is told_of:
                    # Else they would be written beside what is measured next.
                    report.tell("waiting for the last mails")
                    mails.rounds.append(await mail.since(server, before))
    bare.bars.append(Bar("per second", bare.middle("per_second"), 120, "", is_floor=True))
    bare.bars.append(Bar("web + vault + worker", bare.middle("server"), 5, "ms"))
    pairs = zip(bare.rounds, refused.rounds, strict=True)
    forward = median(sent.parts["vault"] - kept.parts["vault"] for sent, kept in pairs)
    bare.bars.append(Bar("vault, forwarding alone", forward, 1.5, "ms"))
    told = [replace(row, note=_told(row.rounds[-1].parts)) for row, _, _ in turns]
    return [*told, mails]


async def _charge_not_enrolled(server: Server, *, charges: bool) -> None:
    """Whether the test account charges cards that take no part in 3-D Secure."""
    headers = {"Authorization": server.authorization()}
    change = {"policies": {"charge_if_not_enrolled": charges}}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/merchant", json=change) as reply,
    ):
        reply.raise_for_status()


async def _challenges(server: Server, plan: Plan) -> Row:
    """The hops of challenged payments; what the sandbox's own programs take is in them."""
    row = Row("a challenged payment, one at a time")
    report.tell(row.name)
    async with Receiver() as receiver:
        hops = await challenge.hops(server, receiver, count=plan.payments // 10)
    worst = max(hops, key=lambda hop: hops[hop])
    row.bars.append(Bar(f"slowest hop at p95, {worst}", hops[worst], 300, "ms"))
    return replace(row, note=", ".join(f"{hop} {spent:.0f}" for hop, spent in hops.items()))


def _told(parts: dict[str, float]) -> str:
    return ", ".join(f"{name} {parts[name]:.2f}" for name in sorted(parts))


async def _refunds(server: Server, plan: Plan) -> Row:
    """Refunds all that was paid just before."""
    row = Row("POST /transactions/{id}/refund, whole")
    paid = await refund.paid_transactions(server, plan.rounds * plan.payments)
    for turn in range(plan.rounds):
        report.tell(f"refund, round {turn + 1} of {plan.rounds}")
        row.rounds.append(await refund.refund_many(server, paid[turn :: plan.rounds]))
    row.bars.append(Bar("web + worker", row.middle("server"), 5, "ms"))
    return replace(row, note=_told(row.rounds[-1].parts))


async def _deliveries(server: Server, plan: Plan) -> list[Row]:
    burst = Row("webhooks, a burst to 20 receivers", note="CPU of the worker alone")
    paced = Row("webhooks, 50 a second, commit to first byte")
    for turn in range(plan.rounds):
        report.tell(f"webhooks, round {turn + 1} of {plan.rounds}")
        burst.rounds.append(await deliver.burst(server, 10 * plan.payments))
        paced.rounds.append(await deliver.paced(server, plan.payments))
    burst.bars.append(Bar("per second", burst.middle("per_second"), 800, "", is_floor=True))
    burst.bars.append(Bar("worker CPU", burst.middle("server"), 1, "ms"))
    paced.bars.append(Bar("p50", paced.middle("p50"), 50, "ms"))
    paced.bars.append(Bar("p99", paced.middle("p99"), 500, "ms"))
    return [burst, paced]


def _memory(server: Server) -> Row:
    largest = max(map(pss_megabytes, server.programs()["web"]))
    return Row("a web process after all this", bars=[Bar("PSS", largest, 110, "MB")])


async def _statements(
    server: Server, path: str, bodies: Sequence[dict[str, Any]], sign: str
) -> float:
    """How many statements each of these calls costs."""
    headers = {"Authorization": server.authorization()}

    async def send_all() -> None:
        async with aiohttp.ClientSession(headers=headers) as session:
            for record in bodies:
                async with session.post(server.base_url + path, json=record) as reply:
                    reply.raise_for_status()

    return await statements_of(server, send_all, sign) / len(bodies)


async def _page_paths(server: Server) -> list[str]:
    """The pages of the checkouts that were made last; only their makers know the addresses."""
    rows = await server.sql(
        "select id from checkouts where id > 'chk_01' order by id desc limit $1", _TOKENS_MAX
    )
    key = read_key(server.data, "page_key")
    return [f"/checkout/{page_token(row['id'], key, is_live=False)}" for row in rows]


if __name__ == "__main__":
    main()
