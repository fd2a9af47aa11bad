"""The post program: writes mails and their documents, and hands them on.

It is apart from the worker because a PDF takes longer than a webhook, and nobody waits for it: a
busy hour's mails must not hold up payments. So it also steps back for the other programs.
"""

import asyncio
import os
import signal

import uvloop

from paydesk import notifications
from paydesk.app import needed
from paydesk.db.connection import Database
from paydesk.kit.logs import configure_logs
from paydesk.notifications import Postman
from paydesk.settings import Settings

_CONNECTIONS_MAX = 2
_NICENESS = 10  # of at most 19; beside busy programs it gets a tenth of a processor


def run_post(settings: Settings) -> None:
    """Works until told to stop. Raises: SettingFault, DatabaseAway, before it begins."""
    configure_logs(settings.log_level, "post")
    os.nice(_NICENESS)
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    page_key = needed(settings.page_key, "page_key")
    db = Database(needed(settings.database_url, "database_url"), connections_max=_CONNECTIONS_MAX)
    await db.open()
    postman = Postman(
        db,
        notifications.mailer_of(
            smtp_url=settings.smtp_url,
            starttls=settings.smtp_starttls,
            sender=settings.mail_sender,
            folder=settings.mail_folder,
        ),
        notifications.composer(base_url=settings.public_url or "", key=page_key),
        retry_seconds=settings.mail_retry_seconds,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, postman.stop)
    await postman.run()
    await db.close()
