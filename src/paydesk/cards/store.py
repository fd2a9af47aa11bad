"""What the main database keeps of a card: never its number."""

from paydesk.cards.model import KeptCard
from paydesk.db.connection import Connection


async def keep_card(
    connection: Connection, account_id: int, card: KeptCard, *, customer_id: str | None
) -> None:
    await connection.execute(
        """
        insert into cards (
            account_id, id, customer_id, brand, bin, ending, expire_month, expire_year, fingerprint
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        account_id,
        card.id,
        customer_id,
        card.brand,
        card.bin,
        card.ending,
        card.expire_month,
        card.expire_year,
        card.fingerprint,
    )


async def card_of(connection: Connection, account_id: int, card_id: str | None) -> KeptCard | None:
    """The card with this id, None where there is no id."""
    if card_id is None:
        return None
    row = await connection.fetchrow(
        """
        select id, brand, bin, ending, expire_month, expire_year, fingerprint from cards
        where account_id = $1 and id = $2
        """,
        account_id,
        card_id,
    )
    return None if row is None else KeptCard(**dict(row))
