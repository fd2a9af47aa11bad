"""Thousands of requests that collide on purpose, and the judge's word on what they left.

Run by `make races`: python tests/races.py [--keys N] [--transactions N] [--checkouts N]
The figures asked for: MON-2 with 1,000 keys × 20 duplicates, MON-7 with 1,000 transactions × 10
modifications at once, MON-16 with 1,000 checkouts that are only ever asked about.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import aiohttp

import oracle
from world import Payer, Server, card

DUPLICATES = 20
MODIFICATIONS = 10
TOGETHER = 64
# Enough to see most outcomes: done, declined, lost answers, never arrived.
CARDS = [card(f3=n) for n in (0, 0, 0, 0, 0, 0, 5, 6, 7)]


@dataclass
class Caller:
    """A merchant's backend that asks many things at once."""

    session: aiohttp.ClientSession
    together: asyncio.Semaphore

    async def __call__(self, method, path, body=None, **headers):
        async with (
            self.together,
            self.session.request(method, path, json=body, headers=headers) as answer,
        ):
            return Answered(answer.status, await answer.read(), await answer.json())


@dataclass
class Answered:
    status: int
    raw: bytes
    json: dict


def run(server, race):
    """Runs the race with a caller who has the test account's key."""

    async def running():
        credentials = server.credentials()["test"]
        key = aiohttp.encode_basic_auth(credentials["api_key"], credentials["api_secret"])
        timeout = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(
            server.base_url,
            headers={"Authorization": key},
            timeout=timeout,
            connector=aiohttp.TCPConnector(limit=0),
        ) as session:
            return await race(Caller(session, asyncio.Semaphore(TOGETHER)))

    return asyncio.run(running())


def body_of(reference, **changes):
    return {
        "mode": "one-off",
        "amount": "1200.00",
        "currency": "ZAR",
        "order": {"reference": reference, "description": "Monthly plan"},
        "redirects": {
            "success_url": "https://merchant.example/paid",
            "cancel_url": "https://merchant.example/cart",
            "notify_url": "https://merchant.example/hook",
        },
        **changes,
    }


async def duplicates(ask, *, keys, told=lambda text: None):
    """MON-2: each key's duplicates have one effect, and every answer is the first one or 409."""
    wrong = []

    async def one(number):
        key = f"race-{number}"
        body = {"reference": f"DUP-{number}", "currency": "ZAR", "amount_total": "5.00"}
        body |= {"description": "x"}
        headers = {"Idempotency-Key": key}
        answers = await asyncio.gather(
            *(ask("POST", "/orders/create", body, **headers) for _ in range(DUPLICATES))
        )
        firsts = {answer.raw for answer in answers if answer.status == 200}
        if len(firsts) != 1 or {answer.status for answer in answers} - {200, 409}:
            wrong.append((key, Counter(answer.status for answer in answers), len(firsts)))
        other = await ask("POST", "/orders/create", {**body, "amount_total": "6.00"}, **headers)
        if (other.status, other.json["error_code"]) != (422, "905"):
            wrong.append((key, "another body", other.status))
        made = await ask("GET", f"/orders/list?reference=DUP-{number}")
        if len(made.json["results"]) != 1:
            wrong.append((key, "effects", len(made.json["results"])))
        told(f"{number + 1} keys")

    await in_turns(one, keys, 8)
    return wrong


async def modifications(ask, paid, *, seed=7, told=lambda text: None):
    """MON-7: captures, voids and refunds at once, each answered with what it did or why not."""
    chance = random.Random(seed)
    done = Counter()

    async def one(number):
        asked = [
            (chance.choice(["capture", "void", "refund"]), f"{chance.randint(1, 70_000) / 100:.2f}")
            for _ in range(MODIFICATIONS)
        ]
        answers = await asyncio.gather(
            *(
                ask(
                    "POST",
                    f"/transactions/{paid[number]}/{kind}",
                    {} if kind == "void" else {"amount": amount},
                )
                for kind, amount in asked
            )
        )
        for answer in answers:
            done[_verdict(answer)] += 1
        told(f"{number + 1} transactions")

    await in_turns(one, len(paid), 12)
    return done


def _verdict(answer):
    if answer.status == 200:
        return answer.json["result"]["modification_status"].lower()
    if answer.status == 409:
        (detail,) = answer.json["error_details"]
        return next(iter(detail["errors"].values()))["rule"]
    return f"HTTP {answer.status}"


async def in_turns(work, count, together):
    """Does the work for each number, so many at a time."""
    numbers = iter(range(count))

    async def one_after_another():
        for number in numbers:
            await work(number)

    await asyncio.gather(*(one_after_another() for _ in range(together)))


async def payments(ask, *, count, told=lambda text: None):
    """So many paid transactions, every other one only authorised; their ids."""
    checkouts = []

    async def one(number):
        payment = {"payment_type": "PRE_AUTHORIZATION" if number % 2 else "DIRECT_DEBIT"}
        made = await ask("POST", "/checkout/page", body_of(f"RACE-{number}", payment=payment))
        payer = Payer(made.json["result"])
        await asyncio.to_thread(lambda: payer.open().pay(number=CARDS[number % len(CARDS)]))
        assert payer.state == "paid", payer.state
        shown = await ask("GET", f"/checkout/page/{made.json['result']['id']}")
        checkouts.append(shown.json["result"]["transaction_id"])
        told(f"{number + 1} paid")

    await in_turns(one, count, 6)
    return checkouts


async def books_by_polling(ask):
    """What a merchant who hears no webhook knows of every checkout, from the lists alone."""
    checkouts = await _whole(ask, "/checkout/list", "results")
    transactions = await _whole(ask, "/transactions", "transactions")
    orders = await _whole(ask, "/orders/list", "results")
    return (
        {one["id"]: (one["status"], one["transaction_id"]) for one in checkouts},
        {
            one["id"]: (
                one["transaction_status"],
                one["amount_captured"],
                one["amount_voided"],
                one["amount_refunded"],
            )
            for one in transactions
        },
        {one["id"]: one["order_status"] for one in orders},
    )


async def _whole(ask, path, key):
    found, cursor = [], ""
    while cursor is not None:
        page = await ask("GET", f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
        found += page.json[key]
        cursor = page.json["next_cursor"]
    return found


def books_in_database(server):
    """The same, from the database."""

    def text(minor):
        return f"{minor // 100}.{minor % 100:02}"

    books = oracle.read_books(server)
    return (
        {row["id"]: (row["state"], row["transaction_id"]) for row in books.checkouts},
        {
            row["id"]: (
                row["status"],
                text(row["captured"]),
                text(row["voided"]),
                text(row["refunded"]),
            )
            for row in books.transactions
        },
        {row["id"]: row["status"] for row in books.orders if row["deleted_at"] is None},
    )


def over_the_limit(server):
    """What the acquirer was asked for beyond what there was."""
    return [line for line in server.acquirer_log() if line.get("code") == "61"]


def main():
    options = _options()
    with tempfile.TemporaryDirectory(prefix="paydesk-races-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data").start()
        try:
            _race(server, options)
        finally:
            server.stop()


def _race(server, options):
    began = time.monotonic()
    wrong = run(server, lambda ask: duplicates(ask, keys=options.keys, told=_tell))
    assert wrong == [], wrong
    say(f"\r{options.keys} keys × {DUPLICATES} duplicates: {options.keys} effects", began)

    began = time.monotonic()
    paid = run(server, lambda ask: payments(ask, count=options.transactions, told=_tell))
    done = run(server, lambda ask: modifications(ask, paid, told=_tell))
    assert over_the_limit(server) == []
    oracle.assert_all_is_well(server, seconds=180, with_webhooks=False)
    say(f"\r{len(paid)} transactions × {MODIFICATIONS} at once: {dict(done)}", began)

    began = time.monotonic()
    more = options.checkouts - options.transactions
    run(server, lambda ask: payments(ask, count=max(0, more), told=_tell))
    assert run(server, books_by_polling) == books_in_database(server)
    say(f"\r{options.checkouts} checkouts: the books by polling are those of the database", began)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--transactions", type=int, default=1000)
    parser.add_argument("--checkouts", type=int, default=1000)
    return parser.parse_args()


def _tell(text):
    if sys.stdout.isatty():
        sys.stdout.write(f"\r{text} ")
        sys.stdout.flush()


def say(text, began):
    sys.stdout.write(f"{text} ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
