"""Hears the database's notices on a connection of its own, for as long as the program runs."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from paydesk.db.connection import AWAY

log = structlog.get_logger()
_RECONNECT_SECONDS = 0.5
_PING_SECONDS = 5


async def listen(url: str, channel: str, on_notice: Callable[[], None]) -> None:
    """Calls on_notice for every notice on the channel, until cancelled.

    It is called too whenever the connection was lost or is made anew, because notices may have
    been missed in between.
    """
    while True:
        try:
            connection = await asyncpg.connect(url)
        except AWAY:
            await asyncio.sleep(_RECONNECT_SECONDS)
            continue
        try:
            await connection.add_listener(channel, lambda *_: on_notice())
            on_notice()
            # A half-open connection hears nothing and says nothing, so it is asked.
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await connection.execute("select 1", timeout=_PING_SECONDS)
        except AWAY as away:
            log.warning("listening_lost", channel=channel, reason=type(away).__name__)
            on_notice()
        finally:
            connection.terminate()
