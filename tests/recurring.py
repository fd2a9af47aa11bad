"""Charges many due payments by two workers that are killed again and again: each exactly once.

Run by `make recurring`: python tests/recurring.py [--payments N] [--kills N] [--told N] [--seed S]
The judge is the acquirer's own log: every payment has one approval there that stands. Tries that a
kill kept from being sent are reversed and made again later; for that, the clock is moved on.
Every TOLD-th payment is confirmed and invoiced too: each once, under numbers without a gap.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import oracle
from paydesk import payments
from paydesk.db.postgres import Postgres
from paydesk.kit import ids
from paydesk.notifications import Notifications
from paydesk.payments import PaymentID
from paydesk.payments.store import insert
from workshop import CARD, Programs, open_workshop
from world import card

WORKERS = 2
CARDS = 20
QUIET_SECONDS_MAX = 180


@dataclass
class Report:
    """What became of the payments. again counts the tries that were made a second time."""

    payments: int
    kills: int = 0
    seconds: float = 0
    again: int = 0
    wrong: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    @property
    def rate(self):
        return self.payments / self.seconds

    def found(self):
        return [*self.wrong[:10], *self.faults[:10]]


async def charge(programs, *, count, kills, told=10, seed="1"):
    """Makes the payments, has two workers charge them while they are killed, and judges."""
    chance, report = random.Random(seed), Report(count)
    shop = await open_workshop(programs)
    await _make(shop, count, told)
    begun_at = time.monotonic()
    workers = [_start(programs) for _ in range(WORKERS)]
    for number in range(kills):
        share = 0.9 * (number + chance.random()) / kills
        await _until(lambda share=share: _charged(shop, share * count))
        victim = chance.randrange(WORKERS)
        workers[victim].kill()
        workers[victim].wait()
        workers[victim] = _start(programs)
        report.kills += 1
    await _until(lambda: _charged(shop, 0.99 * count))
    report.seconds = (time.monotonic() - begun_at) / 0.99
    await _until(lambda: _all_done(shop))
    for worker in workers:
        worker.terminate()
        worker.wait()
    await _judge(shop, report)
    await shop.owner.close()
    await shop.desk.close()
    return report


async def _make(shop, count, told):
    """Payments of stored cards that are all due at once."""
    asked = Notifications(send_invoice=True, send_confirmation_email=True)
    first = [await _submitted(shop) for _ in range(CARDS)]
    async with shop.db.connection() as connection, connection.transaction():
        for number in range(count - CARDS):
            like = first[number % CARDS]
            one = replace(like, id=PaymentID(ids.new("pay")))
            is_told = told and number % told == 0
            await insert(connection, replace(one, notifications=asked) if is_told else one)


async def _submitted(shop):
    customer_id, token = await shop.stored(card())
    record = {
        "customer_id": customer_id,
        "card": {"token": token},
        "payment": {"amount": "100.00"},
    }
    command = payments.read_submit(record, (CARD,))
    return await shop.db.transact(
        lambda connection: payments.submit(connection, shop.account.id, command)
    )


def _start(programs):
    return programs.start_worker(
        PAYDESK_INQUIRY_SECONDS="1,1,1", PAYDESK_ACQUIRER_TIMEOUT_SECONDS="3"
    )


async def _charged(shop, count):
    return await shop.db.value("select count(*) from payments where charges > 0") >= count


async def _all_done(shop):
    """Whether all are charged; what has to wait for its next try is moved on to it."""
    await shop.owner.execute("update payments set charge_at = now() where charge_at > now()")
    return (
        await shop.db.value(
            "select count(*) from payments where charge_at is not null or "
            "state in ('PENDING', 'RUNNING')"
        )
        == 0
    )


async def _until(question):
    since = time.monotonic()
    while not await question():
        if time.monotonic() - since > QUIET_SECONDS_MAX:
            return
        await asyncio.sleep(0.2)


async def _judge(shop, report):
    log = shop.programs.acquirer_log()
    gone = {line["reference"] for line in log if line["kind"] == "reverse"}
    standing = {
        line["reference"]
        for line in log
        if line["kind"] == "authorise" and line["outcome"] == "approved"
    } - gone
    rows = await shop.db.rows(
        "select id, payment_id from transactions where payment_id is not null"
    )
    charged = Counter(row["payment_id"] for row in rows if row["id"] in standing)
    report.again = len(rows) - report.payments
    made = await shop.db.rows("select id from payments")
    report.wrong = [
        f"{row['id']} was charged {charged[row['id']]} times"
        for row in made
        if charged[row["id"]] != 1
    ]
    report.wrong += await _told_wrongly(shop)
    books = await oracle.read(shop.programs.owner_url)
    report.faults = oracle.judge(books, log)


async def _told_wrongly(shop):
    """Payments that were not confirmed and invoiced once where asked, and gaps among numbers."""
    rows = await shop.db.rows(
        """
        select p.id, p.send_invoice::int as wanted,
            (
                select count(*) from mails m join transactions t on t.id = m.about
                where t.payment_id = p.id and m.kind = 'confirmation'
            ) as mails,
            (select count(*) from invoices n where n.payment_id = p.id) as invoices
        from payments p
        """
    )
    wrong = [
        f"{row['id']} led to {row['mails']} mails and {row['invoices']} documents"
        for row in rows
        if not row["wanted"] == row["mails"] == row["invoices"]
    ]
    numbers = [row["number"] for row in await shop.db.rows("select number from invoices")]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        wrong.append("numbers have gaps")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--told", type=int, default=10)
    parser.add_argument("--seed", default="1")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paydesk-recurring-") as folder:
        Path(folder).chmod(0o711)
        server = Postgres(Path(folder))
        programs = Programs(server.start())
        try:
            programs.start()
            report = asyncio.run(
                charge(
                    programs,
                    count=chosen.payments,
                    kills=chosen.kills,
                    told=chosen.told,
                    seed=chosen.seed,
                )
            )
        finally:
            programs.stop()
            server.stop()
    sys.stdout.write(
        f"{report.payments} payments, {WORKERS} workers, {report.kills} kills, "
        f"{report.seconds:.0f} s ({report.rate:.0f} a second): {report.again} tries made again, "
        f"{len(report.wrong)} not charged exactly once\n"
    )
    sys.exit("\n".join(report.found()) or 0)


if __name__ == "__main__":
    main()
