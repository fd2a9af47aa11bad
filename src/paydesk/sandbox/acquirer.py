"""How the sandbox acquirer decides, what it remembers, and what it answers.

Its log is the independent record of what happened to the money: a line is written at the moment
of a decision, before any answer leaves, and also where the answer is then lost.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paydesk.sandbox.cards import (
    APPROVED,
    AUTHENTICATION_FAILED,
    HANDLINGS,
    NOT_POSSIBLE,
    PAYER_NEEDED,
    REVERSED_BEFORE,
    REVIEW_SECONDS,
    SLOW_REVERSAL_SECONDS,
    TOO_MUCH,
    Handling,
    Modifying,
    Moment,
    Reaction,
    Reversing,
    Verdict,
)
from paydesk.sandbox.journal import Journal
from paydesk.sandbox.orders import (
    Modification,
    ModificationKind,
    Order,
    left,
    modification_of,
    order_of,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an order or a modification."""

    verdict: Verdict
    authorisation_code: str | None
    scheme_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back; where there is none, the caller's connection is dropped instead."""

    status: int
    body: Mapping[str, Any]


_NOT_FOUND = Reply(404, {"result": "not_found"})
_SYSTEM_ERROR = Reply(500, {"result": "error"})


class Acquirer:
    """The acquirer's memory and deeds. What a reference asks for is done once at most.

    Units: speed is a factor on every delay.
    """

    def __init__(self, log_path: Path, speed: float) -> None:
        self._speed = speed
        self._log = Journal(log_path)
        # A review is promised to the caller, so it is kept too; the log has only decisions.
        self._reviews = Journal(log_path.with_name(f"{log_path.stem}-reviews.jsonl"))
        self._orders: dict[str, Order | Modification] = {}
        self._modifications: dict[str, list[Modification]] = {}  # approved, by what they change
        self._decisions: dict[str, Decision] = {}
        self._used: dict[str, str] = {}  # the reference that each proof was used for
        # What is known of a payment whose payer was there, by the network's id of it.
        self._first_payments: dict[str, tuple[str, str | None]] = {}
        self._had_approved: dict[str, bool] = {}  # of every reversed reference
        self._refused: set[str] = set()
        self._silenced: set[str] = set()
        self._in_review: set[str] = set()
        self._held: dict[str, Verdict] = {}
        self._slow: dict[str, asyncio.Task[Reply | None]] = {}

    def restore(self) -> None:
        """Remembers what the log says; reviews that were under way begin anew."""
        for line in self._log.entries():
            if line["kind"] == "authorise":
                self._remember(order_of(line), _decision_of(line))
            elif line["kind"] == "modify":
                self._remember(modification_of(line), _decision_of(line))
            elif line["outcome"] == "approved":
                self._had_approved[line["reference"]] = line["had_approved"]
            else:
                self._refused.add(line["reference"])
        for line in self._reviews.entries():
            if line["reference"] not in self._decisions:
                verdict = Verdict(**line.pop("verdict"))
                self._review(order_of(line), verdict)

    def close(self) -> None:
        self._log.close()
        self._reviews.close()

    async def authorise(self, order: Order, how: Handling) -> Reply | None:
        """Takes or holds the money, or does not, as the card's script says."""
        return await self._handle(order, how)

    async def modify(self, modification: Modification) -> Reply | None:
        """Captures, voids or refunds, as the card's script says and the money left allows."""
        order = self._order(modification.of)
        how = HANDLINGS[order.modifying if order else Modifying.DONE]
        return await self._handle(modification, how)

    def inquire(self, reference: str, sort: type[Order] | type[Modification]) -> Reply:
        """What is known of a reference. A held one is approved right after it was denied."""
        if reference in self._orders and not isinstance(self._orders[reference], sort):
            return _NOT_FOUND
        if reference in self._had_approved:
            return Reply(200, {**self._seen(reference), "result": "reversed"})
        if known := self._known(reference):
            return known
        if reference in self._held:
            verdict = self._held.pop(reference)
            asyncio.get_running_loop().call_soon(self._decide, self._orders[reference], verdict)
        return _NOT_FOUND

    async def reverse(self, reference: str) -> Reply | None:
        """Undoes what the reference did, or keeps it from ever happening."""
        asked = self._orders.get(reference)
        order = self._order(asked.of) if isinstance(asked, Modification) else asked
        how = order.reversing if order else Reversing.DONE
        if how is Reversing.SLOW and reference not in self._had_approved:
            await asyncio.sleep(SLOW_REVERSAL_SECONDS * self._speed)
        if reference in self._had_approved:
            return self._reversed(reference)
        if how is Reversing.REFUSED or self._is_built_upon(reference):
            return self._refuse(reference)
        if how is Reversing.LOST_ONCE and reference not in self._silenced:
            self._silenced.add(reference)
            return None
        self._undo(reference)
        return None if how is Reversing.DONE_IN_SILENCE else self._reversed(reference)

    async def _handle(self, order: Order | Modification, how: Handling) -> Reply | None:
        if type(self._orders.setdefault(order.reference, order)) is not type(order):
            raise ValueError("one reference for an authorisation and a modification")
        if known := self._known(order.reference):
            return known
        if not how.delay_seconds:
            return self._take(order, how)
        if order.reference not in self._slow:
            # A task of its own: it goes on when the caller has given up waiting.
            task = asyncio.create_task(self._take_late(order, how))
            self._slow[order.reference] = task
        return await asyncio.shield(self._slow[order.reference])

    def _known(self, reference: str) -> Reply | None:
        if reference in self._decisions or reference in self._in_review:
            return Reply(200, self._seen(reference))
        return None

    def _take(self, order: Order | Modification, how: Handling) -> Reply | None:
        if order.reference in self._had_approved:
            self._decide(order, REVERSED_BEFORE)
            return self._known(order.reference)
        match how.moment:
            case Moment.AT_ONCE:
                self._decide(order, how.verdict)
            case Moment.AFTER_REVIEW:
                self._reviews.write({**asdict(order), "verdict": asdict(how.verdict)})
                self._review(order, how.verdict)
            case Moment.AFTER_NOT_FOUND:
                self._held[order.reference] = how.verdict
            case Moment.NEVER:
                pass
        match how.reaction:
            case Reaction.ANSWER:
                return self._known(order.reference)
            case Reaction.ERROR:
                return _SYSTEM_ERROR
            case Reaction.SILENCE:
                return None

    async def _take_late(self, order: Order | Modification, how: Handling) -> Reply | None:
        try:
            await asyncio.sleep(how.delay_seconds * self._speed)
            return self._take(order, how)
        finally:
            del self._slow[order.reference]

    def _review(self, order: Order | Modification, verdict: Verdict) -> None:
        self._orders[order.reference] = order
        self._in_review.add(order.reference)
        delay = REVIEW_SECONDS * self._speed
        asyncio.get_running_loop().call_later(delay, self._decide, order, verdict)

    def _decide(self, order: Order | Modification, verdict: Verdict) -> None:
        is_modification = isinstance(order, Modification)
        if order.reference in self._had_approved:
            verdict = REVERSED_BEFORE
        elif isinstance(order, Modification) and verdict.is_approval:
            verdict = self._weighed(order)
        elif isinstance(order, Order) and self._is_used_up(order):
            verdict = AUTHENTICATION_FAILED
        elif isinstance(order, Order) and not self._may_be_absent(order):
            verdict = PAYER_NEEDED
        has_code = verdict.is_approval and not is_modification
        code = f"{secrets.randbelow(10**6):06d}" if has_code else None
        scheme_id = f"{secrets.randbelow(10**15):015d}" if has_code else None
        decided = {**asdict(verdict), "authorisation_code": code, "scheme_id": scheme_id}
        self._write("modify" if is_modification else "authorise", {**asdict(order), **decided})
        self._remember(order, Decision(verdict, code, scheme_id))
        self._in_review.discard(order.reference)

    def _is_used_up(self, order: Order) -> bool:
        return self._used.get(order.proof or "", order.reference) != order.reference

    def _may_be_absent(self, order: Order) -> bool:
        """Whether its payer need not be there: they are, or were when the card was first used."""
        known = self._first_payments.get(order.first or "")
        return order.first is None or known == (order.card_ending, order.directory_id)

    def _weighed(self, asked: Modification) -> Verdict:
        order = self._order(asked.of)
        if order is None or not self._stands(order.reference) or asked.currency != order.currency:
            return NOT_POSSIBLE
        room = left(asked.modification, order, self._standing(order.reference))
        return APPROVED if asked.amount <= room else TOO_MUCH

    def _remember(self, order: Order | Modification, decision: Decision) -> None:
        self._orders[order.reference] = order
        self._decisions[order.reference] = decision
        if isinstance(order, Order) and decision.scheme_id and not order.first:
            self._first_payments[decision.scheme_id] = (order.card_ending, order.directory_id)
        if isinstance(order, Order) and order.proof:
            self._used.setdefault(order.proof, order.reference)
        if isinstance(order, Modification) and decision.verdict.is_approval:
            self._modifications.setdefault(order.of, []).append(order)

    def _order(self, reference: str) -> Order | None:
        order = self._orders.get(reference)
        return order if isinstance(order, Order) else None

    def _standing(self, reference: str) -> list[Modification]:
        done = self._modifications.get(reference, [])
        return [one for one in done if one.reference not in self._had_approved]

    def _stands(self, reference: str) -> bool:
        decision = self._decisions.get(reference)
        is_approved = decision is not None and decision.verdict.is_approval
        return is_approved and reference not in self._had_approved

    def _is_built_upon(self, reference: str) -> bool:
        """Whether money would be given back twice, were this undone: some of it was already."""
        match self._orders.get(reference):
            case Order():
                return bool(self._standing(reference))
            case Modification(of=of) if self._stands(reference) and (order := self._order(of)):
                others = [one for one in self._standing(of) if one.reference != reference]
                return left(ModificationKind.REFUND, order, others) < 0
        return False

    def _undo(self, reference: str) -> None:
        decision = self._decisions.get(reference)
        had_approved = decision is not None and decision.verdict.is_approval
        self._write_reversal(reference, "approved", had_approved=had_approved)
        self._had_approved[reference] = had_approved
        self._held.pop(reference, None)

    def _refuse(self, reference: str) -> Reply:
        if reference not in self._refused:
            self._write_reversal(reference, "declined", had_approved=None)
            self._refused.add(reference)
        return Reply(200, {"result": "refused", "code": "12"})

    def _reversed(self, reference: str) -> Reply:
        had_approved = self._had_approved[reference]
        return Reply(200, {"result": "reversed", "had_approved": had_approved})

    def _seen(self, reference: str) -> dict[str, Any]:
        order = self._orders.get(reference)
        decision = self._decisions.get(reference)
        verdict = decision.verdict if decision else None
        if verdict and verdict.is_approval and reference in self._had_approved:
            verdict = REVERSED_BEFORE
        return {
            "result": verdict.outcome if verdict else "review",
            "id": order.id if order else None,
            "authorisation_code": decision.authorisation_code if decision else None,
            "scheme_id": decision.scheme_id if decision else None,
            "reason": verdict.reason if verdict else None,
            "code": verdict.code if verdict else None,
            "eci": verdict.eci if verdict else None,
        }

    def _write_reversal(self, reference: str, outcome: str, *, had_approved: bool | None) -> None:
        asked = self._orders.get(reference)
        of = asked.of if isinstance(asked, Modification) else None
        order = self._order(of or reference)
        entry = {
            "reference": reference,
            "of": of,
            "order": order.order if order else None,
            # What is undone: nothing, where nothing had been done.
            "amount": asked.amount if asked and had_approved is not False else 0,
            "currency": asked.currency if asked else None,
            "outcome": outcome,
            "card_ending": order.card_ending if order else None,
            "had_approved": had_approved,
        }
        self._write("reverse", entry)

    def _write(self, kind: str, entry: Mapping[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._log.write({"at": at, "kind": kind, **entry})


def _decision_of(line: Mapping[str, Any]) -> Decision:
    verdict = Verdict(line["outcome"], line["reason"], line["code"], line["eci"])
    # Logs from before cards were stored have none.
    return Decision(verdict, line["authorisation_code"], line.get("scheme_id"))
