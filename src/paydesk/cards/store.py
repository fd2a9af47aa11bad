"""What the main database keeps of a card, never its number: those paid with, and those saved."""

from collections.abc import Mapping, Sequence
from typing import Any

from paydesk import limits
from paydesk.cards.model import CardFilters, CardID, CardStatus, KeptCard, SavedCard
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.listing import Page, list_rows

# A piece of the statement that begins an attempt, which also gives the account and the customer.
INSERT_CARD = """
    insert into cards (
        account_id, id, customer_id, brand, bin, ending, expire_month, expire_year, fingerprint,
        token, consent, saved_as
    ) values (
        :account_id, :card_id, :customer_id, :brand, :bin, :ending, :expire_month, :expire_year,
        :fingerprint, :token, :consent, :saved_as
    )
"""


def card_values(card: KeptCard) -> Mapping[str, Any]:
    """The values of INSERT_CARD."""
    return {
        "card_id": card.id,
        "brand": card.brand,
        "bin": card.bin,
        "ending": card.ending,
        "expire_month": card.expire_month,
        "expire_year": card.expire_year,
        "fingerprint": card.fingerprint,
        "token": card.token,
        "consent": card.consent,
        "saved_as": card.saved_as,
    }


async def card_of(connection: Connection, account_id: int, card_id: str | None) -> KeptCard | None:
    """The card with this id, None where there is no id."""
    if card_id is None:
        return None
    row = await connection.fetchrow(
        """
        select id, brand, bin, ending, expire_month, expire_year, fingerprint, token, consent,
            saved_as, saved_at is not null and archived_at is null as is_saved
        from cards where account_id = $1 and id = $2
        """,
        account_id,
        card_id,
    )
    return None if row is None else KeptCard(**dict(row))


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
        k.is_default, k.token, k.saved_at, k.updated_at
    from cards k
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


def _card(row: Row) -> SavedCard:
    return SavedCard(**{**row, "id": CardID(row["id"]), "status": CardStatus(row["status"])})
