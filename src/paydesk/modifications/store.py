"""All SQL of modifications, and of the sums that they change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from paydesk import lookups
from paydesk.connectors.contract import ModificationKind
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.statement import Statement
from paydesk.kit.money import Money
from paydesk.kit.moves import Raced
from paydesk.modifications.model import Modification, ModificationID
from paydesk.transactions import BY_HAND, IN_FLIGHT, Fact, State, Step, Transaction

_COLUMNS = """
    account_id, id, transaction_id, kind, amount, currency, is_automatic, connector, state, moves,
    inquiries, decline_reason, created_at, updated_at, approved_at
"""

_INSERT = Statement("""
    with made as (
        insert into modifications (
            account_id, id, transaction_id, kind, amount, currency, is_automatic, connector,
            state, moves, due_at
        ) values (
            :account_id, :id, :transaction_id, :kind, :amount, :currency, :is_automatic,
            :connector, :state, 1, now() + :due_seconds * interval '1 second'
        )
        returning account_id, id, state
    )
    insert into modification_moves (
        account_id, modification_id, sequence, from_state, to_state, step
    )
    select account_id, id, 1, :from_state, state, :step from made
""")


async def insert_submitting(
    connection: Connection, modification: Modification, *, due_seconds: int
) -> None:
    """Commits a modification to being sent: from now on bytes may leave under its id."""
    await _INSERT.run(
        connection,
        {
            "account_id": modification.account_id,
            "id": modification.id,
            "transaction_id": modification.transaction_id,
            "kind": modification.kind,
            "amount": modification.amount.minor,
            "currency": modification.amount.currency.code,
            "is_automatic": modification.is_automatic,
            "connector": modification.connector,
            "from_state": State.CREATED,
            "state": State.SUBMITTING,
            "step": Step.SUBMIT,
            "due_seconds": due_seconds,
        },
    )


async def in_flight(
    connection: Connection, account_id: int, transaction_id: str
) -> Mapping[ModificationKind, int]:
    """The sums under way by kind, in minor units: what counts as used until the outcome is known.

    The transaction is locked by the caller.
    """
    rows = await connection.fetch(
        """
        select kind, sum(amount)::bigint as amount from modifications
        where transaction_id = $1 and account_id = $2 and state = any ($3::text[]) group by kind
        """,
        transaction_id,
        account_id,
        list(IN_FLIGHT),
    )
    return {ModificationKind(row["kind"]): row["amount"] for row in rows}


async def lock(connection: Connection, account_id: int, id_: str) -> Modification:
    """The modification, held for this database transaction."""
    row = await connection.fetchrow(
        f"""
        select {_COLUMNS} from modifications where account_id = $1 and id = $2
        for no key update
        """,
        account_id,
        id_,
    )
    assert row is not None
    return _modification(row)


async def find(connection: Connection, account_id: int, id_: str) -> Modification | None:
    row = await connection.fetchrow(
        f"select {_COLUMNS} from modifications where account_id = $1 and id = $2", account_id, id_
    )
    return None if row is None else _modification(row)


async def of_transactions(
    connection: Connection, account_id: int, transaction_ids: Sequence[str]
) -> Mapping[str, tuple[Modification, ...]]:
    """The modifications of each of these transactions, oldest first."""
    rows = await connection.fetch(
        f"""
        select {_COLUMNS} from modifications
        where transaction_id = any ($1::text[]) and account_id = $2 order by id
        """,
        list(transaction_ids),
        account_id,
    )
    found: dict[str, tuple[Modification, ...]] = {}
    for row in rows:
        before = found.get(row["transaction_id"], ())
        found[row["transaction_id"]] = (*before, _modification(row))
    return found


async def due(db: Database, account_id: int, id_: str) -> Modification | None:
    """The modification, if there is something to do about it now."""
    row = await db.row(
        f"""
        select {_COLUMNS} from modifications
        where account_id = $1 and id = $2 and due_at <= now() + interval '50 milliseconds'
        """,
        account_id,
        id_,
    )
    return None if row is None else _modification(row)


async def overdue(db: Database) -> list[tuple[int, str]]:
    """Modifications that are due and that no job seems to be looking at."""
    rows = await db.rows(
        """
        select account_id, id from modifications
        where due_at <= now() - interval '1 second' order by due_at limit 500
        """
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def lapsed_holds(db: Database) -> list[tuple[int, str]]:
    """Transactions whose time to capture is up, with something left to let go of.

    What is under way decides for itself first. What waits for a person does not hold up the rest.
    """
    rows = await db.rows(
        """
        select account_id, id from transactions t
        where lapse_at <= now() and not exists (
            select from modifications m
            where m.transaction_id = t.id and m.account_id = t.account_id
                and m.kind <> 'refund' and m.state = any ($1::text[])
        )
        order by lapse_at limit 100
        """,
        list(IN_FLIGHT - {State.MANUAL}),
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def with_surplus(db: Database) -> list[tuple[int, str]]:
    """Transactions with money that has to go back, of accounts that want it to go by itself.

    While a return is under way, or was refused, no other is tried.
    """
    rows = await db.rows(
        """
        select t.account_id, t.id from transactions t
        join accounts a on a.id = t.account_id
        where t.surplus > 0 and t.connector <> $1 and a.return_surplus and not exists (
            select from modifications m
            where m.transaction_id = t.id and m.account_id = t.account_id
                and m.kind = 'return' and m.state <> 'approved'
        )
        order by t.id limit 100
        """,
        BY_HAND,
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def waiting_for_person(db: Database) -> list[Modification]:
    """Modifications, of all accounts, that machines could not settle; oldest first."""
    rows = await db.rows(f"select {_COLUMNS} from modifications where state = 'manual' order by id")
    return [_modification(row) for row in rows]


async def schedule(
    connection: Connection, modification: Modification, *, inquiries: int, look_seconds: int | None
) -> None:
    """Notes how many questions were asked and when the next is due."""
    await connection.execute(
        """
        update modifications
        set inquiries = $3, due_at = now() + $4 * interval '1 second', updated_at = now()
        where account_id = $1 and id = $2
        """,
        modification.account_id,
        modification.id,
        inquiries,
        look_seconds,
    )


_SAVE_MOVE = Statement("""
    with moved as (
        update modifications set
            state = :to_state, moves = moves + 1, inquiries = 0,
            due_at = now() + :look_seconds::int * interval '1 second',
            provider_id = coalesce(:provider_id, provider_id),
            decline_reason = coalesce(:decline_reason, decline_reason),
            decline_code = coalesce(:decline_code, decline_code),
            approved_at = case when :is_approval::boolean then coalesce(approved_at, now())
                else approved_at end,
            reversed_at = case when :is_reversal::boolean then now() else reversed_at end,
            updated_at = now()
        where account_id = :account_id and id = :id
            and state = :from_state and moves = :moves
        returning account_id, id, moves, decline_reason, approved_at, updated_at
    ), noted as (
        insert into modification_moves (
            account_id, modification_id, sequence, from_state, to_state, step, fact, detail
        )
        select account_id, id, moves, :from_state, :to_state, :step, :fact, :detail from moved
    )
    select * from moved
""")

_NOTHING_KNOWN: Mapping[str, Any] = dict.fromkeys(
    ("provider_id", "decline_reason", "decline_code", "detail")
)


async def save_move(
    connection: Connection,
    before: Modification,
    step: Step,
    *,
    to: State,
    facts: tuple[Fact, ...],
    look_seconds: int | None,
    learnt: Mapping[str, Any],
) -> Modification:
    """The modification in its new state, saved, if it still is where it was read.

    Raises: Raced.
    """
    values = {
        **_NOTHING_KNOWN,
        **learnt,
        "account_id": before.account_id,
        "id": before.id,
        "from_state": before.state,
        "to_state": to,
        "moves": before.moves,
        "step": step,
        "fact": facts[-1] if facts else None,
        "is_approval": to is State.APPROVED or Fact.APPROVAL in facts,
        "is_reversal": Fact.REVERSAL in facts,
        "look_seconds": look_seconds,
    }
    row = await _SAVE_MOVE.row(connection, values)
    if row is None:
        raise Raced
    return replace(
        before,
        state=to,
        moves=before.moves + 1,
        inquiries=0,
        decline_reason=row["decline_reason"],
        approved_at=row["approved_at"],
        updated_at=row["updated_at"],
    )


async def save_sums(connection: Connection, after: Transaction) -> None:
    """Writes what was done with a locked transaction's money, and its status."""
    is_open = after.sums.captured + after.sums.voided < after.sums.authorised
    await connection.execute(
        """
        update transactions set
            captured = $3, voided = $4, refunded = $5, status = $6,
            status_changed_at = case when status = $6 then status_changed_at else now() end,
            captured_at = case when $3::bigint > 0 then coalesce(captured_at, now()) end,
            capture_before = case when $7 then capture_before end,
            lapse_at = case when $7 then lapse_at end,
            returned = $8,
            updated_at = now()
        where account_id = $1 and id = $2
        """,
        after.account_id,
        after.id,
        after.captured,
        after.voided,
        after.refunded,
        after.status,
        is_open,
        after.returned,
    )


def _modification(row: Row) -> Modification:
    return Modification(
        account_id=row["account_id"],
        id=ModificationID(row["id"]),
        transaction_id=row["transaction_id"],
        kind=ModificationKind(row["kind"]),
        amount=Money(row["amount"], lookups.currency(row["currency"])),
        is_automatic=row["is_automatic"],
        connector=row["connector"],
        state=State(row["state"]),
        moves=row["moves"],
        inquiries=row["inquiries"],
        decline_reason=row["decline_reason"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        approved_at=row["approved_at"],
    )
