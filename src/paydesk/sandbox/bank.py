"""How the sandbox bank decides, what it remembers, and whom it tells.

Its log is the independent record of what happened to the money: a line is written at the moment
of a decision, before any answer leaves, and it is what the bank is rebuilt from after a kill.
"""

import asyncio
import hmac
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from paydesk.sandbox.journal import Journal
from paydesk.sandbox.payments import (
    MOVES,
    Course,
    Credit,
    Payment,
    Refund,
    State,
    course_of,
    now_seconds,
    payment_of,
)

_LATER_SECONDS = 30.0  # hours at a bank; a person who tries it does not wait for hours
_NOTIFY_SECONDS = 5.0
_NOTIFY_AGAIN_SECONDS = (1.0, 5.0, 30.0, 120.0)
_COURSE_STEPS = {Course.APPROVED: "approve", Course.REFUSED: "refuse", Course.LATER: "later"}


class Conflict(Exception):
    """A reference was used before, for something else."""


class Bank:
    """The bank's memory and deeds. What a reference asks for is done once at most.

    Units: speed is a factor on every delay; now gives Unix time in seconds.
    """

    def __init__(
        self, log_path: Path, *, key: bytes, speed: float, now: Callable[[], int] = now_seconds
    ) -> None:
        self._speed, self._key, self._now = speed, key, now
        self._log = Journal(log_path)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_NOTIFY_SECONDS))
        self._payments: dict[str, Payment] = {}
        self._references: dict[str, str] = {}  # by token
        self._states: dict[str, State] = {}
        self._credits: dict[str, Credit] = {}
        self._refunds: dict[str, tuple[Refund, str]] = {}
        self._fenced_refunds: set[str] = set()
        self._untold: dict[str, tuple[str, str]] = {}  # what to say and where, by id
        self._tasks: set[asyncio.Task[None]] = set()

    def restore(self) -> None:
        """Remembers what the log says; waiting and telling begin anew."""
        for line in self._log.entries():
            self._recall(line["event"], line)
        for reference, state in self._states.items():
            if state is State.WAITING:
                self._start(self._pay_later(reference))
        for id_, (reference, url) in list(self._untold.items()):
            self._start(self._tell(id_, reference, url))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        self._log.close()

    def ask(self, payment: Payment) -> Mapping[str, Any] | None:
        """The payment as it stands, taken on at the first call; None where the answer is lost.

        A reference that was cancelled before it was asked for stays cancelled.

        Raises: Conflict.
        """
        known = self._payments.get(payment.reference)
        if known is not None:
            if known.asked() != payment.asked():
                raise Conflict
            return self.inquire(payment.reference)
        course = course_of(payment.amount)
        if course is Course.NEVER_TAKEN:
            return None
        self._write("ask", asdict(payment))
        if step := _COURSE_STEPS.get(course):
            self.move(payment.reference, step)
        return None if course is Course.ANSWER_LOST else self.inquire(payment.reference)

    def inquire(self, reference: str) -> Mapping[str, Any] | None:
        """How the payment stands, or None where nothing is known of the reference."""
        state = self._states.get(reference)
        if state is None:
            return None
        payment = self._payments.get(reference)
        if payment and state is State.OPEN and self._now() >= payment.expires_at:
            state = self.move(reference, "expire")
        return {
            "result": state.value,
            "reference": reference,
            "id": payment.id if payment else None,
            "amount": payment.amount if payment else None,
            "currency": payment.currency if payment else None,
            "page": f"/pay/{payment.token}" if payment else None,
        }

    def cancel(self, reference: str) -> Mapping[str, Any] | None:
        """How the payment stands after the try to end it: only an open one ends by it.

        A reference nobody asked for yet is fenced: it never can be paid any more.
        """
        if reference not in self._states:
            self._write("fence", {"reference": reference})
        elif self.inquire(reference):
            self.move(reference, "cancel")
        return self.inquire(reference)

    def find(self, token: str) -> Payment | None:
        """The payment whose page has this token."""
        return self._payments.get(self._references.get(token, ""))

    def move(self, reference: str, step: str) -> State:
        """The state after the step; one that is not possible changes nothing."""
        before = self._states[reference]
        after = MOVES.get((before, step))
        if after is None:
            return before
        self._write("move", {"reference": reference, "step": step, "state": after.value})
        if after is State.WAITING:
            self._start(self._pay_later(reference))
        else:
            payment = self._payments[reference]
            self._start(self._tell(payment.id, reference, payment.notify_url))
        return after

    def receive(self, credit: Credit) -> Mapping[str, Any]:
        """Books money that came by hand, and tells its receiver."""
        self._write("credit", asdict(credit))
        self._start(self._tell(credit.id, credit.reference, credit.notify_url))
        return _shown(credit)

    def credits(self, reference: str) -> list[Mapping[str, Any]]:
        """All money that came by hand under this reference, oldest first."""
        return [_shown(one) for one in self._credits.values() if one.reference == reference]

    def statement(self, after: str, *, count: int) -> Mapping[str, Any]:
        """What came by hand after the sum of this id, or from the first on, oldest first."""
        listed = list(self._credits)
        start = listed.index(after) + 1 if after in self._credits else 0
        page = listed[start : start + count]
        return {
            "credits": [_shown(self._credits[id_]) for id_ in page],
            "next": page[-1] if page else after,
            "has_more": start + count < len(listed),
        }

    def refund(self, refund: Refund) -> Mapping[str, Any]:
        """The refund's outcome; it is refused where more would go back than came.

        Raises: Conflict.
        """
        if refund.reference in self._fenced_refunds:
            return _never(refund.reference)
        if known := self._refunds.get(refund.reference):
            before = known[0]
            if (before.of, before.amount, before.currency) != (
                refund.of,
                refund.amount,
                refund.currency,
            ):
                raise Conflict
        else:
            result = "done" if self._can_refund(refund) else "refused"
            self._write("refund", {**asdict(refund), "result": result})
        return self._refund_shown(refund.reference)

    def refund_of(self, reference: str) -> Mapping[str, Any] | None:
        """The refund's outcome, or None where nothing is known of the reference."""
        if reference in self._fenced_refunds:
            return _never(reference)
        return self._refund_shown(reference) if reference in self._refunds else None

    def cancel_refund(self, reference: str) -> Mapping[str, Any]:
        """The refund's outcome; one nobody asked for yet never will be given any more."""
        known = self.refund_of(reference)
        if known is None:
            self._write("fence_refund", {"reference": reference})
        return known or _never(reference)

    def _refund_shown(self, reference: str) -> Mapping[str, Any]:
        refund, result = self._refunds[reference]
        return {**asdict(refund), "result": result}

    def _can_refund(self, refund: Refund) -> bool:
        came = sum(
            source.amount for source in self._came(refund.of) if source.currency == refund.currency
        )
        gone = sum(
            one.amount
            for one, result in self._refunds.values()
            if one.of == refund.of and result == "done"
        )
        return gone + refund.amount <= came

    def _came(self, of: str) -> list[Payment | Credit]:
        """What came under a payment's reference, a credit's id, or the reference of credits."""
        if self._states.get(of) is State.PAID:
            return [self._payments[of]]
        return [one for one in self._credits.values() if of in (one.id, one.reference)]

    async def _pay_later(self, reference: str) -> None:
        await asyncio.sleep(_LATER_SECONDS * self._speed)
        self.move(reference, "approve")

    async def _tell(self, id_: str, reference: str, url: str) -> None:
        """Says that something happened, not what: the hearer has to ask.

        The signature is the lower-case hex HMAC-SHA256 of "timestamp.body", anew at each try.
        """
        body = json.dumps({"id": id_, "reference": reference}).encode()
        for pause in (0.0, *_NOTIFY_AGAIN_SECONDS):
            await asyncio.sleep(pause * self._speed)
            at = str(self._now())
            signature = hmac.digest(self._key, f"{at}.".encode() + body, "sha256").hex()
            headers = {
                "Content-Type": "application/json",
                "X-Bank-Timestamp": at,
                "X-Bank-Signature": signature,
            }
            status = await self._post(url, body, headers)
            if status is not None and 200 <= status < 300:
                break
        self._write("tell", {"id": id_, "reference": reference, "status": status})

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None

    def _start(self, deed: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(deed)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _write(self, event: str, entry: Mapping[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._log.write({"at": at, "event": event, **entry})
        self._recall(event, entry)

    def _recall(self, event: str, line: Mapping[str, Any]) -> None:
        """The one place that changes the memory, from a line just written or read back."""
        match event:
            case "ask":
                payment = payment_of(line)
                self._payments[payment.reference] = payment
                self._references[payment.token] = payment.reference
                self._states.setdefault(payment.reference, State.OPEN)
            case "fence":
                self._states[line["reference"]] = State.CANCELLED
            case "move":
                payment = self._payments[line["reference"]]
                self._states[payment.reference] = state = State(line["state"])
                if state is not State.WAITING:
                    self._untold[payment.id] = (payment.reference, payment.notify_url)
            case "credit":
                credit = Credit(**{name: line[name] for name in Credit.__dataclass_fields__})
                self._credits[credit.id] = credit
                self._untold[credit.id] = (credit.reference, credit.notify_url)
            case "refund":
                refund = Refund(**{name: line[name] for name in Refund.__dataclass_fields__})
                self._refunds[refund.reference] = (refund, line["result"])
            case "fence_refund":
                self._fenced_refunds.add(line["reference"])
            case "tell":
                self._untold.pop(line["id"], None)


def _never(reference: str) -> dict[str, Any]:
    return {"result": "cancelled", "reference": reference, "id": None}


def _shown(credit: Credit) -> dict[str, Any]:
    return {name: value for name, value in asdict(credit).items() if name != "notify_url"}
