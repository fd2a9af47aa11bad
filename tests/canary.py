"""Pays with thousands of marked cards and searches everything left on the disk for them.

Run by `make canary`: python tests/canary.py [--payments N] [--calls N] [--seals N]
It ends with what it read, and fails with every trace it finds, or when it could have found none.
"""

import argparse
import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

import planted
from paydesk.db.postgres_home import find_home, remove_home
from paydesk.db.postgres_programs import find_programs
from paydesk.vault.envelope import Envelope
from paydesk.vault.master_keys import KeyRing
from traces import Scan
from world import Payer, Server, eventually, with_check_digit

PEOPLE = 6
CONTROL = "CONTROL-7Q4M"  # stands in every order, so a search that works meets it


def main():
    options = _options()
    console = Console()
    console.print(f"Paying {options.payments:,} times …")
    faults = []
    with Progress(console=console) as progress:
        bar = progress.add_task("payments", total=options.payments)
        scan, states = run(options.payments, paid=lambda: progress.advance(bar), progress=progress)
    faults += scan.faults()
    console.print(f"{sum(states.values()):,} payments: {dict(states)}")
    console.print(f"{scan.files:,} files, {scan.bytes / 2**20:,.0f} MiB read")
    console.print(f"controls found: {dict(scan.controls_seen)}; traces: {len(scan.traces)}")
    for trace in scan.traces[:20]:
        console.print(str(trace), markup=False)

    leaks = planted.leaks(options.calls, seed=options.seed)
    masked = planted.ids_masked(options.calls)
    console.print(
        f"{options.calls:,} log calls: {len(leaks)} leaks; {masked} lines with our ids changed"
    )
    faults += [f"leaked by a log call: {entry!r}" for entry, _ in leaks[:10]]
    if masked > options.calls / 1000:
        faults.append(f"{masked} of {options.calls} of our own ids were masked")

    repeated = repeated_nonces(options.seals)
    console.print(f"{options.seals:,} cards sealed: {repeated} nonces repeated")
    faults += [f"{repeated} nonces repeated"] if repeated else []
    for fault in faults:
        console.print(fault, markup=False)
    sys.exit(bool(faults))


def run(payments, *, seed="1", paid=lambda: None, progress=None):
    """Pays, backs up, aborts the vault, stops everything; then the search and the outcomes."""
    chance = random.Random(seed)
    cards = marked_cards(payments, chance)
    with tempfile.TemporaryDirectory(prefix="paydesk-canary-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        temporary = folder / "tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        # What any program of ours puts aside is searched with the rest.
        server = Server(folder / "data", settings={"TMPDIR": str(temporary)}).start()
        try:
            states = _pay_all(server, cards, paid)
            dump = folder / "backup.dump"
            server.command("backup", str(dump), "--keys", str(folder / "backup.keys"))
            _abort_vault(server)
            home = find_home(server.data)
            server.stop()
            scan = _scan(folder, home, dump, cards, progress)
        finally:
            if server.process.poll() is None:
                server.stop()
            remove_home(server.data)
    return scan, states


def marked_cards(count, chance):
    """So many cards, no two with the same number or name: (number, name, code)."""
    digits = [
        f"{prefix}{f1}{f2}{f3}1{d2}0{d4}"
        for prefix, f1, f2, f3, d2, d4 in product(
            ("40000012", "52000012"), range(3), range(10), range(5), range(2), range(10)
        )
    ]
    assert count <= len(digits), f"at most {len(digits)} marked cards"
    letters = "BCDFGHJKLMNPQRSTVWXZ"
    return [
        (
            with_check_digit(number),
            f"Z{''.join(chance.choice(letters) for _ in range(11))} Canary",
            f"{chance.randint(100, 999)}",
        )
        for number in chance.sample(digits, count)
    ]


def repeated_nonces(count):
    """How often a nonce came again under the master key, or a card's key or its nonce at all."""
    return asyncio.run(_repeated_nonces(count))


async def _repeated_nonces(count):
    envelope = Envelope(KeyRing({1: secrets.token_bytes(32)}))
    wrapping, sealing = set(), set()
    for number in range(count):
        card = await envelope.seal(b"4242", account_id=7, card_id=f"crd_{number}")
        # A version byte, then the nonce: kit/sealing.py.
        wrapping.add(card.key.wrapped[1:13])
        sealing.add(card.secret[1:13])
    return 2 * count - len(wrapping) - len(sealing)


def _pay_all(server, cards, paid):
    merchant = server.merchant()
    body = merchant.body()
    body["order"]["reference"] = CONTROL
    waiting, states, faults = iter(cards), Counter(), []
    lock = threading.Lock()

    def pay():
        try:
            while True:
                with lock:
                    card = next(waiting, None)
                if card is None:
                    return
                number, name, code = card
                payer = Payer(merchant.paydesk.checkouts.create(**body)).open()
                payer.pay(number=number, name=name, code=code)
                with lock:
                    states[payer.state] += 1
                    paid()
        except Exception as fault:  # noqa: BLE001 (a thread's fault must reach the caller)
            faults.append(fault)

    people = [threading.Thread(target=pay) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    if faults:
        raise faults[0]
    assert states["paid"] > len(cards) / 20, states
    return states


def _abort_vault(server):
    """Ends the vault as a crash would that leaves a core file where it is allowed to."""
    (pid,) = server.children()["vault"]
    os.kill(pid, signal.SIGABRT)
    eventually(lambda: server.children().get("vault", [pid]) != [pid])
    eventually(server.is_ready)


def _scan(folder, home, dump, cards, progress):
    scan = Scan(
        frozenset(number for number, _, _ in cards),
        frozenset(name.split()[0] for _, name, _ in cards),
        controls=(CONTROL,),
    )
    roots = [folder] if home.folder.is_relative_to(folder) else [folder, home.folder]
    paths = [path for root in roots for path in root.rglob("*") if path.is_file()]
    # Where core files go when nothing else is said: the folder a program was started in.
    paths += [path for path in Path.cwd().glob("core*") if path.is_file()]
    bar = progress.add_task("searching", total=len(paths)) if progress else None
    for path in paths:
        scan.read_file(path)
        if progress:
            progress.advance(bar)
    for kind in ("base", "pg_wal"):
        assert any(f"/{kind}/" in str(path) for path in paths), f"no files of {kind}"
    in_files = scan.seen(CONTROL)
    _scan_dump(scan, dump)
    assert scan.seen(CONTROL) > in_files > 0, "the control is in the files and in the backup"
    return scan


def _scan_dump(scan, dump):
    """A backup is compressed: what is searched is what it restores to."""
    restore = find_programs("auto").folder / "pg_restore"
    with subprocess.Popen([restore, "--file", "-", dump], stdout=subprocess.PIPE) as program:
        scan.read_stream(f"{dump} (unpacked)", program.stdout)
    assert program.returncode == 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, default=5000)
    parser.add_argument("--calls", type=int, default=100_000, help="log calls with secrets in them")
    parser.add_argument("--seals", type=int, default=1_000_000, help="cards sealed in memory")
    parser.add_argument("--seed", default="1")
    return parser.parse_args()


if __name__ == "__main__":
    main()
