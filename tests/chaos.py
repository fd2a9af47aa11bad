"""Kills programs at random under load, for as long as asked, and judges what is left.

Run by `make chaos`: python tests/chaos.py [--kills N] [--seconds N] [--people N] [--seed TEXT]
It ends with the number of payments and kills, and fails with every broken invariant.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import oracle
from crowd import Crowd
from world import Receiver, Server, eventually

# Questions are asked often enough to outlast every restart of the one who is asked.
SETTINGS = {"PAYDESK_INQUIRY_SECONDS": ",".join("1" * 60), "PAYDESK_WEBHOOK_RETRY_SECONDS": "1,2,4"}
VICTIMS = ["web", "worker", "threeds", "post", "vault", "sandbox", "postgres"]
# One in so many kills is of serve itself.
SERVE_EVERY = 8
CALM_SECONDS = 120


def main():
    options = _options()
    chance = random.Random(options.seed)
    receiver = Receiver()
    with tempfile.TemporaryDirectory(prefix="paydesk-chaos-") as folder:
        server = Server(Path(folder) / "data", settings=SETTINGS).start()
        try:
            killed, crowd = _disturb(server, receiver, options, chance)
            calm_at = time.monotonic()
            books = oracle.assert_all_is_well(server, receiver, seconds=CALM_SECONDS)
            assert crowd.complaints == [], crowd.complaints
            assert {row["id"] for row in books.checkouts} == {made["id"] for made in crowd.made}
            _tell(killed, crowd, books, receiver, time.monotonic() - calm_at)
        finally:
            server.stop()
            receiver.close()


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how many programs to kill")
    parser.add_argument("--seconds", type=int, default=480, help="stop killing after so long")
    parser.add_argument("--people", type=int, default=8, help="how many pay at once")
    parser.add_argument("--seed", default="1", help="another text, other victims")
    return parser.parse_args()


def _disturb(server, receiver, options, chance):
    """Kills while the crowd pays; what was killed, and the crowd."""
    killed = Counter()
    deadline = time.monotonic() + options.seconds
    with Crowd(
        server, server.merchant(), receiver, people=options.people, seed=options.seed
    ) as crowd:
        while killed.total() < options.kills and time.monotonic() < deadline:
            time.sleep(chance.uniform(0.5, 4))
            killed[_kill_one(server, chance, killed.total() + 1)] += 1
        eventually(server.is_ready, seconds=30)
        time.sleep(1)
    return killed, crowd


def _kill_one(server, chance, number):
    if number % SERVE_EVERY == 0:
        server.kill()
        server.start(seconds=15)
        return "serve"
    victim = chance.choice(VICTIMS)
    pids = eventually(lambda: server.children().get(victim), seconds=15)
    os.kill(chance.choice(pids), signal.SIGKILL)
    return victim


def _tell(killed, crowd, books, receiver, seconds):
    states = Counter(row["state"] for row in books.transactions)
    heard = len(receiver.got)
    twice = heard - len({one.headers["webhook-id"] for one in receiver.got})
    sys.stdout.write(
        f"{killed.total()} kills: {dict(killed)}\n"
        f"{len(crowd.made)} checkouts, {len(books.transactions)} attempts: {dict(states)}\n"
        f"{len(books.events)} events, heard {heard} times, {twice} of them again\n"
        f"quiet {seconds:.0f} s after the last payer left; nothing lost, nothing taken twice\n"
    )


if __name__ == "__main__":
    main()
