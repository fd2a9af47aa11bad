"""Hears the database's notices on a connection of its own, for as long as the program runs."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from paydesk.db.connection import AWAY

log = structlog.get_logger()
_CONNECT_SECONDS_MAX = 2
_RECONNECT_SECONDS = 0.5
# A notice that a half-open connection keeps back is made up for within two of these.
_PING_SECONDS = 1


async def listen(url: str, channel: str, on_notice: Callable[[], None]) -> None:
    """Calls on_notice for every notice on the channel, until cancelled.

    It is called too whenever the connection was lost or is made anew, because notices may have
    been missed in between.
    """
    while True:
        try:
            await _listen_while_connected(url, channel, on_notice)
        except AWAY:
            pass  # a loss is logged; a server that can't be reached is, by whoever asks it for more
        except Exception:
            # Nobody would notice that this task has ended, and ended keys would be good for ever.
            log.exception("listening_broken", channel=channel)
        await asyncio.sleep(_RECONNECT_SECONDS)


async def _listen_while_connected(url: str, channel: str, on_notice: Callable[[], None]) -> None:
    connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS_MAX)
    try:
        await connection.add_listener(channel, lambda *_: on_notice())
        on_notice()
        # A half-open connection hears nothing and says nothing, so it is asked.
        while True:
            await asyncio.sleep(_PING_SECONDS)
            await connection.execute("select 1", timeout=_PING_SECONDS)
    except Exception as lost:
        log.warning("listening_lost", channel=channel, reason=type(lost).__name__)
        on_notice()
        raise
    finally:
        connection.terminate()
