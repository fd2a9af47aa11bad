"""Takes mails to the post: leases what is due, writes it, hands it on, notes what came of it.

A mail goes out at least once: a worker that dies between handing it on and noting so leads to a
second one, under the same Message-ID, of which mail servers and programs show one.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.errors import DatabaseAway
from paydesk.notifications import store
from paydesk.notifications.model import Letter, Mail
from paydesk.notifications.send import Failed, Mailer
from paydesk.notifications.write import write

log = structlog.get_logger()

Compose = Callable[[Database, Mail], Awaitable[Letter]]


class Postman:
    """Sends mails until told to stop; without a mailer they wait."""

    def __init__(
        self, db: Database, mailer: Mailer | None, compose: Compose, *, retry_seconds: Sequence[int]
    ) -> None:
        self._db = db
        self._mailer = mailer
        self._compose = compose
        self._retry_seconds = retry_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Takes nothing new; `run` ends when what is under way has ended."""
        self._stopping.set()

    async def run(self) -> None:
        if self._mailer is None:
            log.warning("mails_wait")
            await self._stopping.wait()
            return
        while not self._stopping.is_set():
            if await self._take(self._mailer) < limits.MAIL_BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), limits.SWEEP_SECONDS)

    async def _take(self, mailer: Mailer) -> int:
        try:
            batch = await store.lease(
                self._db, count=limits.MAIL_BATCH, seconds=limits.MAIL_LEASE_SECONDS
            )
            await asyncio.gather(*(self._send(mail, mailer) for mail in batch))
        except DatabaseAway:
            # What was leased is due again when the lease ends.
            return 0
        return len(batch)

    async def _send(self, mail: Mail, mailer: Mailer) -> None:
        failed = await self._try(mail, mailer)
        if failed is None:
            await store.mark(self._db, mail, failure=None)
            return
        pause = None if failed.is_final else self._pause(mail)
        log.warning("mail_failed", id=mail.id, tries=mail.tries, is_dead=pause is None)
        await store.mark(self._db, mail, failure=_kept(failed.reason), pause_seconds=pause)

    async def _try(self, mail: Mail, mailer: Mailer) -> Failed | None:
        """Why the mail was not taken; None where it was. Raises: DatabaseAway."""
        if mail.tries > len(self._retry_seconds) + 1:
            return Failed("A worker died in the last try.", is_final=True)
        try:
            letter = await self._compose(self._db, mail)
            email = write(mail, letter, sender=mailer.sender)
            await mailer.send(email, id_=mail.id, recipient=mail.recipient)
        except Failed as failed:
            return failed
        except DatabaseAway:
            raise
        except Exception as fault:
            # A mail that can't be written must not keep the others from being sent.
            log.exception("mail_not_written", id=mail.id)
            return Failed(type(fault).__name__)
        return None

    def _pause(self, mail: Mail) -> int | None:
        """How long until the next try; None where it was the last."""
        tries = mail.tries - 1
        return self._retry_seconds[tries] if tries < len(self._retry_seconds) else None


def _kept(reason: str) -> str:
    """What is kept of a server's words: PostgreSQL's text refuses NUL, terminals obey others."""
    printable = "".join(sign if sign.isprintable() else " " for sign in reason)
    return printable[: limits.MAIL_FAILURE_LENGTH_MAX]
