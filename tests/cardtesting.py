"""Stolen cards are tried out at many shops while honest people pay there; who gets through?

Run by `make cardtesting`: python tests/cardtesting.py [--cards N] [--addresses N] [--shops N]
[--honest N] [--seconds N]. The figures asked for, ABU-5: of 10,000 cards from 100 addresses at
20 shops at most 1 in 100 reaches the acquirer, and of 1,000 honest payers 995 pay as they would.

Nine testers in ten solve the puzzle of the page, as a hidden browser would; the others have no
script. None has the phone of a card's holder, so none passes an issuer's challenge. One honest
payer in twenty has a card declined first and takes another, one in ten has no script, and one in
five shares an address with others.
"""

import argparse
import queue
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from issuing import CardHolder
from paydesk.abuse.work import solve
from world import Server, with_check_digit

GUARDED = {
    "PAYDESK_CARD_GUARD": "all",
    # The addresses of all these people are what their requests say.
    "PAYDESK_TRUSTED_PROXIES": "127.0.0.1",
    # On a busy machine payers need the time that issuers give them.
    "PAYDESK_SANDBOX_SPEED": "1",
}
TRIES_AT_ONE_CHECKOUT = 2
PATIENCE_SECONDS = 90
TESTERS_TOGETHER = 32
WITHOUT_SCRIPT = 10  # one in so many, of testers and of honest payers
DECLINED_FIRST = 20
SHARE_AN_ADDRESS = 5
OPEN = {"open", "declined"}
CHALLENGED = {"challenge", "challenge_full"}


@dataclass
class Figures:
    """What became of everybody."""

    tried: int = 0
    reached: int = 0
    paid: int = 0
    honest: int = 0
    seconds: float = 0
    answers: Counter = field(default_factory=Counter)
    complaints: list = field(default_factory=list)
    waits: list = field(default_factory=list)

    def told(self):
        late = sorted(self.waits)[-max(1, len(self.waits) // 100)] if self.waits else 0
        return (
            f"{self.tried} cards were tried, {self.reached} reached the acquirer; "
            f"{self.paid} of {self.honest} honest payers paid, 99 in 100 within {late:.0f} s; "
            f"testers saw {dict(self.answers)}; {self.seconds:.0f} s"
        )


def tested_card(nth):
    """The nth stolen card, an empty one; by itself its issuer would not ask who pays."""
    d1, d2 = 1 + nth // 7000 % 2, "0156789"[nth // 1000 % 7]
    return with_check_digit(f"400000122{nth % 100:02}{d1}{d2}0{nth // 100 % 10}")


def honest_card(nth, *, is_declined=False):
    """The card of the nth honest payer, whose challenges pass; or an old one of theirs."""
    return with_check_digit(f"40000012{1 if is_declined else 0}{nth % 100:02}1100")


class Person(CardHolder):
    """Somebody at a page, from an address of their own, who solves its puzzle or has no script."""

    def __init__(self, checkout, address, *, solves, http):
        # Nobody runs the issuer's method frame, which is about other things.
        super().__init__(checkout, is_scripted=False, http=_From(http, address))
        self.solves = solves

    def prepared(self, **card):
        url, data = super().prepared(**card)
        if self.solves and " data-work" in self.page.text:
            told = self.http.get(f"{self.url}/work", timeout=30).json()
            if "challenge" in told:
                data["work"] = solve(told["challenge"])
        return url, data


@dataclass
class _From:
    """An HTTP client whose requests come from an address."""

    http: httpx2.Client
    address: str

    def get(self, url, **named):
        return self.http.get(url, **self._with_address(named))

    def post(self, url, **named):
        return self.http.post(url, **self._with_address(named))

    def _with_address(self, named):
        headers = {**named.pop("headers", {}), "X-Forwarded-For": self.address}
        return {**named, "headers": headers}


class Street:
    """The shops, who tests cards there and who pays there, all at once."""

    def __init__(self, server, shops, *, seed=1):
        self.server = server
        self.chance = random.Random(seed)
        self.figures = Figures()
        self.http = httpx2.Client(
            timeout=60, limits=httpx2.Limits(max_connections=256, max_keepalive_connections=256)
        )
        self.shops = [self._shop(credentials) for credentials in shops]
        self.over = threading.Event()

    def close(self):
        self.http.close()

    def attack(self, cards, addresses):
        """Threads that try the cards, from all addresses in turn, until no card is left."""
        left, free = queue.SimpleQueue(), queue.SimpleQueue()
        for nth in range(cards):
            left.put(nth)
        for nth in range(addresses):
            free.put(nth)
        together = min(addresses, TESTERS_TOGETHER)
        return [
            threading.Thread(target=self._test_cards, args=(left, free)) for _ in range(together)
        ]

    def visit(self, honest, *, together):
        """Threads in which so many honest people pay."""
        left = queue.SimpleQueue()
        for nth in range(honest):
            left.put(nth)
        return [threading.Thread(target=self._be_honest, args=(left,)) for _ in range(together)]

    def _shop(self, credentials):
        auth = (credentials["api_key"], credentials["api_secret"])
        body = {
            "mode": "one-off",
            "amount": "120.00",
            "currency": "ZAR",
            "order": {"reference": "ORD0045", "description": "A gift card"},
            "redirects": {
                "success_url": "https://shop.example/paid",
                "cancel_url": "https://shop.example/cart",
                "notify_url": "https://shop.example/hook",
            },
        }

        def create(nth):
            customer = {
                "reference": f"CLN{nth}",
                "person_name": "Jo",
                "person_surname": "Doe",
                "email": f"payer{nth}@mail.example",
            }
            answer = self.http.post(
                f"{self.server.base_url}/checkout/page",
                json={**body, "customer": customer},
                auth=auth,
            )
            return answer.json()["result"]

        return create

    def _test_cards(self, left, free):
        while not self.over.is_set():
            nth = free.get()
            try:
                self._test_some(left, nth)
            except queue.Empty:
                return
            except Exception as fault:  # noqa: BLE001 (a thread's fault must reach the test)
                self.figures.complaints.append(f"tester: {type(fault).__name__}: {fault}")
            finally:
                free.put(nth)

    def _test_some(self, left, nth):
        """Tries the next cards at a new checkout of one of the shops, from the nth address."""
        card = left.get_nowait()
        create = self.chance.choice(self.shops)
        solves = nth % WITHOUT_SCRIPT != 0
        person = Person(create(f"T{card}"), f"198.18.{nth}.7", solves=solves, http=self.http).open()
        for further in range(TRIES_AT_ONE_CHECKOUT):
            card = left.get_nowait() if further else card
            person.pay(number=tested_card(card), name="C Tester")
            self.figures.tried += 1
            self.figures.answers[person.state] += 1
            if person.state not in OPEN:
                return

    def _be_honest(self, left):
        while not self.over.is_set():
            try:
                nth = left.get_nowait()
            except queue.Empty:
                return
            try:
                self._pay_honestly(nth)
            except Exception as fault:  # noqa: BLE001
                self.figures.complaints.append(f"payer {nth}: {type(fault).__name__}: {fault}")

    def _pay_honestly(self, nth):
        shares = nth % SHARE_AN_ADDRESS == 0
        address = (
            f"198.19.0.{nth % 4 + 1}" if shares else f"198.19.{nth // 250 + 1}.{nth % 250 + 1}"
        )
        create = self.shops[nth % len(self.shops)]
        person = Person(
            create(f"H{nth}"), address, solves=nth % WITHOUT_SCRIPT != 3, http=self.http
        ).open()
        begun = time.monotonic()
        if nth % DECLINED_FIRST == 7:
            self._pay_with(person, honest_card(nth, is_declined=True))
        self._pay_with(person, honest_card(nth))
        self.figures.waits.append(time.monotonic() - begun)
        self.figures.honest += 1
        if person.state == "paid":
            self.figures.paid += 1
        else:
            self.figures.complaints.append(f"payer {nth} was shown {person.state}")

    def _pay_with(self, person, number):
        """Pays as a person does: comes back if asked to, and does what the bank asks."""
        person.pay(number=number)
        for _ in range(3):
            if person.page.status_code != 429:
                break
            time.sleep(10)
            person.open().pay(number=number)
        if person.state in CHALLENGED:
            person.come_back(person.submit(person.open_challenge()))
        person.settled(seconds=PATIENCE_SECONDS)


def run(server, *, cards, addresses, shops, honest, seconds, together=8):
    """Has it happen, for so many seconds at most: the figures."""
    made = [server.new_merchant(f"Shop {nth}")["test"] for nth in range(shops)]
    street = Street(server, made)
    asked_before = len(server.acquirer_log())
    testers, payers = street.attack(cards, addresses), street.visit(honest, together=together)
    begun = time.monotonic()
    try:
        for thread in [*testers, *payers]:
            thread.daemon = True
            thread.start()
        for thread in [*testers, *payers]:
            thread.join(max(0.1, seconds - (time.monotonic() - begun)))
        street.over.set()
        for thread in [*testers, *payers]:
            thread.join(60)
        figures = street.figures
        figures.seconds = time.monotonic() - begun
        figures.reached = reached(server, asked_before)
        return figures
    finally:
        street.over.set()
        street.close()


def reached(server, asked_before):
    """How many authorisations the acquirer was asked for with a stolen card."""
    lines = server.acquirer_log()[asked_before:]
    return sum(line.get("reason") == "insufficient_funds" for line in lines)


def main():
    parser = argparse.ArgumentParser()
    for name, default in (
        ("cards", 10_000), ("addresses", 100), ("shops", 20), ("honest", 1000), ("seconds", 1500),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paydesk-cardtesting-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data", settings=GUARDED).start()
        try:
            figures = run(server, **vars(given))
        finally:
            server.stop()
    sys.stdout.write("\n".join([figures.told(), *figures.complaints[:20]]) + "\n")
    is_good = figures.reached * 100 <= figures.tried and figures.paid * 1000 >= given.honest * 995
    sys.exit(0 if is_good and figures.tried == given.cards else 1)


if __name__ == "__main__":
    main()
