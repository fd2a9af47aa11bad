"""How many statements does a request cost? PostgreSQL's own log tells, for a moment."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bench.server import Server

_EXECUTED = re.compile(
    r"^.{10,40} UTC \[(\d+)\] LOG:  (?:execute [^:]*|statement): (.*)", re.DOTALL
)
_RELOAD_SECONDS = 0.3


async def statements_of(server: Server, deed: Callable[[], Awaitable[object]], sign: str) -> int:
    """The statements that connections which used this sign in one of theirs ran meanwhile.

    The sign tells a program's connections from the others': only web reads sessions, say.
    """
    log = server.data / "log" / "postgres.log"
    await _log(server, "set log_statement = 'all'")
    begin = log.stat().st_size
    await deed()
    await asyncio.sleep(_RELOAD_SECONDS)
    with log.open("rb") as file:
        file.seek(begin)
        said = file.read().decode(errors="replace")
    await _log(server, "reset log_statement")
    ran: dict[str, list[str]] = defaultdict(list)
    for line in re.split(r"\n(?=\d{4}-)", said):
        if found := _EXECUTED.match(line):
            ran[found[1]].append(found[2])
    return sum(len(texts) for texts in ran.values() if any(sign in text for text in texts))


async def _log(server: Server, change: str) -> None:
    await server.sql(f"alter system {change}")
    await server.sql("select pg_reload_conf()")
    await asyncio.sleep(_RELOAD_SECONDS)
