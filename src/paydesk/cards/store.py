"""What the main database keeps of a card: never its number."""

from collections.abc import Mapping
from typing import Any

from paydesk.cards.model import KeptCard
from paydesk.db.connection import Connection

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
