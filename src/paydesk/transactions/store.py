"""All SQL of transactions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paydesk import cards, lookups
from paydesk.cards import KeptCard
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.statement import Statement
from paydesk.kit.money import Money
from paydesk.kit.moves import Raced
from paydesk.transactions.model import Transaction, TransactionID
from paydesk.transactions.states import Fact, State, Step

_COLUMNS = """
    account_id, id, checkout_id, order_id, customer_id, card_id, attempt, amount, currency,
    connector, state, moves, inquiries, approved_at
"""

_INSERT = """
    with {card} made as (
        insert into transactions (
            account_id, id, checkout_id, order_id, customer_id, card_id, attempt, amount,
            currency, connector, state, moves, due_at
        ) values (
            :account_id, :id, :checkout_id, :order_id, :customer_id, :card_id, :attempt,
            :amount, :currency, :connector, :state, 1,
            now() + :due_seconds * interval '1 second'
        )
        on conflict do nothing
        returning account_id, id, state
    )
    insert into transaction_moves (
        account_id, transaction_id, sequence, from_state, to_state, step
    )
    select account_id, id, 1, :from_state, state, :step from made
"""
_INSERT_ALONE = Statement(_INSERT.format(card=""))
_INSERT_WITH_CARD = Statement(_INSERT.format(card=f"card as ({cards.INSERT_CARD}),"))


async def insert_submitting(
    connection: Connection,
    transaction: Transaction,
    *,
    due_seconds: int,
    new_card: KeptCard | None = None,
) -> None:
    """Commits an attempt to being sent: from now on bytes may leave under its id.

    new_card is the attempt's card, where it has to be put in as well.
    Raises: Raced, where the checkout has this attempt, or a live one, already.
    """
    values = {
        "account_id": transaction.account_id,
        "id": transaction.id,
        "checkout_id": transaction.checkout_id,
        "order_id": transaction.order_id,
        "customer_id": transaction.customer_id,
        "card_id": transaction.card_id,
        "attempt": transaction.attempt,
        "amount": transaction.amount.minor,
        "currency": transaction.amount.currency.code,
        "connector": transaction.connector,
        "from_state": State.CREATED,
        "state": State.SUBMITTING,
        "step": Step.SUBMIT,
        "due_seconds": due_seconds,
    }
    if new_card is None:
        inserted = await _INSERT_ALONE.run(connection, values)
    else:
        inserted = await _INSERT_WITH_CARD.run(
            connection, {**values, **cards.card_values(new_card)}
        )
    if inserted == 0:
        raise Raced


async def lock(connection: Connection, account_id: int, transaction_id: str) -> Transaction:
    """The transaction, held for this database transaction."""
    row = await connection.fetchrow(
        f"""
        select {_COLUMNS} from transactions where account_id = $1 and id = $2
        for no key update
        """,
        account_id,
        transaction_id,
    )
    assert row is not None
    return _transaction(row)


async def due(db: Database, account_id: int, transaction_id: str) -> Transaction | None:
    """The transaction, if there is something to do about it now."""
    row = await db.row(
        f"""
        select {_COLUMNS} from transactions
        where account_id = $1 and id = $2 and due_at <= now() + interval '50 milliseconds'
        """,
        account_id,
        transaction_id,
    )
    return None if row is None else _transaction(row)


async def overdue(db: Database) -> list[tuple[int, str]]:
    """Attempts that are due and that no job seems to be looking at."""
    rows = await db.rows(
        """
        select account_id, id from transactions
        where due_at <= now() - interval '1 second' order by due_at limit 500
        """
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def schedule(
    connection: Connection, transaction: Transaction, *, inquiries: int, look_seconds: int | None
) -> None:
    """Notes how many questions were asked and when the next is due."""
    await connection.execute(
        """
        update transactions
        set inquiries = $3, due_at = now() + $4 * interval '1 second', updated_at = now()
        where account_id = $1 and id = $2
        """,
        transaction.account_id,
        transaction.id,
        inquiries,
        look_seconds,
    )


_SAVE_MOVE = Statement("""
    with moved as (
        update transactions set
            state = :to_state, moves = moves + 1, inquiries = 0,
            due_at = now() + :look_seconds::int * interval '1 second',
            provider_id = coalesce(:provider_id, provider_id),
            authorisation_code = coalesce(:authorisation_code, authorisation_code),
            decline_reason = coalesce(:decline_reason, decline_reason),
            decline_code = coalesce(:decline_code, decline_code),
            approved_at = case when :is_approval::boolean then coalesce(approved_at, now())
                else approved_at end,
            reversed_at = case when :is_reversal::boolean then now() else reversed_at end,
            updated_at = now()
        where account_id = :account_id and id = :id
            and state = :from_state and moves = :moves
        returning account_id, id, moves
    )
    insert into transaction_moves (
        account_id, transaction_id, sequence, from_state, to_state, step, fact, detail
    )
    select account_id, id, moves, :from_state, :to_state, :step, :fact, :detail from moved
""")

_NOTHING_KNOWN: Mapping[str, Any] = dict.fromkeys(
    ("provider_id", "authorisation_code", "decline_reason", "decline_code", "detail")
)


async def save_move(
    connection: Connection,
    before: Transaction,
    step: Step,
    *,
    to: State,
    facts: tuple[Fact, ...],
    look_seconds: int | None,
    learnt: Mapping[str, Any],
) -> Transaction:
    """The attempt in its new state, saved with what was learnt, if it still is where it was read.

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
        "is_approval": Fact.APPROVAL in facts,
        "is_reversal": Fact.REVERSAL in facts,
        "look_seconds": look_seconds,
    }
    if await _SAVE_MOVE.run(connection, values) == 0:
        raise Raced
    return replace(before, state=to, moves=before.moves + 1, inquiries=0)


def _transaction(row: Row) -> Transaction:
    return Transaction(
        account_id=row["account_id"],
        id=TransactionID(row["id"]),
        checkout_id=row["checkout_id"],
        order_id=row["order_id"],
        customer_id=row["customer_id"],
        card_id=row["card_id"],
        attempt=row["attempt"],
        amount=Money(row["amount"], lookups.currency(row["currency"])),
        connector=row["connector"],
        state=State(row["state"]),
        moves=row["moves"],
        inquiries=row["inquiries"],
        approved_at=row["approved_at"],
    )
