"""An account's webhook secret, which signs for its `notify_url`s, forms and receipts.

It can be replaced: for an overlap the one before goes on, so that nobody has to change at once.
"""

from datetime import datetime

from paydesk.db.connection import Connection
from paydesk.errors import Kind, Refusal
from paydesk.kit import signing
from paydesk.kit.sealing import Sealer
from paydesk.merchants import store

_CONTEXT = b"webhook_secret"


class OverlapUnderWay(Refusal):
    """The secret before this one still goes on; wait for its end, or end it by an overlap of 0."""

    kind = Kind.CONFLICT


def new_webhook_secret(sealer: Sealer) -> bytes:
    """A fresh secret, sealed."""
    return sealer.seal(signing.new_secret().encode(), _CONTEXT)


def open_webhook_secret(sealer: Sealer, sealed: bytes) -> str:
    """The secret as it is shown, `whsec_…`. Raises: SealBroken."""
    return sealer.open(sealed, _CONTEXT).decode()


async def rotate_webhook_secret(
    connection: Connection, account_id: int, sealer: Sealer, *, overlap_hours: int
) -> datetime | None:
    """Gives the account a new secret. Until when the one before goes on, None where it does not.

    There is room for one older secret: another overlap can't begin before the first has ended.
    Raises: OverlapUnderWay.
    """
    secret = new_webhook_secret(sealer)
    if not await store.rotate_webhook_secret(
        connection, account_id, secret=secret, overlap_hours=overlap_hours
    ):
        raise OverlapUnderWay("overlap_hours")
    return await store.old_webhook_secret_ends_at(connection, account_id)
