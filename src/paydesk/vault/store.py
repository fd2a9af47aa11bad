"""The vault's SQL: sealed cards and wrapped keys, the only tables it touches."""

from dataclasses import dataclass

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.vault.envelope import Sealed


@dataclass(frozen=True, slots=True)
class CardRow:
    """A sealed card and whether it is a live one."""

    is_live: bool
    sealed: Sealed


async def add_card(  # a card's whole row, each value named
    database: Database, *, account_id: int, card_id: str, is_live: bool, sealed: Sealed
) -> None:
    await database.execute(
        """insert into vault.cards
               (account_id, id, is_live, key_version, wrapped_key, sealed, kept_until)
           values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))""",
        account_id,
        card_id,
        is_live,
        sealed.key_version,
        sealed.wrapped_key,
        sealed.secret,
        limits.UNSAVED_CARD_SECONDS_MAX,
    )


async def find_card(database: Database, *, account_id: int, card_id: str) -> CardRow | None:
    """The account's card, unless its time is up."""
    row = await database.row(
        """select is_live, key_version, wrapped_key, sealed from vault.cards
           where account_id = $1 and id = $2 and (kept_until is null or kept_until > now())""",
        account_id,
        card_id,
    )
    if row is None:
        return None
    return CardRow(row["is_live"], Sealed(row["key_version"], row["wrapped_key"], row["sealed"]))


async def forget_cards(database: Database) -> int:
    """Deletes cards past their time, a batch of them, and says how many."""
    gone = await database.rows(
        """delete from vault.cards where (account_id, id) in (
               select account_id, id from vault.cards where kept_until <= now()
               order by kept_until limit $1)
           returning 1""",
        limits.CARD_SWEEP_BATCH,
    )
    return len(gone)


async def keep_key(database: Database, purpose: str, *, version: int, wrapped: bytes) -> bytes:
    """The wrapped key of this purpose: the one that is there, or else this one, now stored."""
    await database.execute(
        """insert into vault.keys (purpose, key_version, wrapped) values ($1, $2, $3)
           on conflict do nothing""",
        purpose,
        version,
        wrapped,
    )
    kept: bytes = await database.value("select wrapped from vault.keys where purpose = $1", purpose)
    return kept


async def touch(database: Database) -> None:
    """Asks the database for a sign of life.

    Raises: DatabaseAway.
    """
    await database.value("select 1")
