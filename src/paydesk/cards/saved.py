"""Saved cards: what charges without their payer need of them."""

from dataclasses import dataclass
from datetime import datetime

from paydesk.cards.model import CardID
from paydesk.db.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that its payer had saved."""

    id: CardID
    customer_id: str
    status: str
    token: str
    directory_id: str | None
    issuer_id: str | None
    scheme_id: str | None
    authenticated_at: datetime | None


_SAVED = """
    select k.id, coalesce(k.customer_id, t.customer_id) as customer_id, 'ACTIVE' as status, k.token,
        t.scheme_id, n.directory_id, n.issuer_id, t.approved_at as authenticated_at
    from cards k
    join transactions t on t.account_id = k.account_id and t.card_id = k.id
        and t.state = 'approved' and t.payment_id is null
    left join authentications n on n.transaction_id = t.id and n.account_id = t.account_id
"""


async def saved_card(connection: Connection, account_id: int, card_id: str) -> SavedCard | None:
    row = await connection.fetchrow(
        f"{_SAVED} where k.account_id = $1 and k.id = $2 order by t.id limit 1", account_id, card_id
    )
    return _card(row)


async def saved_card_by_token(
    connection: Connection, account_id: int, token: str
) -> SavedCard | None:
    row = await connection.fetchrow(
        f"{_SAVED} where k.account_id = $1 and k.token = $2 order by t.id limit 1",
        account_id,
        token,
    )
    return _card(row)


def _card(row: Row | None) -> SavedCard | None:
    return None if row is None else SavedCard(**dict(row))
