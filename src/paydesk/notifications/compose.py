"""Which letter a mail is."""

from collections.abc import Awaitable, Callable, Mapping

from paydesk.db.connection import Database
from paydesk.notifications import store
from paydesk.notifications.confirm import confirmation
from paydesk.notifications.model import Kind, Letter, Mail


async def compose(db: Database, mail: Mail) -> Letter:
    """The letter, from what it tells of as that stands now."""
    return await _LETTERS[mail.kind](db, mail)


async def _confirmation(db: Database, mail: Mail) -> Letter:
    return confirmation(await store.paid(db, mail.account_id, mail.about))


_LETTERS: Mapping[Kind, Callable[[Database, Mail], Awaitable[Letter]]] = {
    Kind.CONFIRMATION: _confirmation,
}
