"""Delivers webhooks: leases what is due, signs it, sends it, and notes what came of it.

Receivers share nothing but the worker: each endpoint has a few slots, one that is slow to answer
keeps only its own deliveries waiting, and one that fails is spared until a single try succeeds.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter, defaultdict
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
    Reason,
)
from paydesk.kit.sealing import Sealer
from paydesk.kit.signing import Attempt, webhook_headers
from paydesk.merchants import open_webhook_secret
from paydesk.webhooks import store
from paydesk.webhooks.answer import kept_body, kept_head
from paydesk.webhooks.breaker import Breaker
from paydesk.webhooks.envelope import account_body
from paydesk.webhooks.model import NOTIFY_URL, Schedule
from paydesk.webhooks.retry import GONE, asked_pause_seconds, is_acknowledged, pause_seconds
from paydesk.webhooks.secret import open_secret
from paydesk.webhooks.store import Delivery, Result, Room

log = structlog.get_logger()

_POLL_SECONDS = 1
# What comes within a moment is taken, and noted, by one statement instead of one each. What is not
# noted is kept from a place among the young, so that moment is shorter.
_GATHER_SECONDS = 0.005
_GATHER_RESULTS_SECONDS = 0.001
_SLOT_SECONDS_MAX = 5
_AWAY_SECONDS = 1

# Whose slots they are: an account and what endpoint_of says of the URL.
_Key = tuple[int, str]


class Deliverer:
    """Delivers until told to stop. `wake` it when something may have become due.

    retry_seconds are the pauses of the short schedule.
    """

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
        self._results: asyncio.Queue[tuple[Result, _Young]] = asyncio.Queue()
        self._places = asyncio.Semaphore(limits.WEBHOOKS_YOUNG_MAX)
        self._slots: dict[_Key, asyncio.Semaphore] = {}
        self._users: Counter[_Key] = Counter()
        self._tenants: Counter[int] = Counter()  # the same, by account
        self._breakers: defaultdict[_Key, Breaker] = defaultdict(Breaker)

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
                if marking.done():
                    # By a bug. Left like that, what is sent would be sent again and again.
                    marking.result()
                self._woken.clear()
                if not await self._take():
                    await self._rest()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=limits.STOP_SECONDS_MAX)
            await asyncio.wait_for(self._results.join(), 2)
        finally:
            marking.cancel()
            for task in self._tasks:
                task.cancel()

    async def _take(self) -> bool:
        """Whether there may be more that is due."""
        if len(self._tasks) > _TASKS_MAX:
            return False
        try:
            batch = await store.lease(
                self._db,
                count=limits.WEBHOOK_BATCH,
                rooms=self._rooms(),
                room=limits.WEBHOOK_ENDPOINT_AHEAD,
                without=[one for one in self._tenants if self._has_its_share(one)],
                seconds=limits.WEBHOOK_LEASE_SECONDS,
            )
        except DatabaseAway:
            await asyncio.sleep(_AWAY_SECONDS)
            return False
        for delivery in batch:
            self._users[_key(delivery)] += 1
            self._tenants[delivery.account_id] += 1
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        # The lease reads the oldest ones. Where an endpoint or account has had all it may have,
        # the rest of its own may have kept those of others from being read.
        return len(batch) == limits.WEBHOOK_BATCH or any(map(self._is_full, map(_key, batch)))

    def _has_its_share(self, account_id: int) -> bool:
        return self._tenants[account_id] >= limits.WEBHOOKS_ACCOUNT_IN_FLIGHT_MAX

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if len(self._tasks) == _TASKS_MAX:
            self._woken.set()

    def _rooms(self) -> list[Room]:
        """How much more each endpoint may be given, where that is not as much as any."""
        now = time.monotonic()
        for key in [key for key, breaker in self._breakers.items() if breaker.is_idle(now)]:
            del self._breakers[key]
        known = {key for key, breaker in self._breakers.items() if breaker.spares}
        known.update(self._users)
        return [Room(*key, self._room(key, now)) for key in known]

    def _room(self, key: _Key, now: float) -> int:
        breaker = self._breakers.get(key)
        if breaker is None or not breaker.spares:
            return limits.WEBHOOK_ENDPOINT_AHEAD - self._users[key]
        return int(not breaker.is_open(now))

    def _is_full(self, key: _Key) -> bool:
        return (
            self._breakers[key].spares
            or self._users[key] >= limits.WEBHOOK_ENDPOINT_AHEAD
            or self._has_its_share(key[0])
        )

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(_GATHER_SECONDS)

    async def _deliver(self, delivery: Delivery) -> None:
        key = _key(delivery)
        slot = self._slots.setdefault(key, asyncio.Semaphore(_SLOTS))
        deadline = asyncio.get_running_loop().time() + _SLOT_SECONDS_MAX
        try:
            async with asyncio.timeout_at(deadline):
                await slot.acquire()
        except TimeoutError:
            await self._give_back(delivery)
        else:
            try:
                await self._deliver_in_slot(delivery, key, deadline)
            finally:
                slot.release()
        finally:
            self._leave(key)

    async def _deliver_in_slot(self, delivery: Delivery, key: _Key, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        except TimeoutError:
            await self._give_back(delivery)
            return
        young = _Young(self._places)
        result = None
        try:
            if self._breakers[key].admits(time.monotonic()):
                result = await self._try(delivery)
            if result is None:
                await self._give_back(delivery)
        finally:
            young.answered()
            if result is None:
                young.leave()
        if result is not None:
            self._breakers[key].note(time.monotonic(), failed=result.failure is not None)
            self._results.put_nowait((result, young))

    def _leave(self, key: _Key) -> None:
        self._users[key] -= 1
        self._tenants[key[0]] -= 1
        if (
            self._users[key] == _SLOTS
            or self._tenants[key[0]] == limits.WEBHOOKS_ACCOUNT_IN_FLIGHT_MAX - 1
        ):
            self._woken.set()
        if self._tenants[key[0]] == 0:
            del self._tenants[key[0]]
        if self._users[key] == 0:
            del self._users[key]
            self._slots.pop(key, None)

    async def _give_back(self, delivery: Delivery) -> None:
        try:
            await store.give_back(self._db, delivery)
        except DatabaseAway:
            # The lease runs out by itself; the try it counted is lost.
            log.warning("delivery_not_given_back", event_id=delivery.event_id)

    async def _try(self, delivery: Delivery) -> Result | None:
        """What came of it; None where it could not even begin."""
        sent_at, begun = time.time(), time.monotonic()
        if delivery.tries - delivery.tries_before > len(self._schedule(delivery)) + 1:
            try:
                is_shortened = await store.is_noted(self._db, delivery)
            except DatabaseAway:
                return None
            if not is_shortened:
                # A worker died in the last try. Whether that arrived is not known: it is for the
                # dead letters, because one more could be one too many.
                return Result(delivery, sent_at, 0, None, "worker_died", "{}", "", None)
        answer: OutboundAnswer | None
        try:
            answer = await self._outbound.send(
                self._request(delivery, int(sent_at)),
                self._guard(delivery),
                seconds_max=limits.WEBHOOK_TOTAL_SECONDS_MAX,
            )
        except OutboundFailure as failure:
            if failure.reason is Reason.BUSY:
                return None
            answer = None
            reason: str | None = failure.reason
        else:
            reason = None if is_acknowledged(answer.status) else "status"
        is_gone = answer is not None and answer.status == GONE and delivery.target != NOTIFY_URL
        pause = None if reason is None or is_gone else self._pause(delivery, answer)
        if reason is not None:
            log.info(
                "delivery_failed",
                event_id=delivery.event_id,
                tries=delivery.tries,
                reason=reason,
                status=None if answer is None else answer.status,
                is_dead=pause is None,
            )
        return Result(
            delivery=delivery,
            sent_at_seconds=sent_at,
            milliseconds=round(1000 * (time.monotonic() - begun)),
            status=None if answer is None else answer.status,
            failure=reason,
            headers="{}" if answer is None else kept_head(answer.headers),
            answer="" if answer is None else kept_body(answer.body),
            pause_seconds=pause,
            is_gone=is_gone,
        )

    def _schedule(self, delivery: Delivery) -> tuple[int, ...]:
        if delivery.schedule is Schedule.LONG:
            return limits.WEBHOOK_LONG_RETRY_SECONDS
        return self._retry_seconds

    def _pause(self, delivery: Delivery, answer: OutboundAnswer | None) -> float | None:
        return pause_seconds(
            delivery.tries - delivery.tries_before,
            self._schedule(delivery),
            asked_for=0 if answer is None else asked_pause_seconds(answer.status, answer.headers),
            chance=random.random(),  # noqa: S311 (jitter, no secret)
        )

    def _request(self, delivery: Delivery, sent_at_seconds: int) -> OutboundRequest:
        attempt = Attempt(
            webhook_id=delivery.event_id,
            sequence=delivery.sequence,
            number=delivery.tries,
            sent_at_seconds=sent_at_seconds,
        )
        is_own = delivery.target == NOTIFY_URL
        body = delivery.body if is_own else account_body(delivery.body)
        headers = webhook_headers(body, self._secrets(delivery), attempt)
        return OutboundRequest("POST", delivery.url, headers, body)

    def _secrets(self, delivery: Delivery) -> list[str]:
        if delivery.target == NOTIFY_URL:
            return [open_webhook_secret(self._sealer, sealed) for sealed in delivery.secrets]
        return [open_secret(self._sealer, delivery.target, sealed) for sealed in delivery.secrets]

    def _guard(self, delivery: Delivery) -> Guard:
        if self._loopback_allowed and not delivery.is_live:
            return Guard.PUBLIC_OR_LOOPBACK
        return Guard.PUBLIC

    async def _mark_results(self) -> None:
        while True:
            gathered = [await self._results.get()]
            await asyncio.sleep(_GATHER_RESULTS_SECONDS)
            while not self._results.empty():
                gathered.append(self._results.get_nowait())
            results = [result for result, _ in gathered]
            while True:
                try:
                    await self._mark(results)
                    break
                except DatabaseAway:
                    await asyncio.sleep(_AWAY_SECONDS)
            for _, young in gathered:
                young.leave()
            await self._tell_of_dead(results)
            for _ in gathered:
                self._results.task_done()

    async def _mark(self, results: list[Result]) -> None:
        await store.mark(self._db, results)
        gone = [one.delivery for one in results if one.is_gone]
        for delivery in {(one.account_id, one.target, one.url): one for one in gone}.values():
            await store.disable_gone(self._db, delivery)

    async def _tell_of_dead(self, results: list[Result]) -> None:
        for result in results:
            is_dead = result.failure is not None and result.pause_seconds is None
            if self._on_dead is not None and is_dead:
                # The next one of the day tells of it where this one can't.
                with contextlib.suppress(DatabaseAway):
                    await self._on_dead(result.delivery.account_id, result.delivery.endpoint)


class _Young:
    """A try just begun: one of a few, until it is noted what came of it, or it takes long.

    What was sent and not noted is sent again after a worker's death, so that should be little.
    Receivers that take their time are not counted: they would keep all others waiting.
    """

    def __init__(self, places: asyncio.Semaphore) -> None:
        """It holds one of the places already."""
        self._places = places
        self._is_counted = True
        loop = asyncio.get_running_loop()
        self._aging = loop.call_later(limits.WEBHOOK_YOUNG_SECONDS, self.leave)

    def answered(self) -> None:
        """From here on it only waits to be noted, however long that takes."""
        self._aging.cancel()

    def leave(self) -> None:
        """Gives its place to another, once."""
        self._aging.cancel()
        if self._is_counted:
            self._is_counted = False
            self._places.release()


_SLOTS = limits.WEBHOOK_ENDPOINT_CONCURRENCY
# With more than these under way there is no room for a whole batch.
_TASKS_MAX = limits.WEBHOOKS_IN_FLIGHT_MAX - limits.WEBHOOK_BATCH


def _key(delivery: Delivery) -> _Key:
    return delivery.account_id, delivery.endpoint
