"""Payers and their merchant under way while programs die: each goes on as a person would.

Whoever gets no answer, or "try again", tries again: the merchant under the same Idempotency-Key,
the payer by loading the page anew.
"""

import random
import threading
import time
import uuid

import httpx2

from world import Payer, card

# Mostly good cards, and some for each of the acquirer's bad manners.
# (f1 and f2 for the payment, f3 for a refund of it: declined, answer lost, never arrived.)
CARDS = [*[card(f3=n) for n in range(8)], *[card(f1=n) for n in (1, 3, 4, 6, 8)], card(6, 1)]
REFUND_EVERY = 2
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
                if len(self.made) % REFUND_EVERY == 0:
                    self._refund(checkout, chance)
            except Exception as fault:  # noqa: BLE001 (a thread's fault must reach the test)
                self.complaints.append(f"{type(fault).__name__}: {fault}")
                return

    def _create(self):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        credentials = self._merchant.credentials

        def ask():
            return httpx2.post(
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

    def _refund(self, checkout, chance):
        """Gives a part of it back, if it was paid, and insists under one key."""
        credentials = self._merchant.credentials
        caller = {"auth": (credentials["api_key"], credentials["api_secret"]), "timeout": 20}
        page = f"{self._server.base_url}/checkout/page/{checkout['id']}"
        answer = self._insist(lambda: httpx2.get(page, **caller), patient_with={503})
        shown = answer.json()["result"]
        if shown["status"] != "completed":
            return
        refund = f"{self._server.base_url}/transactions/{shown['transaction_id']}/refund"
        body = {"amount": f"{chance.randint(1, 1200)}.00"}
        headers = {"Idempotency-Key": str(uuid.uuid4())}

        def ask():
            answer = httpx2.post(refund, json=body, headers=headers, **caller)
            # A no of the acquirer's is an answer; one that is still to come is asked for again.
            if answer.status_code == 409 and "modification_declined" in answer.text:
                answer.status_code = 200
            return answer

        self._insist(ask, patient_with={409, 503})

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
        except httpx2.TransportError:  # the program died, or is being started
            return None

    def _note(self, answer):
        # A vault that stays away for longer than a payer waits is told on the form itself.
        is_told = answer is not None and answer.status_code == 422 and VAULT_AWAY in answer.text
        if answer is not None and answer.status_code not in {200, 503} and not is_told:
            self.complaints.append(f"paying answered {answer.status_code}")
