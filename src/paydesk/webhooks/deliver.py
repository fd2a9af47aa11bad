"""Delivers webhooks: leases what is due, signs it, sends it, and notes what came of it.

Receivers share nothing but the worker: each endpoint has a few slots, and one that is slow to
answer keeps only its own deliveries waiting.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.errors import DatabaseAway
from paydesk.kit.outbound import (
    Guard,
    Outbound,
    OutboundAnswer,
    OutboundFailure,
    OutboundRequest,
)
from paydesk.kit.sealing import Sealer
from paydesk.kit.signing import Attempt, webhook_headers
from paydesk.merchants import open_webhook_secret
from paydesk.webhooks import store
from paydesk.webhooks.retry import asked_pause_seconds, is_acknowledged, pause_seconds
from paydesk.webhooks.store import Delivery, Result

log = structlog.get_logger()

_POLL_SECONDS = 1
# What comes within a moment is taken, and noted, by one statement instead of one each.
_GATHER_SECONDS = 0.01
_IN_FLIGHT_MAX = 200
_SLOT_SECONDS_MAX = 5
_AWAY_SECONDS = 1


class Deliverer:
    """Delivers until told to stop. `wake` it when something may have become due."""

    def __init__(
        self,
        db: Database,
        outbound: Outbound,
        sealer: Sealer,
        *,
        retry_seconds: tuple[int, ...],
        loopback_allowed: bool,
        on_dead: Callable[[int, str], Awaitable[None]] | None = None,
    ) -> None:
        """on_dead hears the account and endpoint of each delivery that is given up."""
        self._db = db
        self._outbound = outbound
        self._sealer = sealer
        self._retry_seconds = retry_seconds
        self._loopback_allowed = loopback_allowed
        self._on_dead = on_dead
        self._woken = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Takes nothing new; `run` ends when what is under way has ended."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        marking = asyncio.create_task(self._mark_results())
        try:
            while not self._stopping:
                self._woken.clear()
                taken = await self._take()
                if taken < limits.WEBHOOK_BATCH or len(self._tasks) >= _IN_FLIGHT_MAX:
                    await self._rest()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=limits.STOP_SECONDS_MAX)
            await asyncio.wait_for(self._results.join(), 2)
        finally:
            marking.cancel()
            for task in self._tasks:
                task.cancel()

    async def _take(self) -> int:
        busy = [endpoint for endpoint, users in self._users.items() if users > _SLOTS]
        count = min(limits.WEBHOOK_BATCH, _IN_FLIGHT_MAX - len(self._tasks))
        try:
            batch = await store.lease(
                self._db,
                count=count,
                busy_endpoints=busy,
                seconds=limits.WEBHOOK_LEASE_SECONDS,
            )
        except DatabaseAway:
            await asyncio.sleep(_AWAY_SECONDS)
            return 0
        for delivery in batch:
            self._users[delivery.endpoint] += 1
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(batch)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(_GATHER_SECONDS)

    async def _deliver(self, delivery: Delivery) -> None:
        endpoint = delivery.endpoint
        slot = self._slots.setdefault(endpoint, asyncio.Semaphore(_SLOTS))
        try:
            await asyncio.wait_for(slot.acquire(), _SLOT_SECONDS_MAX)
        except TimeoutError:
            await self._give_back(delivery)
        else:
            try:
                self._results.put_nowait(await self._try(delivery))
            finally:
                slot.release()
        finally:
            self._leave(endpoint)

    def _leave(self, endpoint: str) -> None:
        self._users[endpoint] -= 1
        if self._users[endpoint] == 0:
            del self._users[endpoint]
            self._slots.pop(endpoint, None)
        if self._users[endpoint] == _SLOTS:
            self._woken.set()

    async def _give_back(self, delivery: Delivery) -> None:
        try:
            await store.give_back(self._db, delivery)
        except DatabaseAway:
            # The lease runs out by itself; the try it counted is lost.
            log.warning("delivery_not_given_back", event_id=delivery.event_id)

    async def _try(self, delivery: Delivery) -> Result:
        if delivery.tries > len(self._retry_seconds) + 1:
            # A worker died in the last try. Whether that arrived is not known: it is for the dead
            # letters, because one more could be one too many.
            return Result(delivery, 0, None, "worker_died", "", None)
        begun = time.monotonic()
        answer: OutboundAnswer | None
        try:
            answer = await self._outbound.send(
                self._request(delivery),
                self._guard(delivery),
                seconds_max=limits.WEBHOOK_TOTAL_SECONDS_MAX,
            )
        except OutboundFailure as failure:
            answer = None
            reason: str | None = failure.reason
        else:
            reason = None if is_acknowledged(answer.status) else "status"
        return Result(
            delivery=delivery,
            milliseconds=round(1000 * (time.monotonic() - begun)),
            status=None if answer is None else answer.status,
            failure=reason,
            answer="" if answer is None else _kept(answer.body),
            pause_seconds=None if reason is None else self._pause(delivery, reason, answer),
        )

    def _pause(
        self, delivery: Delivery, reason: str, answer: OutboundAnswer | None
    ) -> float | None:
        pause = pause_seconds(
            delivery.tries,
            self._retry_seconds,
            asked_for=0 if answer is None else asked_pause_seconds(answer.status, answer.headers),
            chance=random.random(),  # noqa: S311 (jitter, no secret)
        )
        log.info(
            "delivery_failed",
            event_id=delivery.event_id,
            tries=delivery.tries,
            reason=reason,
            status=None if answer is None else answer.status,
            is_dead=pause is None,
        )
        return pause

    def _request(self, delivery: Delivery) -> OutboundRequest:
        secret = open_webhook_secret(self._sealer, delivery.webhook_secret)
        attempt = Attempt(
            webhook_id=delivery.event_id,
            sequence=delivery.sequence,
            number=delivery.tries,
            sent_at_seconds=int(time.time()),
        )
        headers = webhook_headers(delivery.body, [secret], attempt)
        return OutboundRequest("POST", delivery.url, headers, delivery.body)

    def _guard(self, delivery: Delivery) -> Guard:
        if self._loopback_allowed and not delivery.is_live:
            return Guard.PUBLIC_OR_LOOPBACK
        return Guard.PUBLIC

    async def _mark_results(self) -> None:
        while True:
            results = [await self._results.get()]
            await asyncio.sleep(_GATHER_SECONDS)
            while not self._results.empty():
                results.append(self._results.get_nowait())
            while True:
                try:
                    await store.mark(self._db, results)
                    break
                except DatabaseAway:
                    await asyncio.sleep(_AWAY_SECONDS)
            await self._tell_of_dead(results)
            for _ in results:
                self._results.task_done()

    async def _tell_of_dead(self, results: list[Result]) -> None:
        for result in results:
            is_dead = result.failure is not None and result.pause_seconds is None
            if self._on_dead is not None and is_dead:
                # The next one of the day tells of it where this one can't.
                with contextlib.suppress(DatabaseAway):
                    await self._on_dead(result.delivery.account_id, result.delivery.endpoint)


_SLOTS = limits.WEBHOOK_ENDPOINT_CONCURRENCY


def _kept(body: bytes) -> str:
    # PostgreSQL's text refuses NUL.
    return body[: limits.WEBHOOK_ANSWER_KEPT_BYTES].decode("utf-8", "replace").replace("\0", "")
