"""Rotates the vault's master key under many cards while payers pay, and kills the command midway.

Run by `make rewrap`: python tests/rewrap.py [--cards N] [--rate N]
It ends with what was paid and re-wrapped, and fails where a payment failed or a card is lost.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

import asyncpg

from paydesk import limits
from paydesk.db.postgres_home import remove_home
from paydesk.kit import ids
from paydesk.settings import read_key_versions
from paydesk.vault.envelope import Envelope, Sealed, WrappedKey
from paydesk.vault.master_keys import KeyRing
from world import Payer, Server, eventually

PEOPLE = 12
ACCOUNT = 7_000_001  # of nobody: these cards are only kept
COLUMNS = ("account_id", "id", "shelf", "is_live", "key_version", "wrapped_key", "sealed")


@dataclass
class Report:
    """What happened to the cards and the payers."""

    cards: int
    rewrapped_before_kill: int = 0
    said: list = field(default_factory=list)
    paid: Counter = field(default_factory=Counter)
    failed: list = field(default_factory=list)
    slowest_seconds: float = 0
    seconds: float = 0
    readable: int = 0
    pays_after_restart: bool = False

    def faults(self):
        faults = [f"a payment failed: {fault}" for fault in self.failed]
        if self.paid.keys() - {"paid"}:
            faults.append(f"payers were shown {dict(self.paid)}")
        if not self.paid["paid"]:
            faults.append("nobody paid")
        if not 0 < self.rewrapped_before_kill < self.cards:
            faults.append(f"killed after {self.rewrapped_before_kill} of {self.cards}")
        if self.readable != self.cards:
            faults.append(f"only {self.readable} of {self.cards} cards can be read")
        if not self.pays_after_restart:
            faults.append("no payment after a restart with the new key alone")
        return faults


def main():
    options = _options()
    report = run(options.cards, rate=options.rate)
    done, paid = report.rewrapped_before_kill, report.paid
    tell = [
        f"{report.cards:,} cards; killed after {done:,} and resumed, {report.seconds:.1f} s in all",
        *(f"  {line}" for line in report.said),
        f"{paid.total():,} payments meanwhile: {dict(paid)}, {len(report.failed)} failed",
        f"the slowest took {report.slowest_seconds:.2f} s",
        f"{report.readable:,} cards read with the new key alone",
        *report.faults(),
    ]
    sys.stdout.write("\n".join(tell) + "\n")
    sys.exit(bool(report.faults()))


def run(cards, *, rate):
    """Loads the cards, rotates twice over one kill, retires the old key, and reads every card."""
    report = Report(cards)
    with tempfile.TemporaryDirectory(prefix="paydesk-rewrap-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data").start()
        try:
            names = asyncio.run(_load(server, cards))
            with _Payers(server, report, rate):
                began = time.monotonic()
                report.rewrapped_before_kill = asyncio.run(_rotate_and_kill(server, names))
                report.said += server.command("vault", "rotate").stdout.splitlines()
                report.seconds = time.monotonic() - began
            report.said += server.command("vault", "retire").stdout.splitlines()
            report.readable = asyncio.run(_readable(server, names))
            assert server.stop() == 0
            server.start()
            report.pays_after_restart = _pay(server.merchant()) == "paid"
        finally:
            server.stop()
            remove_home(server.data)
    return report


async def _load(server, count):
    """Saves so many cards as the vault would: their ids, in order."""
    envelope = Envelope(KeyRing(_keys(server)))
    names = sorted(ids.new("crd") for _ in range(count))
    rows = []
    for name in names:
        card = await envelope.seal(_secret(name), account_id=ACCOUNT, card_id=name)
        rows.append((ACCOUNT, name, -1, False, card.key.version, card.key.wrapped, card.secret))
    owner = await asyncpg.connect(server.database_url())
    await owner.copy_records_to_table("cards", schema_name="vault", records=rows, columns=COLUMNS)
    await owner.close()
    return names


async def _rotate_and_kill(server, names):
    """Rotates until half the cards are done, kills the command there; how many were done.

    A card in the middle is locked meanwhile, so that the command is still at work when it dies.
    """
    owner, watcher = [await asyncpg.connect(server.database_url()) for _ in range(2)]
    batches = len(names) // limits.REWRAP_BATCH
    middle = names[max(batches // 2, 1) * limits.REWRAP_BATCH]
    process = None
    try:
        async with owner.transaction():
            await owner.execute("select from vault.cards where id = $1 for update", middle)
            process = _start_rotating(server)
            while True:
                done = await _count_new(watcher)
                # The payers' own cards come first, so the batches do not begin at ours.
                if done > names.index(middle) - limits.REWRAP_BATCH:
                    break
                assert process.poll() is None, process.stdout.read().decode()
                await asyncio.sleep(0.02)
            assert process.poll() is None, "it is stopped in the middle"
            process.kill()
            process.wait()
    finally:
        if process is not None:
            process.stdout.close()
        await owner.close()
        await watcher.close()
    return done


def _start_rotating(server):
    command = [sys.executable, "-m", "paydesk", "vault", "rotate", "--data", str(server.data)]
    return Popen(command, stdout=PIPE, stderr=STDOUT)


async def _count_new(connection):
    return await connection.fetchval(
        "select count(*) from vault.cards where account_id = $1 and key_version = 2", ACCOUNT
    )


async def _readable(server, names):
    keys = _keys(server)
    assert keys.keys() == {2}, "the old key is gone"
    envelope = Envelope(KeyRing(keys))
    owner = await asyncpg.connect(server.database_url())
    rows = await owner.fetch("select * from vault.cards where account_id = $1", ACCOUNT)
    await owner.close()
    kept = {row["id"]: row for row in rows}
    count = 0
    for name in names:
        row = kept[name]
        sealed = Sealed(WrappedKey(row["key_version"], row["wrapped_key"]), row["sealed"])
        secret = await envelope.open(sealed, account_id=ACCOUNT, card_id=name)
        count += secret == _secret(name)
    return count


def _keys(server):
    return read_key_versions((server.data / "keys" / "vault.key").read_text())


def _secret(name):
    return b'{"number":"4242424242424242","expire_month":12,"name":"' + name.encode() + b'"}'


def _pay(merchant):
    return Payer(merchant.create()).open().pay().state


class _Payers:
    """Somebody begins to pay every so often, whether the others are done or not."""

    def __init__(self, server, report, rate):
        self._merchant, self._report, self._pause = server.merchant(), report, 1 / rate
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._clock = threading.Thread(target=self._begin)
        self._people = ThreadPoolExecutor(PEOPLE)

    def __enter__(self):
        self._merchant.create()  # reads the lookups once
        self._clock.start()
        eventually(lambda: self._report.paid.total() or self._report.failed)
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._clock.join()
        self._people.shutdown()

    def _begin(self):
        due = time.monotonic()
        while not self._stopping.is_set():
            self._people.submit(self._pay)
            due += self._pause
            self._stopping.wait(max(0, due - time.monotonic()))

    def _pay(self):
        began = time.monotonic()
        try:
            state = _pay(self._merchant)
        except Exception as fault:  # noqa: BLE001 (each failure is told at the end)
            with self._lock:
                self._report.failed.append(f"{type(fault).__name__}: {fault}")
            return
        with self._lock:
            self._report.paid[state] += 1
            took = time.monotonic() - began
            self._report.slowest_seconds = max(self._report.slowest_seconds, took)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=20, help="payments a second")
    return parser.parse_args()


if __name__ == "__main__":
    main()
