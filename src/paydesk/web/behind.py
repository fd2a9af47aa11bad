"""Calls to acquirers that go on behind a caller who no longer waits for them."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from paydesk import limits

log = structlog.get_logger()


class Behind:
    """The calls under way in this process."""

    def __init__(self) -> None:
        self._calls: set[asyncio.Task[Any]] = set()

    async def run(self, call: Coroutine[Any, Any, Any], *, seconds_max: float) -> None:
        """Waits for the call as long as that; it comes to its end all the same.

        One that fails leaves its attempt as submitting, and the worker takes it up.
        """
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._finished)
        await asyncio.wait([task], timeout=max(0, seconds_max))

    async def stop(self) -> None:
        """Lets calls under way come to their end."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=limits.STOP_SECONDS_MAX - 5)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._calls.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("outcome_not_settled", exc_info=fault)
