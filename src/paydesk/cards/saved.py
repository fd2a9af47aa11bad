"""Saves cards: when a payment with their payer's consent succeeds; changes and archives them.

What the vault is to do is written in the transaction that decides it, and done afterwards by the
worker: a card's row says what is due, and a job that it should be looked at.
"""

import structlog

from paydesk.cards.errors import CardArchived, CardMissing, StoredCardMissing
from paydesk.cards.model import CardChange, CardStatus, KeptCard, SavedCard
from paydesk.cards.store import card_of, saved_card
from paydesk.cards.vault import Vault
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database

log = structlog.get_logger()


async def keep_if_agreed(
    connection: Connection, account_id: int, customer_id: str | None, card: KeptCard
) -> KeptCard:
    """The card that a payment which has just succeeded was made with, saved if its payer agreed.

    Of a card that its customer has saved already, the older record stays, with the newer one's
    expiry and number. A saved card that was paid with is itself.
    """
    if card.saved_as is not None:
        saved = await card_of(connection, account_id, card.saved_as)
        return saved if saved is not None and saved.is_saved else card
    if card.consent is None or customer_id is None or card.is_saved:
        return card
    # Whoever saves a card of this customer holds the customer, so that none is saved twice.
    await connection.execute(
        "select from customers where account_id = $1 and id = $2 for no key update",
        account_id,
        customer_id,
    )
    kept_as: str = await connection.fetchval(
        """
        select coalesce((
            select id from cards where account_id = $1 and customer_id = $2 and fingerprint = $3
                and saved_at is not null and archived_at is null
        ), $4)
        """,
        account_id,
        customer_id,
        card.fingerprint,
        card.id,
    )
    await connection.execute(
        """
        update cards set
            saved_at = coalesce(saved_at, now()), expire_month = $4, expire_year = $5,
            consent = $6, is_lost = false, updated_at = now(),
            is_default = is_default or not exists (
                select from cards o where o.account_id = $1 and o.customer_id = $2 and o.is_default
            ),
            vault_step = 'save', vault_source = $7, vault_due_at = now()
        where account_id = $1 and customer_id = $2 and id = $3
        """,
        account_id,
        customer_id,
        kept_as,
        card.expire_month,
        card.expire_year,
        card.consent,
        card.id,
    )
    if kept_as != card.id:
        await connection.execute(
            "update cards set saved_as = $3 where account_id = $1 and id = $2",
            account_id,
            card.id,
            kept_as,
        )
    await _look_soon(connection, account_id, kept_as)
    kept = await card_of(connection, account_id, kept_as)
    assert kept is not None
    return kept


async def let_go(connection: Connection, account_id: int, card: KeptCard) -> None:
    """Has the vault destroy a card that was to be saved, and whose payment failed."""
    if card.consent is None or card.is_saved:
        return
    await _destroy(connection, account_id, card.id)


async def change_card(connection: Connection, account_id: int, change: CardChange) -> SavedCard:
    """The card as it is now. Raises: StoredCardMissing, CardArchived."""
    card = await _hold(connection, account_id, change.card_id)
    if change.is_default:
        await connection.execute(
            """
            update cards set is_default = false, updated_at = now()
            where account_id = $1 and customer_id = $2 and is_default and id <> $3
            """,
            account_id,
            card.customer_id,
            card.id,
        )
    await connection.execute(
        """
        update cards set nickname = nullif(coalesce($3, nickname), ''),
            is_default = coalesce($4, is_default), updated_at = now()
        where account_id = $1 and id = $2
        """,
        account_id,
        card.id,
        change.nickname,
        change.is_default,
    )
    return await _again(connection, card)


async def archive_card(connection: Connection, account_id: int, card_id: str) -> SavedCard:
    """The card, archived: it can't be paid with any more, and the vault destroys its number.

    Done twice it is done once. Raises: StoredCardMissing.
    """
    try:
        card = await _hold(connection, account_id, card_id)
    except CardArchived:
        found = await saved_card(connection, account_id, card_id)
        assert found is not None
        return found
    await connection.execute(
        """
        update cards set archived_at = now(), is_default = false, updated_at = now()
        where account_id = $1 and id = $2
        """,
        account_id,
        card.id,
    )
    await _destroy(connection, account_id, card.id)
    return await _again(connection, card)


async def look_at_card(db: Database, vault: Vault, account_id: int, card_id: str) -> None:
    """Has the vault do what is due for a card; nothing where nothing is.

    Safe to call twice at once: saving and destroying repeat harmlessly, and what was decided
    meanwhile stays due.
    """
    row = await db.row(
        """
        select vault_step, vault_source from cards
        where account_id = $1 and id = $2 and vault_step is not null
        """,
        account_id,
        card_id,
    )
    if row is None:
        return
    is_lost, source = False, row["vault_source"]
    if row["vault_step"] == "save":
        try:
            await vault.save(account_id=account_id, card_id=card_id, source_id=source)
        except CardMissing:
            is_lost = True
    else:
        # The source first: a save that was begun earlier then finds none, or is destroyed after it.
        for each in dict.fromkeys((source, card_id)):
            await vault.destroy(account_id=account_id, card_id=each)
    is_noted = await db.value(
        """
        update cards set vault_step = null, vault_source = null, vault_due_at = null, is_lost = $5
        where account_id = $1 and id = $2 and vault_step = $3 and vault_source = $4 returning true
        """,
        account_id,
        card_id,
        row["vault_step"],
        source,
        is_lost,
    )
    if is_lost and is_noted:
        log.error("saved_card_lost", card_id=card_id)


async def _hold(connection: Connection, account_id: int, card_id: str) -> SavedCard:
    """Raises: StoredCardMissing, CardArchived."""
    found = await saved_card(connection, account_id, card_id)
    if found is None:
        raise StoredCardMissing("id")
    # As for saving: the customer is held, so that there is one default at most.
    await connection.execute(
        "select from customers where account_id = $1 and id = $2 for no key update",
        account_id,
        found.customer_id,
    )
    found = await _again(connection, found)
    if found.status is CardStatus.ARCHIVED:
        raise CardArchived("id")
    return found


async def _again(connection: Connection, card: SavedCard) -> SavedCard:
    found = await saved_card(connection, card.account_id, card.id)
    assert found is not None, "saved cards are never deleted"
    return found


async def _destroy(connection: Connection, account_id: int, card_id: str) -> None:
    await connection.execute(
        """
        update cards set vault_step = 'destroy', vault_source = coalesce(vault_source, id),
            vault_due_at = now()
        where account_id = $1 and id = $2
        """,
        account_id,
        card_id,
    )
    await _look_soon(connection, account_id, card_id)


async def _look_soon(connection: Connection, account_id: int, card_id: str) -> None:
    await jobs.enqueue(connection, jobs.LOOK_AT_CARD, f"{account_id}/{card_id}", delay_seconds=0)
