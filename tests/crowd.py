"""Payers and their merchant under way while programs die: each goes on as a person would.

Whoever gets no answer, or "try again", tries again: the merchant under the same Idempotency-Key,
the payer by loading the page anew.
"""

import random
import threading
import time
import uuid

import httpx

from world import Payer, card

# Mostly good cards, and some for each of the acquirer's bad manners.
CARDS = [*[card(f3=n) for n in range(8)], *[card(f1=n) for n in (1, 3, 4, 6, 8)], card(6, 1)]
# What a payer may be shown, and whether there is something left to do.
CAN_PAY = {"open", "declined"}
WAITS = {"processing", "waiting"}
OVER = {"paid", "failed", "cancelled", "expired"}
PATIENCE_SECONDS = 90
VAULT_AWAY = "be taken at this moment. You have not been charged."


class Crowd:
    """People who make and pay checkouts until told to stop. `complaints` are what none may see."""

    def __init__(self, server, merchant, receiver, *, people=6, seed=1):
        self._server, self._merchant, self._receiver = server, merchant, receiver
        self._stopping = threading.Event()
        self.made = []
        self.complaints = []
        self._people = [
            threading.Thread(target=self._live, args=(random.Random(f"{seed}/{n}"),))
            for n in range(people)
        ]

    def __enter__(self):
        # The lookups are read once, by one.
        self._body = self._merchant.body(self._receiver.url)
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for person in self._people:
            person.join(PATIENCE_SECONDS)
            assert not person.is_alive(), "somebody still waits"

    def _live(self, chance):
        while not self._stopping.is_set():
            try:
                checkout = self._create()
                self.made.append(checkout)
                self._pay(checkout, chance)
            except Exception as fault:  # noqa: BLE001 (a thread's fault must reach the test)
                self.complaints.append(f"{type(fault).__name__}: {fault}")
                return

    def _create(self):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        credentials = self._merchant.credentials

        def ask():
            return httpx.post(
                f"{self._server.base_url}/checkout/page",
                json=self._body,
                headers=headers,
                auth=(credentials["api_key"], credentials["api_secret"]),
                timeout=20,
            )

        # A duplicate whose first is still under way is told 409 for a moment.
        answer = self._insist(ask, patient_with={409, 503})
        return answer.json()["result"]

    def _pay(self, checkout, chance):
        payer = Payer(checkout)
        for _ in range(3):
            state = self._state(payer)
            if state not in CAN_PAY:
                return
            url, data = payer.prepared(number=chance.choice(CARDS))
            self._note(self._answer(lambda: payer.post(url, data)))  # noqa: B023

    def _state(self, payer):
        self._insist(lambda: payer.open().page, patient_with={503})
        if payer.state not in CAN_PAY | WAITS | OVER:
            self.complaints.append(f"a payer was shown {payer.state}")
        return payer.state

    def _insist(self, ask, *, patient_with):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._answer(ask)
            if answer is not None and answer.status_code == 200:
                return answer
            if answer is not None and answer.status_code not in patient_with:
                raise AssertionError(f"{answer.status_code}: {answer.text[:200]}")
            assert time.monotonic() < deadline, "no answer for too long"
            time.sleep(0.2)

    def _answer(self, ask):
        try:
            return ask()
        except httpx.TransportError:  # the program died, or is being started
            return None

    def _note(self, answer):
        # A vault that stays away for longer than a payer waits is told on the form itself.
        is_told = answer is not None and answer.status_code == 422 and VAULT_AWAY in answer.text
        if answer is not None and answer.status_code not in {200, 503} and not is_told:
            self.complaints.append(f"paying answered {answer.status_code}")
