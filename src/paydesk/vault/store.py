"""The vault's SQL: sealed cards and wrapped keys, the only tables it touches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

import asyncpg

from paydesk import limits
from paydesk.db.connection import Connection, Database
from paydesk.errors import DatabaseAway
from paydesk.vault.envelope import Sealed, WrappedKey

Place = tuple[int, str]  # account and card

# The shelf that a card goes to at this time. Source: 0009_vault_keys.sql.
_SHELF_NOW = (
    f"(extract(epoch from now())::bigint / {limits.CARD_SHELF_SECONDS} % {limits.CARD_SHELVES})"
)


# The shelf that saved cards go to. Source: 0019_saved_cards.sql.
_SAVED_SHELF_NOW = "(select number from vault.saved_shelves where is_filled)"
_SAVED_TABLES = {-1: "cards_saved", -2: "cards_saved_too"}


@dataclass(frozen=True, slots=True)
class CardRow:
    """A sealed card and whether it is a live one."""

    is_live: bool
    sealed: Sealed


async def add_card(  # a card's whole row, each value named
    database: Database,
    *,
    account_id: int,
    card_id: str,
    is_live: bool,
    sealed: Sealed,
    may_be_saved: bool = False,
) -> None:
    """Keeps a card for a while: longer one that may be saved, on the shelf where it would stay."""
    shelf, seconds = _SHELF_NOW, limits.UNSAVED_CARD_SECONDS_MAX
    if may_be_saved:
        shelf, seconds = _SAVED_SHELF_NOW, limits.CARD_TO_SAVE_SECONDS_MAX
    try:
        await database.execute(
            f"""insert into vault.cards
                   (account_id, id, shelf, is_live, key_version, wrapped_key, sealed, kept_until)
               values ($1, $2, {shelf}, $3, $4, $5, $6, now() + make_interval(secs => $7))""",
            account_id,
            card_id,
            is_live,
            sealed.key.version,
            sealed.key.wrapped,
            sealed.secret,
            seconds,
        )
    except asyncpg.ForeignKeyViolationError as retired:
        # Its master key was retired between sealing and here. The caller tries again.
        raise DatabaseAway from retired


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
    key = WrappedKey(row["key_version"], row["wrapped_key"])
    return CardRow(row["is_live"], Sealed(key, row["sealed"]))


async def save_card(database: Database, *, account_id: int, card_id: str) -> bool:
    """Keeps a card for good; whether it was still there."""

    async def work(connection: Connection) -> bool:
        saved = await connection.fetch(
            f"""update vault.cards set kept_until = null, shelf = {_SAVED_SHELF_NOW}
                where account_id = $1 and id = $2 and (kept_until is null or kept_until > now())
                returning 1""",
            account_id,
            card_id,
        )
        return bool(saved)

    # A card that is just being moved is met with a serialization failure; it is tried again.
    return await database.transact(work)


async def is_saved(database: Database, *, account_id: int, card_id: str) -> bool:
    """Whether something is kept for good under this id."""
    found: bool = await database.value(
        """select exists (select from vault.cards
               where account_id = $1 and id = $2 and kept_until is null)""",
        account_id,
        card_id,
    )
    return found


async def replace_card(  # a card's whole row, each value named
    database: Database,
    *,
    account_id: int,
    card_id: str,
    source_id: str,
    is_live: bool,
    sealed: Sealed,
) -> bool:
    """Keeps for good under this id what is sealed for it; whether its source was still there.

    What was kept for it and the source go in the same transaction, so whoever destroys both, the
    source first, meets the number in one of the two places.
    """

    async def work(connection: Connection) -> bool:
        if not await connection.fetchval(_DESTROY, account_id, source_id):
            return False
        await connection.execute(_DESTROY, account_id, card_id)
        await connection.execute(
            f"""insert into vault.cards
                   (account_id, id, shelf, is_live, key_version, wrapped_key, sealed, kept_until)
               values ($1, $2, {_SAVED_SHELF_NOW}, $3, $4, $5, $6, null)""",
            account_id,
            card_id,
            is_live,
            sealed.key.version,
            sealed.key.wrapped,
            sealed.secret,
        )
        return True

    try:
        return await database.transact(work)
    except asyncpg.ForeignKeyViolationError as retired:
        raise DatabaseAway from retired  # as in add_card


async def destroy_card(database: Database, *, account_id: int, card_id: str) -> None:
    """Deletes a card. Its shelf knows then that it has something to destroy."""
    # Tried again for a card that is just being moved, as in save_card.
    await database.transact(lambda connection: connection.execute(_DESTROY, account_id, card_id))


_TRACED = """
    update vault.saved_shelves set leaves_traces = true
    where number in (select shelf from gone) and not leaves_traces
"""
_DESTROY = f"""
    with gone as (delete from vault.cards where account_id = $1 and id = $2 returning shelf),
        traced as ({_TRACED})
    select count(*) from gone
"""


async def forget_cards(database: Database) -> int:
    """Deletes cards past their time, a batch of them, and says how many."""
    count: int = await database.value(
        f"""with gone as (
                delete from vault.cards where (account_id, id) in (
                    select account_id, id from vault.cards where kept_until <= now()
                    order by kept_until limit $1)
                returning shelf
            ), traced as ({_TRACED})
            select count(*) from gone""",
        limits.CARD_SWEEP_BATCH,
    )
    return count


async def turn_saved_shelf(database: Database) -> None:
    """Has the other shelf of saved cards filled from now on, if this one has a card to destroy."""
    await database.execute(
        """update vault.saved_shelves set is_filled = not is_filled
           where exists (select from vault.saved_shelves where is_filled and leaves_traces)
               and exists (
                   select from vault.saved_shelves where not is_filled and not leaves_traces)"""
    )


async def move_saved_cards(database: Database) -> int:
    """Moves a batch of the cards on the shelf that is to be emptied to the other one; how many."""

    async def work(connection: Connection) -> int:
        moved = await connection.fetch(
            f"""update vault.cards set shelf = {_SAVED_SHELF_NOW}
                where (account_id, id, shelf) in (
                    select account_id, id, shelf from vault.cards where shelf = (
                        select number from vault.saved_shelves
                        where not is_filled and leaves_traces)
                    limit $1)
                returning 1""",
            limits.SAVED_CARDS_MOVED_BATCH,
        )
        return len(moved)

    return await database.transact(work)


async def clear_shelves(database: Database) -> int:
    """Gives the files of shelves that are empty by now back to the system; how many.

    Deleting a row leaves its bytes in the table's file; truncating the table ends the file.
    """
    empty = await database.rows(
        f"""select number from generate_series(0, $1::integer - 1) shelf(number)
            where number <> {_SHELF_NOW}
                and pg_relation_size(('vault.cards_' || number)::regclass) > 0
                and not exists (select from vault.cards where shelf = number)""",
        limits.CARD_SHELVES,
    )
    cleared = 0
    for row in empty:
        cleared += await database.transact(partial(_clear, table=f"cards_{row['number']}"))
    left = await database.rows(
        """select number from vault.saved_shelves s where not is_filled and leaves_traces
               and not exists (select from vault.cards where shelf = s.number)"""
    )
    for row in left:
        cleared += await database.transact(partial(_clear_saved, shelf=row["number"]))
    return cleared


async def turn_log(database: Database) -> bool:
    """Has the server go on in another file of its write-ahead log, where it lets us.

    What was written of a card stands there too. The file goes with the server's next checkpoint,
    once it is not the one that is written to. Source: PostgreSQL manual, "WAL Configuration".
    """
    is_allowed: bool = await database.value(
        "select has_function_privilege('pg_switch_wal()', 'execute')"
    )
    if is_allowed:
        await database.value("select pg_switch_wal()")
    return is_allowed


async def _clear_saved(connection: Connection, shelf: int) -> bool:
    if not await _clear(connection, _SAVED_TABLES[shelf]):
        return False
    await connection.execute(
        "update vault.saved_shelves set leaves_traces = false where number = $1", shelf
    )
    return True


async def _clear(connection: Connection, table: str) -> bool:
    try:
        # Without waiting: whoever looks for a card would wait behind us, during a backup for long.
        async with connection.transaction():
            await connection.execute(f"lock table vault.{table} in access exclusive mode nowait")
    except asyncpg.LockNotAvailableError:
        return False
    if await connection.fetchval(f"select exists (select from vault.{table})"):
        return False
    await connection.execute(f"truncate vault.{table}")
    return True


async def key_proofs(database: Database) -> dict[int, bytes | None]:
    """The versions of the master key that rows need, each with something it wrapped."""
    rows = await database.rows("select version, proof from vault.key_versions order by version")
    return {row["version"]: row["proof"] for row in rows}


async def add_key_version(database: Database, version: int, *, proof: bytes) -> None:
    """Lets cards name this version. One that is there already keeps its proof."""
    await database.execute(
        "insert into vault.key_versions (version, proof) values ($1, $2) on conflict do nothing",
        version,
        proof,
    )


async def remove_key_versions(database: Database, versions: Collection[int]) -> bool:
    """Whether these could go: all of them, or none because a row needs one."""
    try:
        await database.execute(
            "delete from vault.key_versions where version = any($1)", list(versions)
        )
    except asyncpg.ForeignKeyViolationError:
        return False
    return True


async def count_by_version(database: Database) -> dict[int, int]:
    """How many cards and keys each version of the master key wraps."""
    rows = await database.rows(
        """select key_version, count(*) from (
               select key_version from vault.cards union all select key_version from vault.keys
           ) wrapped group by key_version order by key_version"""
    )
    return {row["key_version"]: row["count"] for row in rows}


async def next_card_keys(
    database: Database, *, after: Place | None, count_max: int
) -> list[tuple[Place, WrappedKey]]:
    """The wrapped keys of the next cards in order of account and id."""
    rows = await database.rows(
        """select account_id, id, key_version, wrapped_key from vault.cards
           where (account_id, id) > ($1, $2) order by account_id, id limit $3""",
        *(after or (-1, "")),
        count_max,
    )
    return [
        ((row["account_id"], row["id"]), WrappedKey(row["key_version"], row["wrapped_key"]))
        for row in rows
    ]


async def change_card_keys(
    database: Database, moves: Sequence[tuple[Place, WrappedKey, WrappedKey]]
) -> int:
    """Puts new wrapped keys in the place of old ones, where the old still are; how many."""
    if not moves:
        return 0

    async def change(connection: Connection) -> int:
        changed = await connection.fetch(
            """update vault.cards card set key_version = new.version, wrapped_key = new.wrapped
               from unnest($1::bigint[], $2::text[], $3::smallint[], $4::smallint[], $5::bytea[])
                   as new(account_id, id, old_version, version, wrapped)
               where card.account_id = new.account_id and card.id = new.id
                   and card.key_version = new.old_version
               returning 1""",
            [account_id for (account_id, _), _, _ in moves],
            [card_id for (_, card_id), _, _ in moves],
            [old.version for _, old, _ in moves],
            [new.version for _, _, new in moves],
            [new.wrapped for _, _, new in moves],
        )
        return len(changed)

    return await database.transact(change)


async def own_keys(database: Database) -> list[tuple[str, WrappedKey]]:
    """The vault's own keys by purpose."""
    rows = await database.rows("select purpose, key_version, wrapped from vault.keys")
    return [(row["purpose"], WrappedKey(row["key_version"], row["wrapped"])) for row in rows]


async def keep_own_key(database: Database, purpose: str, key: WrappedKey) -> WrappedKey:
    """The key of this purpose: the one that is there, or else this one, now stored."""
    await database.execute(
        """insert into vault.keys (purpose, key_version, wrapped) values ($1, $2, $3)
           on conflict do nothing""",
        purpose,
        key.version,
        key.wrapped,
    )
    kept = await database.row(
        "select key_version, wrapped from vault.keys where purpose = $1", purpose
    )
    assert kept is not None
    return WrappedKey(kept["key_version"], kept["wrapped"])


async def change_own_key(database: Database, purpose: str, key: WrappedKey) -> None:
    await database.execute(
        "update vault.keys set key_version = $2, wrapped = $3 where purpose = $1",
        purpose,
        key.version,
        key.wrapped,
    )


async def touch(database: Database) -> None:
    """Asks the database for a sign of life.

    Raises: DatabaseAway.
    """
    await database.value("select 1")
