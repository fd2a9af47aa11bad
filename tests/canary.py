"""Looks for card numbers and security codes where they must never be, after many payments.

Run by `make canary`: python tests/canary.py [--payments N]
It pays with a number of its own each time, makes a backup, and then reads every file of the data
folder, the database's and its log among them, the backup, and what was left in the system's
temporary folder meanwhile. It fails with every place where a number stands in clear, in any of
several spellings, or a security code beside a name for one.
"""

import argparse
import base64
import random
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import httpx2
from rich.progress import track

from world import Payer, Server, with_check_digit

AT_ONCE = 8
# A code is three or four digits, which are everywhere: it counts where it is called one.
_CODE = re.compile(
    rb"(?:cvv|cvc|cvv2|csc|card_security_code|security[ _-]?code)"
    rb"[\"'\s:=>\\\x00-\x1f]{1,12}(\d{3,4})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# What must be found, or nothing was read: each payment's order reference is in the database.
_CONTROL = b"CANARY-CONTROL-"


@dataclass
class Found:
    """What a search came upon: its places, and how much was read."""

    hits: list = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    controls: int = 0


def numbers(count):
    """Distinct cards of the sandbox whose payments end at once: paid, or declined."""
    digits = product(("40000012", "52000012"), "012", "0123456789", "01234", "01", range(10))
    made = (
        with_check_digit(f"{prefix}{f1}{f2}{f3}1{d2}0{d4}") for prefix, f1, f2, f3, d2, d4 in digits
    )
    shuffled = list(made)
    random.Random(count).shuffle(shuffled)
    assert count <= len(shuffled), f"there are {len(shuffled)} cards"
    return shuffled[:count]


def spellings(number):
    """The number as it may stand in a file."""
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    for text in (number, " ".join(groups), "-".join(groups), "+".join(groups), "%20".join(groups)):
        yield text.encode()
        yield text.encode("utf-16-le")
    raw = number.encode()
    yield raw.hex().encode()
    # In base64 the same bytes look three ways, by where they begin.
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw)
        yield whole[(0, 2, 3)[offset] : len(whole) - 4]


class Search:
    """Finds any of many numbers in one pass over a file.

    A number is looked up only where something begins that could be one: with each spelling's
    first six bytes, of which all these cards share a few.
    """

    def __init__(self, cards):
        self._by_head = {}
        for number in cards:
            for spelling in spellings(number):
                self._by_head.setdefault(spelling[:6], []).append(spelling)
        self._by_head = {head: frozenset(found) for head, found in self._by_head.items()}
        heads = b"|".join(re.escape(head) for head in sorted(self._by_head))
        self._heads = re.compile(b"(?=(" + heads + b"))")
        self._lengths = {
            head: sorted({len(one) for one in found}) for head, found in self._by_head.items()
        }

    def look_at(self, path, found):
        try:
            content = path.read_bytes()
        except OSError:  # a file of the database that has gone meanwhile
            return
        found.files += 1
        found.bytes += len(content)
        found.controls += content.count(_CONTROL)
        for match in self._heads.finditer(content):
            head, at = match[1], match.start()
            for length in self._lengths[head]:
                if content[at : at + length] in self._by_head[head]:
                    found.hits.append(f"{path}: a card number at byte {at}")
        for match in _CODE.finditer(content):
            found.hits.append(f"{path}: a security code at byte {match.start()}")


def search(cards, places, *, since=0.0):
    """What is found of these cards below these places, in files changed since then."""
    looking, found = Search(cards), Found()
    paths = [
        path
        for place in places
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    for path in track(paths, "Reading …", disable=not sys.stdout.isatty()):
        if path.exists() and path.stat().st_mtime >= since:
            looking.look_at(path, found)
    return found


def pay(merchant, number, code):
    """One payment; what the page says afterwards."""
    checkout = merchant.create(
        order={"reference": f"{_CONTROL.decode()}{number[-6:]}", "description": "Canary"},
        customer={"person_name": "A", "person_surname": "B", "email": "a@mail.com"},
    )
    payer = Payer(checkout).open()
    return payer.pay(number=number, code=code, name=f"Canary {number[-4:]}").state


def pay_all(server, cards):
    """Pays with each; codes are of three digits, as these brands have them."""
    merchant = server.merchant()
    merchant.lookup("currency", "ZAR"), merchant.body()
    chance = random.Random(len(cards))
    codes = [f"{chance.randrange(1000):03d}" for _ in cards]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        work = pool.map(lambda pair: _patient(merchant, *pair), zip(cards, codes, strict=True))
        states = list(track(work, "Paying …", total=len(cards), disable=not sys.stdout.isatty()))
    assert set(states) <= {"paid", "declined"}, set(states)
    return states


def _patient(merchant, number, code):
    for _ in range(5):
        try:
            return pay(merchant, number, code)
        except httpx2.TransportError:
            time.sleep(0.5)
    raise AssertionError("no answer for too long")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, default=5000, help="how many cards to pay with")
    count = parser.parse_args().payments
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="paydesk-canary-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        found, states = examine(folder, count, since=began)
    sys.stdout.write(
        f"{count} payments ({states.count('paid')} paid, {states.count('declined')} declined)\n"
        f"{found.files:,} files and {found.bytes:,} bytes read, {found.controls:,} controls found\n"
    )
    if found.hits:
        sys.stdout.write("\n".join(found.hits[:50]) + "\n")
        sys.exit(f"{len(found.hits)} hits")
    sys.stdout.write("0 card numbers, 0 security codes\n")


def examine(folder, count, *, since, plant=None):
    """Pays, backs up, searches while the server runs and once more when it has stopped."""
    cards = numbers(count)
    server = Server(folder / "data", settings={"PAYDESK_LOG_LEVEL": "debug"}).start()
    try:
        states = pay_all(server, cards)
        server.command("backup", str(folder / "backup"), "--keys", str(folder / "keys"))
        if plant is not None:
            plant(server, cards)
    finally:
        server.stop()
    places = [folder, *_elsewhere(folder)]
    found = search(cards, places)
    temporary = search(cards, [Path(tempfile.gettempdir())], since=since)
    found.hits += [hit for hit in temporary.hits if str(folder) not in hit]
    assert found.files > 500, "a whole database was read"
    assert found.controls >= count, "what must be there was found"
    return found, states


def _elsewhere(folder):
    """Where the database lives, where it can't live in the folder."""
    pointer = folder / "data" / "postgres"
    return [Path(pointer.read_text().strip())] if pointer.is_file() else []


if __name__ == "__main__":
    main()
