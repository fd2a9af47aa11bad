"""Keeps a card for good, or destroys it."""

from paydesk.cards.errors import CardMissing
from paydesk.vault import store
from paydesk.vault.safe import Safe
from paydesk.vault.secret import open_secret
from paydesk.vault.wire import SaveCommand


async def save_card(safe: Safe, card_id: str, command: SaveCommand) -> None:
    """Keeps the source's number for good under this id, in the place of what it has had.

    The source is gone then. Done twice it is done once. Raises: CardMissing, where nothing is there
    to be kept; DatabaseAway.
    """
    account_id, source_id = command.account_id, command.source_id
    if source_id == card_id:
        if not await store.save_card(safe.database, account_id=account_id, card_id=card_id):
            raise CardMissing
    elif not await _move(safe, account_id, source_id, card_id) and not await store.is_saved(
        safe.database, account_id=account_id, card_id=card_id
    ):
        raise CardMissing


async def _move(safe: Safe, account_id: int, source_id: str, card_id: str) -> bool:
    """Whether the source was still there. Its seal is bound to its id, so it is sealed anew."""
    row = await store.find_card(safe.database, account_id=account_id, card_id=source_id)
    if row is None:
        return False
    secret = await open_secret(safe.envelope, row.sealed, account_id=account_id, card_id=source_id)
    return await store.replace_card(
        safe.database,
        account_id=account_id,
        card_id=card_id,
        source_id=source_id,
        is_live=row.is_live,
        sealed=await safe.envelope.seal(secret.to_bytes(), account_id=account_id, card_id=card_id),
    )


async def destroy_card(safe: Safe, card_id: str, account_id: int) -> None:
    """Destroys what is kept of the card; its bytes leave the disk with the shelf they stand on.

    Raises: DatabaseAway.
    """
    await store.destroy_card(safe.database, account_id=account_id, card_id=card_id)
