"""All SQL of transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from paydesk import cards, lookups
from paydesk.cards import KeptCard
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.kit.money import Currency, Money
from paydesk.kit.moves import Raced
from paydesk.payment_methods import MethodType
from paydesk.transactions.model import (
    ShownAuthentication,
    ShownTransaction,
    Transaction,
    TransactionID,
)
from paydesk.transactions.states import Fact, State, Step

_COLUMNS = """
    account_id, id, checkout_id, order_id, customer_id, card_id, attempt, amount, currency,
    connector, state, is_hold, is_challenged, provider_id, captured, voided, refunded, moves,
    inquiries, approved_at, capture_before, method, handover_url, handover_until,
    payer_reference, received, returned, payment_id, due_on
"""

_INSERT = """
    with {card} made as (
        insert into transactions (
            account_id, id, checkout_id, order_id, customer_id, card_id, attempt, amount,
            currency, connector, state, is_hold, moves, due_at, method, handover_until,
            return_hash, payer_reference, payment_id, due_on
        ) values (
            :account_id, :id, :checkout_id, :order_id, :customer_id, :card_id, :attempt,
            :amount, :currency, :connector, :state, :is_hold, 1,
            now() + :due_seconds * interval '1 second', :method, :handover_until,
            :return_hash, :payer_reference, :payment_id, :due_on
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


async def insert(
    connection: Connection,
    transaction: Transaction,
    by: Step,
    *,
    due_seconds: int,
    new_card: KeptCard | None = None,
    return_hash: bytes | None = None,
) -> None:
    """Puts in an attempt that this step begins. Submitted, bytes may leave under its id from now.

    new_card is the attempt's card, where it has to be put in as well. return_hash is that of the
    secret that the payer comes back with from their bank.
    Raises: Raced, where what it is for has this attempt already, or its order a live one.
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
        "is_hold": transaction.is_hold,
        "from_state": State.CREATED,
        "state": transaction.state,
        "step": by,
        "due_seconds": due_seconds,
        "method": transaction.method,
        "handover_until": transaction.handover_until,
        "return_hash": return_hash,
        "payer_reference": transaction.payer_reference,
        "payment_id": transaction.payment_id,
        "due_on": transaction.due_on,
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


async def lock_attempt(
    connection: Connection, account_id: int, checkout_id: str, attempt: int
) -> Transaction:
    """The checkout's attempt of this number, held for this database transaction."""
    row = await connection.fetchrow(
        f"""
        select {_COLUMNS} from transactions
        where checkout_id = $2 and attempt = $3 and account_id = $1 for no key update
        """,
        account_id,
        checkout_id,
        attempt,
    )
    assert row is not None
    return _transaction(row)


async def _taken_this_month(
    connection: Connection,
    account_id: int,
    method: MethodType,
    currency: Currency,
    now: datetime,
) -> int:
    """What the account took this month by the method, or may yet, in minor units.

    The method is held for this database transaction, so that two attempts see each other.
    """
    await connection.execute(
        "select from payment_methods where account_id = $1 and type = $2 for no key update",
        account_id,
        method,
    )
    taken: int = await connection.fetchval(
        """
        select coalesce(sum(amount), 0)::bigint from transactions
        where account_id = $1 and method = $2 and currency = $3
            and status not in ('DECLINED', 'REVERSED', 'CANCELLED')
            and created_at >= date_trunc('month', $4, 'Africa/Johannesburg')
        """,
        account_id,
        method,
        currency.code,
        now,
    )
    return taken


async def is_above_month(
    connection: Connection,
    account_id: int,
    method: MethodType,
    limit: Money | None,
    amount: Money,
    now: datetime,
) -> bool:
    """Whether the amount, with all of this month, is more than the method's limit of a month."""
    if limit is None or limit.currency != amount.currency:
        return False
    taken = await _taken_this_month(connection, account_id, method, amount.currency, now)
    return taken + amount.minor > limit.minor


async def of_return(db: Database, return_hash: bytes) -> Transaction | None:
    """The attempt whose payer comes back with the secret of this hash."""
    row = await db.row(f"select {_COLUMNS} from transactions where return_hash = $1", return_hash)
    return None if row is None else _transaction(row)


async def of_payer_reference(connection: Connection, payer_reference: str) -> Transaction | None:
    """The attempt that money under this reference is for."""
    row = await connection.fetchrow(
        f"select {_COLUMNS} from transactions where payer_reference = $1", payer_reference
    )
    return None if row is None else _transaction(row)


async def exists(connection: Connection, account_id: int, transaction_id: str) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select from transactions where account_id = $1 and id = $2)",
        account_id,
        transaction_id,
    )
    return found


async def find(connection: Connection, account_id: int, transaction_id: str) -> Transaction | None:
    row = await connection.fetchrow(
        f"select {_COLUMNS} from transactions where account_id = $1 and id = $2",
        account_id,
        transaction_id,
    )
    return None if row is None else _transaction(row)


async def live_on_orders(
    connection: Connection, account_id: int, order_ids: Sequence[str]
) -> set[str]:
    """Those of the orders that an attempt pays, or may come to pay."""
    rows = await connection.fetch(
        """
        select order_id from transactions
        where order_id = any ($1::text[]) and account_id = $2
            and status not in ('DECLINED', 'REVERSED', 'CANCELLED')
        """,
        list(order_ids),
        account_id,
    )
    return {row["order_id"] for row in rows}


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


async def is_due(connection: Connection, transaction: Transaction) -> bool:
    """Whether there is something to do about it now, as `due` judges it."""
    found: bool | None = await connection.fetchval(
        """
        select due_at <= now() + interval '50 milliseconds' from transactions
        where account_id = $1 and id = $2
        """,
        transaction.account_id,
        transaction.id,
    )
    return bool(found)


async def overdue(db: Database) -> list[tuple[int, str]]:
    """Attempts that are due and that no job seems to be looking at."""
    rows = await db.rows(
        """
        select account_id, id from transactions
        where due_at <= now() - interval '1 second' order by due_at limit 500
        """
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def about_to_lapse(db: Database, *, before_seconds: int) -> list[tuple[int, str, str]]:
    """Account, checkout and id of holds that lapse within this time, of which nobody was told."""
    rows = await db.rows(
        """
        select account_id, checkout_id, id from transactions
        where lapse_at <= now() + $1 * interval '1 second' and warned_at is null
            and capture_before > now()
        order by lapse_at limit 500
        """,
        before_seconds,
    )
    return [(row["account_id"], row["checkout_id"], row["id"]) for row in rows]


async def note_warned(connection: Connection, account_id: int, transaction_id: str) -> bool:
    """Notes that its merchant is told of the hold's end; False where that was noted before."""
    tag = await connection.execute(
        """
        update transactions set warned_at = now()
        where account_id = $1 and id = $2 and warned_at is null
        """,
        account_id,
        transaction_id,
    )
    return tag == "UPDATE 1"


async def waiting_for_person(db: Database) -> list[Transaction]:
    """Attempts, of all accounts, that machines could not settle; oldest first."""
    rows = await db.rows(f"select {_COLUMNS} from transactions where state = 'manual' order by id")
    return [_transaction(row) for row in rows]


async def not_lapsed(db: Database) -> list[Transaction]:
    """Holds, of all accounts, that could not be let go of in time; oldest first."""
    rows = await db.rows(
        f"""
        select {_COLUMNS} from transactions
        where capture_before is not null and lapse_at is null order by id
        """
    )
    return [_transaction(row) for row in rows]


async def postpone_lapse(
    connection: Connection, account_id: int, transaction_id: str, *, seconds: int, tries_max: int
) -> None:
    """Has a hold tried again later should it not be let go of now; at last a person has to."""
    await connection.execute(
        """
        update transactions set
            lapse_tries = lapse_tries + 1,
            lapse_at = case when lapse_tries + 1 < $4 then now() + $3 * interval '1 second' end
        where account_id = $1 and id = $2
        """,
        account_id,
        transaction_id,
        seconds,
        tries_max,
    )


async def try_lapse_again(connection: Connection, account_id: int, transaction_id: str) -> None:
    await connection.execute(
        """
        update transactions set lapse_tries = 0, lapse_at = now()
        where account_id = $1 and id = $2 and capture_before is not null
        """,
        account_id,
        transaction_id,
    )


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


async def look_now(connection: Connection, account_id: int, transaction_id: str) -> None:
    """Has the worker look at a transaction at once."""
    await connection.execute(
        "update transactions set due_at = now() where account_id = $1 and id = $2",
        account_id,
        transaction_id,
    )


async def due_at(connection: Connection, transaction: Transaction) -> datetime | None:
    """When the worker is to look at a transaction next; None where it is not."""
    found: datetime | None = await connection.fetchval(
        "select due_at from transactions where account_id = $1 and id = $2",
        transaction.account_id,
        transaction.id,
    )
    return found


async def look_by(connection: Connection, transaction: Transaction, at: datetime) -> None:
    """Has the worker look at a transaction at this time, where it would do so later or never."""
    await connection.execute(
        "update transactions set due_at = least(due_at, $3) where account_id = $1 and id = $2",
        transaction.account_id,
        transaction.id,
        at,
    )


async def note_challenge(
    connection: Connection, transaction: Transaction, *, look_seconds: int
) -> None:
    """Notes that the payer is with the issuer, and when to stop waiting."""
    await connection.execute(
        """
        update transactions set
            is_challenged = true, due_at = now() + $3 * interval '1 second', updated_at = now()
        where account_id = $1 and id = $2
        """,
        transaction.account_id,
        transaction.id,
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
            eci = coalesce(:eci, eci), scheme_id = coalesce(:scheme_id, scheme_id),
            handover_url = coalesce(:handover_url, handover_url),
            approved_at = case when :is_approval::boolean then coalesce(approved_at, now())
                else approved_at end,
            reversed_at = case when :is_reversal::boolean then now() else reversed_at end,
            status = :status,
            status_changed_at = case when status = :status then status_changed_at else now() end,
            captured = :captured,
            captured_at = case when :captured::bigint > 0 then coalesce(captured_at, now()) end,
            capture_before = now() + :hold_seconds::int * interval '1 second',
            lapse_at = now() + :hold_seconds::int * interval '1 second',
            updated_at = now()
        where account_id = :account_id and id = :id
            and state = :from_state and moves = :moves
        returning account_id, id, moves, provider_id, approved_at, capture_before
    ), noted as (
        insert into transaction_moves (
            account_id, transaction_id, sequence, from_state, to_state, step, fact, detail
        )
        select account_id, id, moves, :from_state, :to_state, :step, :fact, :detail from moved
    )
    select * from moved
""")

_NOTHING_KNOWN: Mapping[str, Any] = dict.fromkeys(
    (
        *("provider_id", "authorisation_code", "decline_reason", "decline_code", "eci"),
        *("scheme_id", "handover_url", "detail"),
    )
)


async def save_move(
    connection: Connection,
    before: Transaction,
    step: Step,
    *,
    to: State,
    facts: tuple[Fact, ...],
    look_seconds: int | None,
    hold_seconds: int,
    learnt: Mapping[str, Any],
) -> Transaction:
    """The attempt in its new state, saved with what was learnt, if it still is where it was read.

    Raises: Raced.
    """
    # Approved, a sale is taken whole; an authorised amount waits, for as long as it may.
    is_approved = to is State.APPROVED
    after = replace(
        before,
        state=to,
        moves=before.moves + 1,
        inquiries=0,
        captured=before.amount.minor if is_approved and not before.is_hold else 0,
    )
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
        "is_approval": is_approved or Fact.APPROVAL in facts,
        "is_reversal": Fact.REVERSAL in facts,
        "look_seconds": look_seconds,
        "status": after.status,
        "captured": after.captured,
        "hold_seconds": hold_seconds if is_approved and before.is_hold else None,
    }
    row = await _SAVE_MOVE.row(connection, values)
    if row is None:
        raise Raced
    return replace(
        after,
        provider_id=row["provider_id"],
        approved_at=row["approved_at"],
        capture_before=row["capture_before"],
    )


_SHOWN = """
    select t.account_id, t.id, t.checkout_id, t.order_id, t.customer_id, t.card_id, t.attempt,
        t.amount, t.currency, t.connector, t.state, t.is_hold, t.is_challenged, t.provider_id,
        t.captured, t.voided, t.refunded, t.moves, t.inquiries, t.approved_at, t.capture_before,
        t.method, t.handover_url, t.handover_until, t.payer_reference, t.received, t.returned,
        t.payment_id, t.due_on,
        t.authorisation_code, t.decline_reason, t.created_at, t.updated_at, t.captured_at,
        t.status_changed_at, o.reference as order_reference, m.id as payment_method_id,
        k.brand, k.bin, k.ending, k.expire_month, k.expire_year, k.fingerprint, k.token,
        n.version as authentication_version, coalesce(t.eci, n.eci) as eci,
        coalesce(n.result_status, n.status) as authentication_status
    from transactions t
    join orders o on o.account_id = t.account_id and o.id = t.order_id
    left join payment_methods m on m.account_id = t.account_id and m.type = t.method
    left join cards k on k.account_id = t.account_id and k.id = t.card_id
    left join authentications n on n.transaction_id = t.id and n.account_id = t.account_id
"""

# What a list can be narrowed by, in SQL.
FILTERS: Mapping[str, str] = {
    "status": "t.status = :status",
    "charged_from": "t.captured_at >= :charged_from",
    "charged_until": "t.captured_at <= :charged_until",
    "status_changed_from": "t.status_changed_at >= :status_changed_from",
    "status_changed_until": "t.status_changed_at <= :status_changed_until",
    "created_from": "t.created_at >= :created_from",
    "created_until": "t.created_at <= :created_until",
    "payment_method_id": "m.id = :payment_method_id",
    "customer_id": "t.customer_id = :customer_id",
    "order_id": "t.order_id = :order_id",
    "checkout_id": "t.checkout_id = :checkout_id",
    "payment_id": "t.payment_id = :payment_id",
    "reference": """t.order_id in (
        select id from orders where reference = :reference and account_id = :account_id
    )""",
}


async def listed(
    connection: Connection, account_id: int, filters: Mapping[str, Any], page: Page
) -> tuple[list[ShownTransaction], str | None]:
    """A page of the account's transactions, newest first, and the cursor of the next."""
    found = await list_rows(
        connection,
        _SHOWN,
        page=page,
        conditions={FILTERS[name]: value for name, value in filters.items()},
        values={"account_id": account_id},
        alias="t",
    )
    return [_shown(row) for row in found.rows], found.next_cursor


async def shown(
    connection: Connection, account_id: int, transaction_id: str
) -> ShownTransaction | None:
    row = await connection.fetchrow(
        f"{_SHOWN} where t.account_id = $1 and t.id = $2", account_id, transaction_id
    )
    return None if row is None else _shown(row)


async def shown_of_reference(
    connection: Connection, account_id: int, reference: str
) -> ShownTransaction | None:
    """Of the attempts to pay orders of this reference: one that holds money, else the newest."""
    row = await connection.fetchrow(
        f"""
        {_SHOWN}
        where t.account_id = $1 and t.order_id in (
            select id from orders where reference = $2 and account_id = $1
        )
        order by t.status in ('DECLINED', 'REVERSED', 'CANCELLED'), t.id desc limit 1
        """,
        account_id,
        reference,
    )
    return None if row is None else _shown(row)


def _shown(row: Row) -> ShownTransaction:
    card = None
    if row["brand"] is not None:
        card = KeptCard(
            id=row["card_id"],
            brand=row["brand"],
            bin=row["bin"],
            ending=row["ending"],
            expire_month=row["expire_month"],
            expire_year=row["expire_year"],
            fingerprint=row["fingerprint"],
            token=row["token"],
        )
    return ShownTransaction(
        transaction=_transaction(row),
        order_reference=row["order_reference"],
        payment_method_id=row["payment_method_id"],
        card=card,
        authorisation_code=row["authorisation_code"],
        decline_reason=row["decline_reason"],
        authentication=_shown_authentication(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        charged_at=row["captured_at"],
        status_changed_at=row["status_changed_at"],
    )


def _shown_authentication(row: Row) -> ShownAuthentication | None:
    if row["authentication_version"] is None:
        return None
    return ShownAuthentication(
        version=row["authentication_version"],
        status=row["authentication_status"],
        is_challenged=row["is_challenged"],
        eci=row["eci"],
    )


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
        is_hold=row["is_hold"],
        is_challenged=row["is_challenged"],
        provider_id=row["provider_id"],
        captured=row["captured"],
        voided=row["voided"],
        refunded=row["refunded"],
        moves=row["moves"],
        inquiries=row["inquiries"],
        approved_at=row["approved_at"],
        capture_before=row["capture_before"],
        method=MethodType(row["method"]),
        handover_url=row["handover_url"],
        handover_until=row["handover_until"],
        payer_reference=row["payer_reference"],
        received=row["received"],
        returned=row["returned"],
        payment_id=row["payment_id"],
        due_on=row["due_on"],
    )
