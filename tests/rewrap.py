"""Changes the vault's master key while payments go on, over a large stock of cards.

Run by `make rewrap`: python tests/rewrap.py [--cards N]
It puts sealed cards straight into the vault's table, pays twenty times a second, and runs
`paydesk vault rotate`, which is killed halfway and run again; then `paydesk vault retire`, and
every card is opened with the new key alone. It fails on any payment that did not end paid, and on
any card that does not open.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

from paydesk.kit import ids
from paydesk.settings import read_key_versions
from paydesk.vault.envelope import Envelope, Sealed, WrappedKey
from paydesk.vault.master_keys import KeyRing
from world import Payer, Server, card

ACCOUNT = 1_000_000  # nobody's
PER_SECOND = 20
_SECRET = b'{"number":"4242424242424242","expire_month":12,"expire_year":2034,"name":"J Doe"}'


def keys_of(server):
    return read_key_versions((server.data / "keys" / "vault.key").read_text())


async def load_cards(server, count):
    """Puts this many cards into the vault, sealed as it would; they are kept for good."""
    envelope = Envelope(KeyRing(keys_of(server)))
    rows = []
    for _ in range(count):
        card_id = ids.new("crd")
        sealed = await envelope.seal(_SECRET, account_id=ACCOUNT, card_id=card_id)
        key = sealed.key
        rows.append((ACCOUNT, card_id, -1, False, key.version, key.wrapped, sealed.secret))
    connection = await asyncpg.connect(server.database_url())
    try:
        await connection.copy_records_to_table(
            "cards",
            schema_name="vault",
            records=rows,
            columns=(
                *("account_id", "id", "shelf", "is_live"),
                *("key_version", "wrapped_key", "sealed"),
            ),
        )
    finally:
        await connection.close()


async def open_cards(server):
    """How many of those cards open with the keys that the file has now."""
    envelope = Envelope(KeyRing(keys_of(server)))
    connection = await asyncpg.connect(server.database_url())
    try:
        rows = await connection.fetch(
            "select id, key_version, wrapped_key, sealed from vault.cards where account_id = $1",
            ACCOUNT,
        )
    finally:
        await connection.close()
    for row in rows:
        sealed = Sealed(WrappedKey(row["key_version"], row["wrapped_key"]), row["sealed"])
        opened = await envelope.open(sealed, account_id=ACCOUNT, card_id=row["id"])
        assert opened == _SECRET
    return len(rows)


class Payers:
    """Payments, twenty a second while they last; states are what their pages said."""

    def __init__(self, server):
        self._merchant = server.merchant()
        self._merchant.body()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.states = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(120)

    def _run(self):
        with ThreadPoolExecutor(PER_SECOND) as pool:
            due = time.monotonic()
            while not self._stopping.is_set():
                pool.submit(self._pay).add_done_callback(self._note)
                due += 1 / PER_SECOND
                time.sleep(max(0, due - time.monotonic()))

    def _note(self, done):
        self.states.append(repr(done.exception()) if done.exception() else done.result())

    def _pay(self):
        checkout = self._merchant.create(
            order={"description": "Tea"},
            customer={"person_name": "A", "person_surname": "B", "email": "a@mail.com"},
        )
        payer = Payer(checkout).open().pay(number=card(d2=1))
        for _ in range(100):
            if payer.state not in {"processing", "waiting"}:
                break
            time.sleep(0.1)
            payer.open()
        return payer.state


def rotate(server, *, killed_after=None):
    """Runs the command; killed that many seconds after its start, if so."""
    command = [sys.executable, "-m", "paydesk", "vault", "rotate", "--data", str(server.data)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PAYDESK_")}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if killed_after is not None:
        time.sleep(killed_after)
        process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=600)
    return process.returncode, said


def run(server, count, *, killed_after):
    """What came of it: the payments' states, what the commands said, cards opened, seconds."""
    asyncio.run(load_cards(server, count))
    with Payers(server) as payers:
        time.sleep(1)
        began = time.monotonic()
        first = rotate(server, killed_after=killed_after)
        second = rotate(server)
        seconds = time.monotonic() - began
        time.sleep(1)
    assert second[0] == 0, second
    retired = server.command("vault", "retire").stdout
    opened = asyncio.run(open_cards(server))
    assert opened == count
    assert list(keys_of(server)) == [2]
    return payers.states, (first, second, retired), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cards", type=int, default=100_000, help="how many cards are in stock")
    count = parser.parse_args().cards
    with tempfile.TemporaryDirectory(prefix="paydesk-rewrap-") as name:
        Path(name).chmod(0o711)
        server = Server(Path(name) / "data").start()
        try:
            states, said, seconds = run(server, count, killed_after=4)
        finally:
            server.stop()
    failed = [state for state in states if state != "paid"]
    sys.stdout.write("".join(str(part) + "\n" for part in said))
    sys.stdout.write(
        f"{count:,} cards under a new master key in {seconds:.0f} s, killed once on the way; "
        f"{len(states)} payments meanwhile, {len(failed)} failed; every card opens\n"
    )
    assert not failed, failed[:10]


if __name__ == "__main__":
    main()
