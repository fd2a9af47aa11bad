"""All SQL of payments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paydesk import limits, lookups
from paydesk.connectors.contract import FirstPayment
from paydesk.db.connection import Connection, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.kit.money import Money
from paydesk.kit.moves import Raced
from paydesk.notifications import Notifications
from paydesk.payments.model import Filters, Payment, PaymentID, ShownPayment
from paydesk.payments.schedule import Interval, Schedule
from paydesk.payments.states import State, Step

_COLUMNS = """
    p.account_id, p.id, p.customer_id, p.card_id, p.checkout_id, p.batch_reference, p.reference,
    p.description, p.amount, p.currency, p.interval, p.process_day, p.date_start, p.date_end,
    p.state, p.moves, p.events, p.due_on, p.try_number, p.tried_on, p.resumed_on, p.charge_at,
    p.transaction_id,
    p.charges, p.missed, p.decline_reason, p.consent, p.send_invoice, p.send_confirmation_email,
    p.confirmation_email_override, p.amount_tax, p.locale
"""

_INSERT = Statement("""
    insert into payments (
        account_id, id, customer_id, card_id, checkout_id, batch_reference, reference, description,
        amount, currency, interval, process_day, date_start, date_end, state, events, due_on,
        charge_at, charges, consent, send_invoice, send_confirmation_email,
        confirmation_email_override, amount_tax, locale
    ) values (
        :account_id, :id, :customer_id, :card_id, :checkout_id, :batch_reference, :reference,
        :description, :amount, :currency, :interval, :process_day, :date_start, :date_end, :state,
        :events, :due_on, :charge_at, :charges, :consent, :send_invoice,
        :send_confirmation_email, :confirmation_email_override, :amount_tax, :locale
    )
""")


async def insert(connection: Connection, payment: Payment) -> None:
    await _INSERT.run(
        connection,
        {
            "account_id": payment.account_id,
            "id": payment.id,
            "customer_id": payment.customer_id,
            "card_id": payment.card_id,
            "checkout_id": payment.checkout_id,
            "batch_reference": payment.batch_reference,
            "reference": payment.reference,
            "description": payment.description,
            "amount": payment.amount.minor,
            "currency": payment.amount.currency.code,
            "interval": payment.schedule.interval,
            "process_day": payment.schedule.process_day,
            "date_start": payment.schedule.start,
            "date_end": payment.schedule.end,
            "state": payment.state,
            "events": payment.events,
            "due_on": payment.due_on,
            "charge_at": payment.charge_at,
            "charges": payment.charges,
            "consent": payment.consent,
            "send_invoice": payment.notifications.send_invoice,
            "send_confirmation_email": payment.notifications.send_confirmation_email,
            "confirmation_email_override": payment.notifications.confirmation_email_override,
            "amount_tax": None if payment.tax is None else payment.tax.minor,
            "locale": payment.locale,
        },
    )


@dataclass(frozen=True, slots=True)
class First:
    """What later charges take from the checkout that is a payment's first."""

    reference: str
    description: str | None
    notifications: Notifications


async def first_of(connection: Connection, account_id: int, checkout_id: str) -> First:
    row = await connection.fetchrow(
        """
        select o.reference, o.description, c.send_invoice, c.send_confirmation_email,
            c.confirmation_email_override
        from checkouts c join orders o on o.account_id = c.account_id and o.id = c.order_id
        where c.account_id = $1 and c.id = $2
        """,
        account_id,
        checkout_id,
    )
    assert row is not None
    return First(row["reference"], row["description"], _notifications(row))


async def locale_for(
    connection: Connection, account_id: int, customer_id: str, asked: str | None
) -> str | None:
    """The language of a customer's payment that is submitted; None where nothing is known.

    What the payer chose on the page of their latest checkout goes before what is asked for, that
    before the checkout's own locale, and last comes the account's. `auto` says nothing here.
    """
    locale: str | None = await connection.fetchval(
        """
        select coalesce(latest.language, nullif($3, 'auto'), nullif(latest.locale, 'auto'),
            nullif(a.customization ->> 'locale', 'auto'))
        from accounts a left join lateral (
            select s.language, c.customization ->> 'locale' as locale
            from (
                select account_id, checkout_id, id from transactions
                where account_id = $1 and customer_id = $2 order by id desc limit $4
            ) t
            join checkouts c on c.account_id = t.account_id and c.id = t.checkout_id
            left join sessions s on s.account_id = c.account_id and s.checkout_id = c.id
                and s.language is not null
            order by t.id desc limit 1
        ) latest on true
        where a.id = $1
        """,
        account_id,
        customer_id,
        asked,
        limits.LANGUAGE_LOOK_MAX,
    )
    return locale


@dataclass(frozen=True, slots=True)
class Held:
    """A payment that is held by a database transaction, and its time.

    is_merchant_told: the account wants a mail about each payment.
    """

    payment: Payment
    at: datetime
    is_merchant_told: bool


async def lock(connection: Connection, account_id: int, payment_id: str) -> Held | None:
    """The payment, held for this database transaction; None where there is none."""
    row = await connection.fetchrow(
        f"""
        select {_COLUMNS}, now(), a.mail_payments
        from payments p join accounts a on a.id = p.account_id
        where p.account_id = $1 and p.id = $2 for no key update of p
        """,
        account_id,
        payment_id,
    )
    return None if row is None else Held(_payment(row), row["now"], row["mail_payments"])


@dataclass(frozen=True, slots=True)
class Due:
    """A payment that is to be charged, held, the acquirer of its account, and the time.

    monthly_limit is that of the account's cards.
    """

    payment: Payment
    connector: str
    at: datetime
    monthly_limit: Money | None = None


async def claim_due(connection: Connection, now: datetime | None, *, count_max: int) -> list[Due]:
    """The payments that are due, held for this database transaction; those held elsewhere not.

    An account without an acquirer has to wait for one. Those of an account come together, and all
    workers see the accounts in one order: that is how their monthly limits are locked.
    """
    rows = await connection.fetch(
        f"""
        select {_COLUMNS}, a.connector, coalesce($1, now()) as at, m.monthly_limit
        from payments p join accounts a on a.id = p.account_id
        left join payment_methods m on m.account_id = p.account_id and m.type = 'CARD'
        where p.charge_at <= coalesce($1, now()) and a.connector is not null
        order by p.charge_at limit $2 for no key update of p skip locked
        """,
        now,
        count_max,
    )
    found = [Due(_payment(row), row["connector"], row["at"], _limit(row)) for row in rows]
    return sorted(found, key=lambda due: due.payment.account_id)


def _limit(row: Row) -> Money | None:
    limit = row["monthly_limit"]
    return None if limit is None else Money(limit, lookups.currency("ZAR"))


async def first_payment(connection: Connection, payment: Payment) -> FirstPayment | None:
    """What charges of this payment's card refer to; None where its network named nothing.

    That is the checkout in which its payer agreed, where the card is still that one. Else it is the
    newest payment of the card that a payer was present at: what is known of it may be better than
    what was known of the first.
    """
    row = await connection.fetchrow(
        """
        select t.approved_at as at, t.scheme_id, n.directory_id, n.issuer_id
        from transactions t
        left join authentications n on n.account_id = t.account_id and n.transaction_id = t.id
        where t.account_id = $1 and t.id = coalesce(
            (
                select a.id from checkouts c
                join transactions a on a.account_id = c.account_id and a.id = c.transaction_id
                join cards k on k.account_id = a.account_id and k.id = a.card_id
                where c.account_id = $1 and c.id = $3 and $2 in (k.id, k.saved_as)
                    and a.scheme_id is not null and a.approved_at is not null
            ),
            (
                -- Two look-ups by index: one with "or" may read all cards of the account.
                select a.id from (
                    select account_id, id from cards where account_id = $1 and saved_as = $2
                    union all
                    select account_id, id from cards where account_id = $1 and id = $2
                ) k
                join transactions a on a.account_id = k.account_id and a.card_id = k.id
                where a.payment_id is null and a.scheme_id is not null
                    and a.approved_at is not null
                order by a.id desc limit 1
            )
        )
        """,
        payment.account_id,
        payment.card_id,
        payment.checkout_id,
    )
    return None if row is None else FirstPayment(**dict(row))


async def postpone(connection: Connection, due: Due, *, seconds: int) -> None:
    """Has a payment that could not be charged tried again later."""
    await connection.execute(
        """
        update payments set charge_at = $3::timestamptz + $4 * interval '1 second'
        where account_id = $1 and id = $2
        """,
        due.payment.account_id,
        due.payment.id,
        due.at,
        seconds,
    )


_SAVE_MOVE = Statement("""
    with moved as (
        update payments set
            state = :to_state, moves = moves + 1,
            events = events + case when :event::text is null then 0 else 1 end,
            due_on = :due_on, try_number = :try_number, tried_on = :tried_on,
            resumed_on = :resumed_on,
            charge_at = :charge_at, transaction_id = :transaction_id, charges = :charges,
            missed = :missed, decline_reason = :decline_reason, updated_at = now()
        where account_id = :account_id and id = :id and state = :from_state and moves = :moves
        returning account_id, id, moves
    )
    insert into payment_moves (
        account_id, payment_id, sequence, from_state, to_state, step, event
    )
    select account_id, id, moves, :from_state, :to_state, :step, :event from moved
""")


async def save_move(
    connection: Connection, before: Payment, step: Step, after: Payment, *, event: str | None
) -> None:
    """Writes a payment as it is after this step, if it still is where it was read.

    Raises: Raced.
    """
    values = {
        "account_id": before.account_id,
        "id": before.id,
        "from_state": before.state,
        "moves": before.moves,
        "to_state": after.state,
        "step": step,
        "event": event,
        "due_on": after.due_on,
        "try_number": after.try_number,
        "tried_on": after.tried_on,
        "resumed_on": after.resumed_on,
        "charge_at": after.charge_at,
        "transaction_id": after.transaction_id,
        "charges": after.charges,
        "missed": after.missed,
        "decline_reason": after.decline_reason,
    }
    if await _SAVE_MOVE.run(connection, values) == 0:
        raise Raced


_SHOWN = f"""
    select {_COLUMNS}, p.created_at, p.updated_at, m.id as payment_method_id,
        k.token as card_token,
        (
            select t.id from transactions t
            where t.payment_id = p.id and t.account_id = p.account_id
            order by t.id desc limit 1
        ) as last_transaction_id
    from payments p
    left join payment_methods m on m.account_id = p.account_id and m.type = 'CARD'
    left join cards k on k.account_id = p.account_id and k.id = p.card_id
"""


async def shown(connection: Connection, account_id: int, payment_id: str) -> ShownPayment | None:
    row = await connection.fetchrow(
        f"{_SHOWN} where p.account_id = $1 and p.id = $2", account_id, payment_id
    )
    return None if row is None else _shown(row)


async def listed(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> tuple[list[ShownPayment], str | None]:
    """A page of the account's payments, newest first, and the cursor of the next."""
    found = await list_rows(
        connection,
        _SHOWN,
        page=page,
        conditions={
            "p.id = :payment_id": filters.payment_id,
            "p.customer_id = :customer_id": filters.customer_id,
            "p.card_id = :card_id": filters.card_id,
            "p.checkout_id = :checkout_id": filters.checkout_id,
            "p.state = :state": filters.state,
            "p.batch_reference = :batch_reference": filters.batch_reference,
            "p.reference = :reference": filters.reference,
            "p.created_at >= :created_from": filters.created_from,
            "p.created_at <= :created_until": filters.created_until,
        },
        values={"account_id": account_id},
        alias="p",
    )
    return [_shown(row) for row in found.rows], found.next_cursor


def _shown(row: Row) -> ShownPayment:
    return ShownPayment(
        payment=_payment(row),
        payment_method_id=row["payment_method_id"],
        card_token=row["card_token"],
        last_transaction_id=row["last_transaction_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _notifications(row: Row | Mapping[str, Any]) -> Notifications:
    return Notifications(
        send_invoice=row["send_invoice"],
        send_confirmation_email=row["send_confirmation_email"],
        confirmation_email_override=row["confirmation_email_override"],
    )


def _payment(row: Row | Mapping[str, Any]) -> Payment:
    currency = lookups.currency(row["currency"])
    return Payment(
        account_id=row["account_id"],
        id=PaymentID(row["id"]),
        customer_id=row["customer_id"],
        card_id=row["card_id"],
        amount=Money(row["amount"], currency),
        reference=row["reference"],
        schedule=Schedule(
            interval=Interval(row["interval"]),
            start=row["date_start"],
            end=row["date_end"],
            process_day=row["process_day"],
        ),
        state=State(row["state"]),
        due_on=row["due_on"],
        charge_at=row["charge_at"],
        checkout_id=row["checkout_id"],
        batch_reference=row["batch_reference"],
        description=row["description"],
        try_number=row["try_number"],
        tried_on=row["tried_on"],
        resumed_on=row["resumed_on"],
        transaction_id=row["transaction_id"],
        moves=row["moves"],
        events=row["events"],
        charges=row["charges"],
        missed=row["missed"],
        decline_reason=row["decline_reason"],
        consent=row["consent"],
        notifications=_notifications(row),
        tax=None if row["amount_tax"] is None else Money(row["amount_tax"], currency),
        locale=row["locale"],
    )


async def find_anywhere(connection: Connection, payment_id: str) -> Payment | None:
    """The payment with this id, whosever it is: for who holds the secret of its page."""
    row = await connection.fetchrow(f"select {_COLUMNS} from payments p where id = $1", payment_id)
    return None if row is None else _payment(row)


async def cards_in_use(
    connection: Connection, account_id: int, card_ids: Sequence[str]
) -> frozenset[str]:
    """Those of these cards that a payment charges which has not ended."""
    rows = await connection.fetch(
        """
        select distinct card_id from payments
        where account_id = $1 and card_id = any($2) and state in ('PENDING', 'RUNNING', 'PAUSED')
        """,
        account_id,
        card_ids,
    )
    return frozenset(row["card_id"] for row in rows)


async def charge_other_card(
    connection: Connection, account_id: int, card_id: str, new_card_id: str
) -> None:
    """Has the payments that charge a card, and have not ended, charge another from now on."""
    await connection.execute(
        """
        update payments set card_id = $3, updated_at = now()
        where account_id = $1 and card_id = $2 and state in ('PENDING', 'RUNNING', 'PAUSED')
        """,
        account_id,
        card_id,
        new_card_id,
    )
