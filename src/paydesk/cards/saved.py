"""Saved cards: kept when a payment with their payer's consent succeeds, shown, changed, archived.

What the vault is to do is written in the transaction that decides it, and done afterwards by the
worker: a card's row says what is due, and a job that it should be looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from paydesk import limits
from paydesk.cards.errors import CardArchived, CardMissing, StoredCardMissing
from paydesk.cards.model import CardID, KeptCard
from paydesk.cards.store import card_of
from paydesk.cards.vault import Vault
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.listing import Page, list_rows

log = structlog.get_logger()


class CardStatus(StrEnum):
    """What can become of a saved card. Source: the lookups' card_status."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    DISABLED = "DISABLED"  # the vault has lost its number
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that its payer had saved.

    The ids and the time are of the payment that its payer was present at, which charges without
    them refer to; None where the acquirer or the issuer named none. expire_in_months is below 0
    once it has expired.
    """

    account_id: int
    id: CardID
    customer_id: str
    status: CardStatus
    brand: str
    ending: str
    expire_month: int
    expire_year: int
    expire_in_months: int
    nickname: str | None
    is_default: bool
    token: str
    saved_at: datetime
    updated_at: datetime
    directory_id: str | None
    issuer_id: str | None
    scheme_id: str | None
    authenticated_at: datetime | None

    @property
    def expire(self) -> str:
        """The month and year of its end as the API writes them: `09/27`."""
        return f"{self.expire_month:02}/{self.expire_year % 100:02}"


@dataclass(frozen=True, slots=True)
class CardFilters:
    """Which saved cards a list is of. What is None is not asked."""

    status: str | None = None
    customer_id: str | None = None
    expire_in_months: int | None = None


@dataclass(frozen=True, slots=True)
class CardChange:
    """What a merchant changes of a saved card: as it is to be afterwards, None as it is."""

    card_id: str
    nickname: str | None = None
    is_default: bool | None = None


# A card is good until its month has ended everywhere, at UTC-12.
_MONTHS_LEFT = """
    12 * k.expire_year + k.expire_month
    - (12 * extract(year from now() - interval '12 hours')
        + extract(month from now() - interval '12 hours'))::int
"""
_STATUS = f"""
    case when k.archived_at is not null then 'ARCHIVED' when k.is_lost then 'DISABLED'
        when {_MONTHS_LEFT} < 0 then 'EXPIRED' else 'ACTIVE' end
"""
_SAVED = f"""
    select k.account_id, k.id, k.customer_id, {_STATUS} as status, k.brand, k.ending,
        k.expire_month, k.expire_year, {_MONTHS_LEFT} as expire_in_months, k.nickname,
        k.is_default, k.token, k.saved_at, k.updated_at, f.scheme_id, f.directory_id, f.issuer_id,
        f.authenticated_at
    from cards k
    left join lateral (
        select t.scheme_id, n.directory_id, n.issuer_id, t.approved_at as authenticated_at
        from transactions t
        left join authentications n on n.transaction_id = t.id and n.account_id = t.account_id
        where t.account_id = k.account_id and t.card_id = k.id and t.approved_at is not null
            and t.payment_id is null
        order by t.id limit 1
    ) f on true
"""
_IS_SAVED = "k.saved_at is not null"


async def saved_card(connection: Connection, account_id: int, card_id: str) -> SavedCard | None:
    """The saved card of this id, archived or not; None where there is none."""
    row = await connection.fetchrow(
        f"{_SAVED} where {_IS_SAVED} and k.account_id = $1 and k.id = $2", account_id, card_id
    )
    return None if row is None else _card(row)


async def saved_card_by_token(
    connection: Connection, account_id: int, token: str
) -> SavedCard | None:
    """The saved card of this token, archived or not; None where there is none."""
    row = await connection.fetchrow(
        f"{_SAVED} where {_IS_SAVED} and k.account_id = $1 and k.token = $2", account_id, token
    )
    return None if row is None else _card(row)


async def list_saved(
    connection: Connection, account_id: int, filters: CardFilters, page: Page
) -> tuple[list[SavedCard], str | None]:
    """One page of saved cards, newest first, and the next page's cursor.

    Archived ones are listed where their status is asked for.
    """
    listed = await list_rows(
        connection,
        _SAVED,
        page=page,
        conditions={
            f"{_IS_SAVED} and :is_saved": True,
            f"{_STATUS} = :status": filters.status,
            "k.archived_at is null and :is_kept": True if filters.status is None else None,
            "k.customer_id = :customer_id": filters.customer_id,
            f"{_MONTHS_LEFT} <= :months and {_MONTHS_LEFT} >= 0": filters.expire_in_months,
        },
        values={"account_id": account_id},
        alias="k",
    )
    return [_card(row) for row in listed.rows], listed.next_cursor


async def offered_cards(
    db: Database, account_id: int, customer_id: str, card_ids: Sequence[str] | None
) -> list[SavedCard]:
    """A customer's cards for the payer to choose from: the default first, then the latest.

    card_ids, where they are named, are the only ones. Expired ones are among them.
    """
    rows = await db.rows(
        f"""
        {_SAVED} where {_IS_SAVED} and k.account_id = $1 and k.customer_id = $2
            and k.archived_at is null and not k.is_lost
            and ($3::text[] is null or k.id = any($3))
        order by k.is_default desc, k.id desc limit $4
        """,
        account_id,
        customer_id,
        card_ids,
        limits.CARDS_SHOWN_MAX,
    )
    return [_card(row) for row in rows]


async def count_active(
    connection: Connection,
    account_id: int,
    card_ids: Sequence[str],
    *,
    customer_id: str | None,
    customer_reference: str | None,
) -> int:
    """How many of these ids are active cards of the customer, who is named by id or reference."""
    count: int = await connection.fetchval(
        f"""
        select count(*) from cards k join customers c
            on c.account_id = k.account_id and c.id = k.customer_id
        where {_IS_SAVED} and k.account_id = $1 and k.id = any($2) and {_STATUS} = 'ACTIVE'
            and (c.id = $3 or c.reference = $4)
        """,
        account_id,
        card_ids,
        customer_id,
        customer_reference,
    )
    return count


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
    is_lost = False
    if row["vault_step"] == "save":
        source = row["vault_source"]
        try:
            await vault.save(account_id=account_id, card_id=card_id, source_id=source)
        except CardMissing:
            log.error("saved_card_lost", card_id=card_id)  # noqa: TRY400
            is_lost = True
        if source != card_id:
            await vault.destroy(account_id=account_id, card_id=source)
    else:
        await vault.destroy(account_id=account_id, card_id=card_id)
    await db.execute(
        """
        update cards set vault_step = null, vault_source = null, vault_due_at = null, is_lost = $5
        where account_id = $1 and id = $2 and vault_step = $3 and vault_source = $4
        """,
        account_id,
        card_id,
        row["vault_step"],
        row["vault_source"],
        is_lost,
    )


async def overdue_cards(db: Database) -> list[tuple[int, str]]:
    """Account and id of cards that the vault should have been told of by now."""
    rows = await db.rows(
        """
        select account_id, id from cards
        where vault_due_at < now() - $1 * interval '1 second' order by vault_due_at limit $2
        """,
        limits.CARD_LOOK_GRACE_SECONDS,
        limits.CARD_LOOKS_BATCH,
    )
    return [(row["account_id"], row["id"]) for row in rows]


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
        update cards set vault_step = 'destroy', vault_source = id, vault_due_at = now()
        where account_id = $1 and id = $2
        """,
        account_id,
        card_id,
    )
    await _look_soon(connection, account_id, card_id)


async def _look_soon(connection: Connection, account_id: int, card_id: str) -> None:
    await jobs.enqueue(connection, jobs.LOOK_AT_CARD, f"{account_id}/{card_id}", delay_seconds=0)


def _card(row: Row) -> SavedCard:
    return SavedCard(**{**row, "id": CardID(row["id"]), "status": CardStatus(row["status"])})
