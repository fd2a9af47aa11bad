"""Delivers many webhooks; all who verify them are asked about each, as sent and with a bit changed.

Run by `make verified`: python tests/verified.py [--events N]
Asked are the library of Standard Webhooks itself and the sample receivers whose language is there.
It prints how many each took, and fails where one refused a webhook, or took one that was changed.
Source: reliability paper, WHK-1 and WHK-2: 10,000 of 10,000; one flipped bit never verifies.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

from deliveries import own_programs, until
from ears import headers, listen
from outgoing import append
from paydesk.app import open_desk
from samples import COMMANDS, Sample, flipped
from world import free_port

RECEIVERS = 20
# Who verifies refuses what is older than five minutes, so few are delivered before they are asked.
_TOGETHER = 250
_SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass
class Count:
    """How many webhooks one who verifies took: as they came, with a changed body or header."""

    as_sent: int = 0
    changed: int = 0


async def verify(programs, events, *, seed="1"):
    """Delivers so many events and asks about each: what they took, by name, and the ids heard."""
    chance, counts, ids = random.Random(seed), defaultdict(Count), set()
    desk = await open_desk(programs.settings, connections_max=4)
    worker = programs.start_worker(PAYDESK_WEBHOOK_ALLOW_LOOPBACK="1")
    with _verifiers(programs.issued.webhook_secret) as verifiers:
        for first in range(0, events, _TOGETHER):
            requests = await _delivered(desk, min(_TOGETHER, events - first))
            ids.update(head["webhook-id"] for head, _ in requests)
            _ask(verifiers, requests, chance, counts)
    worker.terminate()
    worker.wait()
    await desk.close()
    return counts, ids


async def _delivered(desk, events):
    """Head and body of each request that came of so many events."""
    requests, heard = [], Counter()

    def took(head, body):
        requests.append((headers(head), body))
        heard["requests"] += 1

    async with AsyncExitStack() as servers:
        urls = [await listen(servers, took) for _ in range(RECEIVERS)]
        for number in range(events):
            await append(desk, urls[number % RECEIVERS])
        await until(lambda: len(requests) >= events, or_quiet=heard)
    return requests


def _ask(verifiers, requests, chance, counts):
    changed = [_flip(head, body, chance) for head, body in requests]
    for name, takes in verifiers.items():
        counts[name].as_sent += sum(takes(head, body) for head, body in requests)
        counts[name].changed += sum(takes(head, body) for head, body in changed)


def _flip(head, body, chance):
    """The webhook with one bit changed, somewhere in what is signed or in the signature."""
    name = chance.choice(["body", *_SIGNED])
    if name == "body":
        place, altered = chance.randrange(8 * len(body)), bytearray(body)
        altered[place // 8] ^= 1 << place % 8
        return head, bytes(altered)
    # Two bits of base64's last letter say nothing: the standard's library takes them either way.
    kept = 2 if name == "webhook-signature" else 0
    text = head[name]
    made = flipped({name: text[: len(text) - kept]}, name, chance)[name] + text[len(text) - kept :]
    return {**head, name: made}, body


@contextmanager
def _verifiers(secret):
    official = Webhook(secret)

    def verifies(head, body):
        try:
            official.verify(body, head)
        except (WebhookVerificationError, ValueError):
            return False
        return True

    samples = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = {"standardwebhooks": verifies}
            for language, (program, command) in COMMANDS.items():
                if shutil.which(program) is None:
                    continue
                port = free_port()
                samples.append(Sample(command(port), secret, port, Path(folder, language), ""))
                found[language] = _asking(samples[-1])
            yield found
        finally:
            for sample in samples:
                sample.stop()


def _asking(sample):
    def takes(head, body):
        status = sample.post(body, {name: head[name] for name in _SIGNED})
        assert status in {204, 400}, status
        return status == 204

    return takes


def faults(counts, events):
    return [
        f"{name} took {count.as_sent} of {events}, and {count.changed} that were changed"
        for name, count in counts.items()
        if (count.as_sent, count.changed) != (events, 0)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", default="1", help="another text, other bits")
    options = parser.parse_args()
    with own_programs() as programs:
        counts, ids = asyncio.run(verify(programs, options.events, seed=options.seed))
    told = "; ".join(
        f"{name} took {count.as_sent}, of changed ones {count.changed}"
        for name, count in counts.items()
    )
    sys.stdout.write(f"{options.events} events, {len(ids)} webhooks: {told}\n")
    sys.exit("\n".join(faults(counts, options.events)) or 0)


if __name__ == "__main__":
    main()
