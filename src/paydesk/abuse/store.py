"""All SQL of the guard against card testing. Every count is in the database and survives us."""

from collections.abc import Mapping
from typing import Any

from paydesk import limits
from paydesk.abuse.model import Outcome, Seen, Signs, Window
from paydesk.abuse.work import Proof
from paydesk.db.connection import Connection, Database
from paydesk.db.statement import Statement
from paydesk.merchants import GuardLevel

_WINDOW = f"interval '{limits.GUARD_WINDOW_SECONDS} seconds'"
_SLOW_WINDOW = f"interval '{limits.GUARD_SLOW_WINDOW_SECONDS} seconds'"
_RAISING = 7_295_339_376  # any number that nobody else locks by

_IS_LEFT_OPEN = f"""(t.state = 'authenticating'
    and at < now() - interval '{limits.GUARD_LEFT_OPEN_SECONDS} seconds')"""


def _decided(where: str, count_max: int) -> str:
    """The latest attempts that are decided; one under way speaks for and against nobody.

    Whoever has left the issuer's challenge open for long counts as unproven: testers do that, and
    what they leave must neither pass for payments nor hide what has failed.
    """
    return f"""
        select a.account_id, card, bin, expires_on, at,
            coalesce(outcome, case when {_IS_LEFT_OPEN} then 'unproven' end) as outcome
        from (
            select * from card_attempts
            where {where} and at > now() - {_SLOW_WINDOW}
            order by at desc limit {limits.GUARD_LOOKED_AT}
        ) a
        left join transactions t on a.outcome is null
            and t.account_id = a.account_id and t.id = a.transaction_id
        where a.outcome is not null or t.status <> 'PENDING' or t.approved_at is not null
            or {_IS_LEFT_OPEN}
        order by at desc limit {count_max}
    """


def _window(key: str, where: str) -> str:
    """How many of the latest attempts under a key there are, and different cards that failed."""
    return f"""(
        select array[count(*), count(distinct card) filter (where outcome is not null)] from (
            select card, outcome from card_attempts a
            where {where} and {key} is not null and a.at > now() - {_WINDOW}
            order by a.at desc limit {limits.GUARD_SAMPLE}
        ) latest
    )"""


# The row it puts in is not among what it counts. That of an attempt that comes to nothing is put
# back with its transaction.
_NOTE = Statement(f"""
    with noted as (
        insert into card_attempts (
            account_id, transaction_id, checkout_id, is_live, address, network, card, bin,
            expires_on, email
        ) values (
            :account_id, :transaction_id, :checkout_id, :is_live, :address, :network, :card,
            :bin, :expires_on, (
                select hashtextextended(lower(email), case when :is_live then 1 else 0 end)
                from customers
                where account_id = :account_id and id = :customer_id
            )
        )
        returning email
    ), guarded as (
        select level from guard_levels where account_id = :account_id and until > now()
    )
    select coalesce((select level from guarded), 0) as level,
        {_window(":address::bigint", "a.address = :address")} as address,
        (
            select count(*)::int from (
                select account_id, transaction_id from card_attempts
                where address = :address and at > now() - {_WINDOW}
                order by at desc limit {limits.GUARD_OPEN_LOOKED_AT}
            ) latest
            join transactions t on t.account_id = latest.account_id
                and t.id = latest.transaction_id
            where t.status = 'PENDING' and t.approved_at is null
        ) as address_open,
        {_window(":network::bigint", "a.network = :network")} as network,
        {_window("n.email", "a.email = n.email")} as email,
        {_window(":bin::text", "a.bin = :bin and a.account_id = :account_id")} as bin,
        (
            select count(*)::int from (
                select from card_attempts
                where card = :card and outcome is not null and at > now() - {_SLOW_WINDOW}
                limit {limits.GUARD_COUNT_MAX}
            ) failed
        ) as card_failures,
        (
            select count(*)::int from card_attempts
            where checkout_id = :checkout_id and account_id = :account_id and outcome = 'stopped'
        ) as checkout_stops
    from noted n
""")


async def note_attempt(connection: Connection, values: Mapping[str, Any]) -> Seen:
    """Notes an attempt that begins, and what the windows held before it.

    Shape: values are those of card_attempts, with customer_id.
    """
    row = await _NOTE.row(connection, values)
    assert row is not None
    windows = {name: Window(*row[name]) for name in ("address", "network", "email", "bin")}
    return Seen(**{**dict(row), **windows, "level": GuardLevel(row["level"])})


async def is_card_known(
    connection: Connection, account_id: int, customer_id: str | None, fingerprint: str
) -> bool:
    """Whether the customer has paid with this card before."""
    known: bool = await connection.fetchval(
        """
        select exists (
            select from transactions t
            join cards k on k.account_id = t.account_id and k.id = t.card_id
            where t.customer_id = $2 and t.account_id = $1
                and t.approved_at is not null and k.fingerprint = $3
        )
        """,
        account_id,
        customer_id,
        fingerprint,
    )
    return known


async def note_outcome(
    connection: Connection, account_id: int, transaction_id: str, outcome: Outcome
) -> bool | None:
    """Notes how an attempt failed: whether it is a live one; None for one that is not watched."""
    is_live: bool | None = await connection.fetchval(
        """
        update card_attempts set outcome = $3
        where transaction_id = $2 and account_id = $1 and outcome is null
        returning is_live
        """,
        account_id,
        transaction_id,
        outcome,
    )
    return is_live


async def forget_attempt(
    connection: Connection, account_id: int, transaction_id: str, *, unless_raised: bool
) -> None:
    """Forgets an attempt whose failure tells nothing of who made it.

    unless_raised: it is kept where the account's level is raised.
    """
    await connection.execute(
        """
        delete from card_attempts where transaction_id = $2 and account_id = $1 and not (
            $3 and exists (select from guard_levels where account_id = $1 and until > now())
        )
        """,
        account_id,
        transaction_id,
        unless_raised,
    )


def _signs_of(sample: str) -> str:
    return f"""
        (select count(*)::int from {sample}) as attempts,
        (select count(outcome)::int from {sample}) as failures,
        (select count(distinct card)::int from {sample} where outcome is not null) as cards,
        (
            select count(distinct card)::int from {sample}
            where outcome = 'declined' and at > now() - {_WINDOW}
        ) as asked_cards,
        greatest(
            (
                select max(count)::int from (
                    select count(distinct card) from {sample}
                    where outcome is not null group by bin
                ) by_bin
            ),
            (
                select max(count)::int from (
                    select count(distinct card) from {sample}
                    where outcome is not null group by expires_on
                ) by_expiry
            ),
            0
        ) as alike_cards,
        (
            select count(distinct account_id)::int from {sample} where outcome is not null
        ) as merchants"""


_SIGNS = Statement(f"""
    with sample as materialized ({_decided("account_id = :account_id", limits.GUARD_SAMPLE)})
    select {_signs_of("sample")},
        coalesce((
            select level from guard_levels where account_id = :account_id and until > now()
        ), 0) as level
""")

_SIGNS_EVERYWHERE = Statement(f"""
    with sample as materialized ({_decided("is_live = :is_live", limits.GUARD_SPREAD_SAMPLE)})
    select {_signs_of("sample")}, array(
        select distinct account_id from sample where outcome is not null
    ) as account_ids
""")


async def signs(connection: Connection, account_id: int) -> tuple[Signs, GuardLevel]:
    """What an account's latest attempts look like, and its level."""
    row = await _SIGNS.row(connection, {"account_id": account_id})
    assert row is not None
    found = dict(row)
    level = GuardLevel(found.pop("level"))
    return Signs(**found), level


async def signs_everywhere(connection: Connection, *, is_live: bool) -> tuple[Signs, list[int]]:
    """What the latest attempts at all accounts look like, and those where any failed."""
    row = await _SIGNS_EVERYWHERE.row(connection, {"is_live": is_live})
    assert row is not None
    found = dict(row)
    account_ids = found.pop("account_ids")
    return Signs(**found), account_ids


# A level stays for a window from the last sign of it, and is written only where that changes it by
# more than a moment. Settling a payment must never wait for it: whoever would have to wait for
# another who writes levels leaves it to the next who fails. For the same reason only the lock's
# holder writes, so that no two wait for each other's rows.
_RAISE = Statement(f"""
    with needed as materialized (
        select account_id from unnest(:account_ids::int[]) as found (account_id)
        where not exists (
            select from guard_levels g
            where g.account_id = found.account_id and g.level >= :level
                and g.until > now() + {_WINDOW} - interval '10 seconds'
        )
    ), alone as materialized (
        select pg_try_advisory_xact_lock({_RAISING}) as is_mine where exists (select from needed)
    )
    insert into guard_levels as g (account_id, level, until)
    select account_id, :level, now() + {_WINDOW} from needed, alone where is_mine
    on conflict (account_id) do update set
        level = case when g.until > now() then greatest(g.level, excluded.level)
            else excluded.level end,
        since = case when g.until > now() and g.level >= excluded.level then g.since
            else now() end,
        until = excluded.until
    returning account_id, since = now() as is_new
""")


async def raise_levels(
    connection: Connection, account_ids: list[int], level: GuardLevel
) -> list[int]:
    """Gives the accounts this level, or lets a higher one stay: those for which it is new.

    It may leave that to the next who comes by, rather than wait.
    """
    rows = await _RAISE.rows(connection, {"account_ids": account_ids, "level": level})
    return [row["account_id"] for row in rows if row["is_new"]]


# It ends when the others' levels do, so that it prolongs nothing.
_JOIN = Statement(f"""
    with spread as materialized (
        select g.until from guard_levels g
        join accounts a on a.id = g.account_id and a.is_live = :is_live
        where g.level >= {GuardLevel.AUTHENTICATION:d} and g.until > now()
        order by g.until desc offset {limits.GUARD_SPREAD_MERCHANTS - 1} limit 1
    ), needed as materialized (
        select s.until from spread s where not exists (
            select from guard_levels g
            where g.account_id = :account_id and g.until >= s.until
                and g.level >= {GuardLevel.AUTHENTICATION:d}
        )
    ), alone as materialized (
        select pg_try_advisory_xact_lock({_RAISING}) as is_mine where exists (select from needed)
    )
    insert into guard_levels as g (account_id, level, until)
    select :account_id, {GuardLevel.AUTHENTICATION:d}, until from needed, alone where is_mine
    on conflict (account_id) do update set
        level = greatest(g.level * (g.until > now())::int, excluded.level),
        since = now(),
        until = greatest(g.until, excluded.until)
    returning account_id
""")


async def join_attacked(connection: Connection, account_id: int, *, is_live: bool) -> bool:
    """Raises an account at which a card failed to the level that several merchants have by now.

    Whether it did.
    """
    values = {"account_id": account_id, "is_live": is_live}
    return await _JOIN.row(connection, values) is not None


async def take_proof(db: Database, proof: Proof) -> bool:
    """Takes a proof of work; False where it was taken before."""
    tag = await db.execute(
        """
        insert into guard_proofs (nonce, until) values ($1, to_timestamp($2))
        on conflict do nothing
        """,
        proof.nonce,
        proof.until_seconds,
    )
    return tag == "INSERT 0 1"


async def take_turn(db: Database, key: int) -> float | None:
    """In how many seconds it is this key's turn; None where too many wait already."""
    seconds: float | None = await db.value(
        """
        insert into guard_turns as g (key, next_at)
        values ($1, now() + $2::int * interval '1 second')
        on conflict (key) do update
        set next_at = greatest(g.next_at, now()) + $2::int * interval '1 second'
        where g.next_at < now() + ($3::int - 1) * $2::int * interval '1 second'
        returning extract(epoch from next_at - now())::float8
        """,
        key,
        limits.TURN_SECONDS,
        limits.TURNS_WAITING_MAX,
    )
    return seconds


async def forget(db: Database) -> None:
    """Deletes what nothing looks at any more; a batch of each."""
    for table, age in (
        ("card_attempts", f"at < now() - interval '{limits.GUARD_KEPT_SECONDS} seconds'"),
        ("guard_proofs", "until < now()"),
        ("guard_turns", "next_at < now()"),
        ("guard_levels", f"until < now() - {_WINDOW}"),
    ):
        await db.execute(
            f"delete from {table} where ctid in "
            f"(select ctid from {table} where {age} limit {limits.GUARD_SWEEP_BATCH})"
        )
