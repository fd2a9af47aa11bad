"""The worker program: webhooks, unclear payments, and what time does."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import asyncpg
import structlog
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job

from paydesk import (
    abuse,
    cards,
    checkouts,
    deposits,
    limits,
    modifications,
    notifications,
    payments,
    threeds,
    transactions,
    webhooks,
)
from paydesk.app import Desk, open_desk
from paydesk.db import jobs
from paydesk.db.connection import AWAY, Database
from paydesk.db.listen import listen
from paydesk.db.once import forget_old_replies
from paydesk.errors import DatabaseAway
from paydesk.kit.logs import configure_logs
from paydesk.settings import Settings
from paydesk.transactions import Acquiring
from paydesk.worker.records import SHOWS

log = structlog.get_logger()

Look = Callable[[Database, Acquiring, int, str], Awaitable[None]]

_CONNECTIONS_MAX = 8
_DELIVERING_MAX = 2  # one leases while the other notes what came of it
_RESTART_SECONDS = 0.5
_HOUR_SECONDS = 3600

# The settings that PgQueuer was found to need: with its own, an idle worker notices a dead one's
# job after half a minute.
_HEARTBEAT = timedelta(seconds=5)
_DEQUEUE = timedelta(seconds=1)
_BATCH = 50
_CONCURRENT_MAX = 100


def run_worker(settings: Settings) -> None:
    """Works until told to stop. Raises: SettingFault, DatabaseAway, before it begins."""
    configure_logs(settings.log_level, "worker")
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    desk = await open_desk(settings, connections_max=_CONNECTIONS_MAX)
    deliveries = Database(
        desk.database_url, connections_max=_DELIVERING_MAX, settings=webhooks.BY_INDEX
    )
    await deliveries.open()
    deliverer = webhooks.Deliverer(
        deliveries,
        desk.acquiring.outbound,
        desk.sealer,
        retry_seconds=settings.webhook_retry_seconds,
        loopback_allowed=settings.webhook_allow_loopback,
        on_dead=partial(notifications.tell_of_undelivered, desk.db),
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    delivering = asyncio.create_task(deliverer.run())
    others = [
        asyncio.create_task(listen(desk.database_url, webhooks.CHANNEL, deliverer.wake)),
        asyncio.create_task(_run_jobs(desk)),
        *_sweeps(desk),
    ]
    stopped = asyncio.create_task(_until(stopping))
    ended, _ = await asyncio.wait(
        [stopped, delivering, *others], return_when=asyncio.FIRST_COMPLETED
    )
    deliverer.stop()
    for task in others:
        task.cancel()
    await asyncio.wait([delivering, *others], timeout=limits.STOP_SECONDS_MAX)
    await deliveries.close()
    await desk.close()
    for task in ended - {stopped}:
        # None of them ends by itself, but by a bug: leave with it, to be started anew.
        task.result()


async def _until(event: asyncio.Event) -> None:
    await event.wait()


def _sweeps(desk: Desk) -> list[asyncio.Task[None]]:
    """What is looked for again and again; a row that is due is found by its own column."""
    after = desk.settings.abandoned_after_seconds
    every: list[tuple[float, Callable[[], Awaitable[object]]]] = [
        (limits.SWEEP_SECONDS, lambda: checkouts.expire_due(desk.db)),
        (limits.ABANDON_SWEEP_SECONDS, lambda: checkouts.abandon_due(desk.db, after_seconds=after)),
        (limits.SWEEP_SECONDS, lambda: _enqueue_overdue(desk)),
        (limits.SWEEP_SECONDS, lambda: webhooks.place_events(desk.db)),
        (limits.SWEEP_SECONDS, lambda: webhooks.tell_changes(desk.db, SHOWS)),
        (limits.SWEEP_SECONDS, lambda: modifications.void_lapsed(desk.db, desk.acquiring)),
        (limits.SWEEP_SECONDS, lambda: modifications.return_surplus(desk.db, desk.acquiring)),
        (limits.SWEEP_SECONDS, lambda: payments.charge_due(desk.db, desk.acquiring)),
        (limits.REMINDER_SWEEP_SECONDS, lambda: _remind(desk)),
        (
            limits.STATEMENT_SWEEP_SECONDS,
            lambda: deposits.read_statements(desk.db, desk.acquiring),
        ),
        (
            limits.SWEEP_SECONDS,
            lambda: checkouts.warn_due(desk.db, before_seconds=desk.settings.hold_warning_seconds),
        ),
        (
            _HOUR_SECONDS,
            lambda: forget_old_replies(desk.db, kept_seconds=limits.IDEMPOTENCY_KEPT_SECONDS),
        ),
        (_HOUR_SECONDS, lambda: jobs.forget_log(desk.db)),
        (_HOUR_SECONDS, lambda: notifications.forget(desk.db)),
        (
            _HOUR_SECONDS,
            lambda: webhooks.drop_old_events(desk.db, kept_days=desk.settings.webhooks_kept_days),
        ),
        (limits.GUARD_SWEEP_SECONDS, lambda: abuse.forget(desk.db)),
        (
            _HOUR_SECONDS,
            lambda: threeds.forget_messages(
                desk.db, kept_days=desk.settings.authentication_kept_days
            ),
        ),
    ]
    return [asyncio.create_task(_sweep(seconds, deed)) for seconds, deed in every]


async def _remind(desk: Desk) -> None:
    before_days = desk.settings.charge_notice_days
    await notifications.tell_of_upcoming(desk.db, before_days=before_days)
    await notifications.tell_of_ending_cards(desk.db, before_days=limits.CARD_NOTICE_DAYS)


async def _sweep(seconds: float, deed: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await deed()
        except DatabaseAway:
            log.info("sweep_waits_for_database")
        except Exception:
            # The next round tries again; a row that can't be moved must not stop the others' time.
            log.exception("sweep_failed")
        await asyncio.sleep(seconds)


async def _enqueue_overdue(desk: Desk) -> None:
    for job, overdue in (
        (jobs.LOOK_AT_TRANSACTION, await transactions.overdue(desk.db)),
        (jobs.LOOK_AT_MODIFICATION, await modifications.overdue(desk.db)),
        (jobs.LOOK_AT_CARD, await cards.overdue_cards(desk.db)),
    ):
        if overdue:
            rows = [f"{account_id}/{id_}" for account_id, id_ in overdue]
            async with desk.db.connection() as connection:
                await jobs.enqueue_again(connection, job, rows)


async def _run_jobs(desk: Desk) -> None:
    """Runs the queue's jobs, and the queue itself again whenever it fails."""
    while True:
        try:
            await _run_queue(desk)
        except AWAY as away:
            log.warning("queue_lost", reason=type(away).__name__)
        except Exception:
            log.exception("queue_failed")
        await asyncio.sleep(_RESTART_SECONDS)


async def _run_queue(desk: Desk) -> None:
    connection = await asyncpg.connect(desk.database_url)
    try:
        queue = PgQueuer(AsyncpgDriver(connection))

        for name, look in (
            (jobs.LOOK_AT_TRANSACTION, checkouts.look_at_attempt),
            (jobs.LOOK_AT_MODIFICATION, modifications.look_at_modification),
            (jobs.LOOK_AT_CARD, _look_at_card),
        ):
            queue.entrypoint(name)(_looking(desk, look))

        await queue.run(
            dequeue_timeout=_DEQUEUE,
            batch_size=_BATCH,
            max_concurrent_tasks=_CONCURRENT_MAX,
            heartbeat_timeout=_HEARTBEAT,
            shutdown_on_listener_failure=True,
        )
    finally:
        connection.terminate()


async def _look_at_card(db: Database, acquiring: Acquiring, account_id: int, card_id: str) -> None:
    await cards.look_at_card(db, acquiring.vault, account_id, card_id)


def _looking(desk: Desk, look: Look) -> Callable[[Job], Awaitable[None]]:
    async def looking(job: Job) -> None:
        account_id, _, id_ = (job.payload or b"").decode().partition("/")
        try:
            await look(desk.db, desk.acquiring, int(account_id), id_)
        except Exception:
            # The row stays due, and the sweep enqueues it again.
            log.exception("look_failed", id=id_)

    return looking
