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


@dataclass(frozen=True, slots=True)
class CardRow:
    """A sealed card and whether it is a live one."""

    is_live: bool
    sealed: Sealed


async def add_card(  # a card's whole row, each value named
    database: Database, *, account_id: int, card_id: str, is_live: bool, sealed: Sealed
) -> None:
    try:
        await database.execute(
            f"""insert into vault.cards
                   (account_id, id, shelf, is_live, key_version, wrapped_key, sealed, kept_until)
               values ($1, $2, {_SHELF_NOW}, $3, $4, $5, $6,
                       now() + make_interval(secs => $7))""",
            account_id,
            card_id,
            is_live,
            sealed.key.version,
            sealed.key.wrapped,
            sealed.secret,
            limits.UNSAVED_CARD_SECONDS_MAX,
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
        cleared += await database.transact(partial(_clear, shelf=row["number"]))
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


async def _clear(connection: Connection, shelf: int) -> bool:
    try:
        # Without waiting: whoever looks for a card would wait behind us, during a backup for long.
        async with connection.transaction():
            await connection.execute(
                f"lock table vault.cards_{shelf} in access exclusive mode nowait"
            )
    except asyncpg.LockNotAvailableError:
        return False
    if await connection.fetchval(f"select exists (select from vault.cards_{shelf})"):
        return False
    await connection.execute(f"truncate vault.cards_{shelf}")
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
