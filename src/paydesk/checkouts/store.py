"""All SQL of checkouts and their sessions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from paydesk import abuse, customers, limits, lookups, orders, payments, threeds, transactions
from paydesk.checkouts.model import (
    PRE_AUTHORIZATION,
    ChangeCheckout,
    Checkout,
    CheckoutID,
    CheckoutList,
    CreateCheckout,
    Customization,
    Filters,
    LastAttempt,
    Named,
    PageCheckout,
    Phase,
    Redirects,
    ShownCheckout,
    Standing,
    standing_of,
)
from paydesk.checkouts.purpose import purpose_of
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.kit import json
from paydesk.kit.money import Currency, Money
from paydesk.kit.moves import Raced
from paydesk.languages import NumberStyle
from paydesk.merchants import BrandLogo, Font, GuardLevel, PageType, Radius, Theme
from paydesk.orders import Amounts, Item
from paydesk.payment_methods import MethodType
from paydesk.payments import Wanted
from paydesk.threeds import Payer, Policy, Purchase
from paydesk.transactions import Transaction

_INSERT_CHECKOUT = """
    insert into checkouts (
        account_id, id, session_id, order_id, customer_id, mode, payment_type, amount, currency,
        success_url, cancel_url, notify_url, customization, payment_method_ids,
        payment_metadata, save_card, show_cards, card_ids, customer_fields, send_invoice,
        send_confirmation_email, confirmation_email_override, recurring, replaces_card_id,
        expires_at
    ) values (
        :account_id, :checkout_id, :session_id, :order_id, {customer}, :mode, :payment_type,
        :amount, :currency, :success_url, :cancel_url, :notify_url, :customization,
        :payment_method_ids, :payment_metadata, :save_card, :show_cards, :card_ids,
        :customer_fields, :send_invoice, :send_confirmation_email,
        :confirmation_email_override, :recurring, :replaces_card_id,
        now() + :life_seconds * interval '1 second'
    )
    returning customer_id, expires_at
"""

_INSERT_SESSION = """
    insert into sessions (token_hash, account_id, checkout_id)
    values (:token_hash, :account_id, :checkout_id)
"""

_CHECKOUT_COLUMNS = """
    c.account_id, c.id, c.session_id, c.order_id, c.customer_id, c.mode, c.amount, c.currency,
    c.state, c.attempts, c.failures, c.events, c.moves, c.notify_url, c.transaction_id,
    c.card_id, c.cancellation_reason, c.expires_at, c.completed_at, c.cancelled_at,
    c.abandoned_at, c.payment_type, c.payment_metadata, c.extensions, c.recurring,
    c.replaces_card_id,
    c.send_confirmation_email or c.send_invoice
        or (select a.mail_payments from accounts a where a.id = c.account_id) as sends_mails
"""


@cache
def create_statement(*, makes_customer: bool, makes_order: bool) -> Statement:
    """The one statement that makes a checkout with all that it needs."""
    parts = []
    customer = ":customer_id"
    if makes_customer:
        customer = "(select id from customer)"
        parts.append(customers.UPSERT_CUSTOMER)
    if makes_order:
        parts.append(f"order_made as ({orders.INSERT_ORDER.format(customer=customer)})")
        parts.append(f"items_made as ({orders.INSERT_ITEMS})")
    parts.append(f"checkout as ({_INSERT_CHECKOUT.format(customer=customer)})")
    parts.append(f"session as ({_INSERT_SESSION})")
    return Statement(f"with {', '.join(parts)} select * from checkout")


async def insert(
    connection: Connection, account_id: int, command: CreateCheckout, token_hash: bytes
) -> Row:
    """Makes the checkout, its session, and the order and customer that the command describes.

    Shape: the row has customer_id and expires_at.
    """
    statement = create_statement(
        makes_customer=command.customer is not None, makes_order=command.order_id is None
    )
    row = await statement.row(connection, create_values(account_id, command, token_hash))
    assert row is not None
    return row


def create_values(account_id: int, command: CreateCheckout, token_hash: bytes) -> Mapping[str, Any]:
    """The values of create_statement."""
    described = command.customer
    return {
        **orders.order_values(command.order),
        **({} if described is None else customers.customer_values(described)),
        "account_id": account_id,
        **({"customer_id": command.customer_id} if described is None else {}),
        **({} if command.order_id is None else {"order_id": command.order_id}),
        "checkout_id": command.id,
        "session_id": command.session_id,
        "token_hash": token_hash,
        "mode": command.mode.name,
        "payment_type": command.payment_type,
        "amount": command.amount.minor,
        "currency": command.amount.currency.code,
        "success_url": command.redirects.success_url,
        "cancel_url": command.redirects.cancel_url,
        "notify_url": command.redirects.notify_url,
        "customization": _customization_text(command.customization),
        "payment_method_ids": command.payment_method_ids,
        "payment_metadata": json.text_or_none(command.payment_metadata),
        "save_card": command.cards.save_card,
        "show_cards": command.cards.show_cards,
        "card_ids": command.cards.card_ids,
        "replaces_card_id": command.replaces_card_id,
        "customer_fields": command.customer_fields,
        "send_invoice": command.notifications.send_invoice,
        "send_confirmation_email": command.notifications.send_confirmation_email,
        "confirmation_email_override": command.notifications.confirmation_email_override,
        "recurring": None
        if command.recurring is None
        else json.text_or_none(payments.kept(command.recurring)),
        "life_seconds": command.life_seconds,
    }


async def named_order(connection: Connection, account_id: int, order_id: str) -> Row | None:
    """The order's reference, amount_total, currency, status, customer_id and customer_reference."""
    return await connection.fetchrow(
        """
        select o.reference, o.amount_total, o.currency, o.status, o.customer_id,
            p.reference as customer_reference
        from orders o
        left join customers p on p.account_id = o.account_id and p.id = o.customer_id
        where o.account_id = $1 and o.id = $2 and o.deleted_at is null
        """,
        account_id,
        order_id,
    )


async def purchase(db: Database, transaction: Transaction) -> tuple[Purchase, datetime]:
    """What an attempt's issuer is told of it, and the time."""
    row = await db.row(
        """
        select coalesce(a.name, m.name) as merchant_name, c.mode, c.recurring,
            p.email, p.contact_number, now()
        from checkouts c
        join accounts a on a.id = c.account_id
        join merchants m on m.id = a.merchant_id
        left join customers p on p.account_id = c.account_id and p.id = c.customer_id
        where c.account_id = $1 and c.id = $2
        """,
        transaction.account_id,
        transaction.for_checkout,
    )
    assert row is not None
    payer = Payer(email=row["email"], phone=row["contact_number"])
    purpose, recurrence = purpose_of(row["mode"], _recurring(row["recurring"]), row["now"])
    told = Purchase(transaction.amount, row["merchant_name"], payer, purpose, recurrence)
    return told, row["now"]


async def named_to_acquirer(connection: Connection, checkout: Checkout) -> Named:
    """How a checkout's order and its merchant are called when it is paid."""
    row = await connection.fetchrow(
        """
        select coalesce(a.name, m.name) as merchant_name, o.reference as order_reference
        from orders o
        join accounts a on a.id = o.account_id
        join merchants m on m.id = a.merchant_id
        where o.account_id = $1 and o.id = $2
        """,
        checkout.account_id,
        checkout.order_id,
    )
    assert row is not None
    return Named(row["merchant_name"], row["order_reference"])


# The checkout itself is told of its attempt when that is decided; until then the latest is shown.
_SHOWN = f"""
    select {_CHECKOUT_COLUMNS}, c.created_at, c.success_url, c.cancel_url,
        o.status as order_status, o.reference as order_reference,
        o.description as order_description,
        p.reference as customer_reference, p.metadata as customer_metadata,
        t.id as shown_transaction_id, t.status as transaction_status, t.capture_before,
        (
            select array_agg((i.sku, i.name, i.quantity, i.unit_amount, i.metadata)
                order by i.position)
            from order_items i where i.account_id = c.account_id and i.order_id = c.order_id
        ) as items
    from checkouts c
    join orders o on o.account_id = c.account_id and o.id = c.order_id
    left join customers p on p.account_id = c.account_id and p.id = c.customer_id
    left join transactions t on t.account_id = c.account_id and t.id = coalesce(
        c.transaction_id,
        (
            select l.id from transactions l
            where c.state = 'pending' and l.account_id = c.account_id
                and l.checkout_id = c.id and l.attempt = c.attempts
        )
    )
"""


async def shown(connection: Connection, account_id: int, checkout_id: str) -> ShownCheckout | None:
    """The checkout with its order, items, customer and transaction."""
    row = await connection.fetchrow(
        f"{_SHOWN} where c.account_id = $1 and c.id = $2", account_id, checkout_id
    )
    return None if row is None else _shown(row)


async def list_page(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> CheckoutList:
    """One page of the checkouts that pass the filters, newest first."""
    listed = await list_rows(
        connection,
        _SHOWN,
        page=page,
        conditions={
            "c.state = :state": filters.state,
            "c.order_id = :order_id": filters.order_id,
            "c.customer_id = :customer_id": filters.customer_id,
            "o.reference = :order_reference": filters.order_reference,
            "c.session_id = :session_id": filters.session_id,
            "c.created_at >= :created_from": filters.created_from,
            "c.created_at <= :created_until": filters.created_until,
            "c.completed_at >= :completed_from": filters.completed_from,
            "c.completed_at <= :completed_until": filters.completed_until,
        },
        values={"account_id": account_id},
        alias="c",
    )
    return CheckoutList([_shown(row) for row in listed.rows], listed.next_cursor)


def _shown(row: Row) -> ShownCheckout:
    checkout = _checkout(row)
    return ShownCheckout(
        checkout=checkout,
        created_at=row["created_at"],
        redirects=Redirects(row["success_url"], row["cancel_url"], row["notify_url"]),
        transaction_id=row["shown_transaction_id"],
        order_status=row["order_status"],
        order_reference=row["order_reference"],
        order_description=row["order_description"],
        items=tuple(
            Item(
                sku=sku,
                name=name,
                quantity=quantity,
                unit_amount=Money(unit_amount, checkout.amount.currency),
                tax=None,
                discount=None,
                metadata=_metadata(metadata),
            )
            for sku, name, quantity, unit_amount, metadata in row["items"] or ()
        ),
        customer_reference=row["customer_reference"],
        customer_metadata=_metadata(row["customer_metadata"]),
        transaction_status=row["transaction_status"],
        capture_before=row["capture_before"],
    )


async def lock(
    connection: Connection, account_id: int, checkout_id: str
) -> tuple[Checkout, datetime]:
    """The checkout, held for this transaction, and the transaction's time."""
    row = await connection.fetchrow(
        f"""
        select {_CHECKOUT_COLUMNS}, now() from checkouts c
        where account_id = $1 and id = $2 for no key update
        """,
        account_id,
        checkout_id,
    )
    assert row is not None
    return _checkout(row), row["now"]


async def lock_to_pay(
    connection: Connection, account_id: int, checkout_id: str
) -> tuple[Checkout, Standing, datetime]:
    """The checkout and its order, both held, whether it can be paid, and the transaction's time.

    That another checkout of the order holds an attempt is found by the attempt's own index.
    """
    row = await connection.fetchrow(
        f"""
        select {_CHECKOUT_COLUMNS}, o.status as order_status,
            (o.amount_total, o.currency) = (c.amount, c.currency) as has_same_total,
            o.deleted_at is not null as is_deleted, now()
        from checkouts c
        join orders o on o.account_id = c.account_id and o.id = c.order_id
        where c.account_id = $1 and c.id = $2 for no key update
        """,
        account_id,
        checkout_id,
    )
    assert row is not None
    standing = standing_of(
        order_status=orders.State(row["order_status"]),
        is_deleted=row["is_deleted"],
        is_held_elsewhere=False,
        has_same_total=row["has_same_total"],
    )
    return _checkout(row), standing, row["now"]


async def exists(connection: Connection, account_id: int, checkout_id: str) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select from checkouts where account_id = $1 and id = $2)",
        account_id,
        checkout_id,
    )
    return found


_SAVE_MOVE = Statement("""
    with moved as (
        update checkouts set
            state = :to_state, moves = moves + 1,
            attempts = coalesce(:attempts, attempts), failures = coalesce(:failures, failures),
            events = events + case when :event::text is null then 0 else 1 end,
            transaction_id = coalesce(:transaction_id, transaction_id),
            card_id = coalesce(:card_id, card_id),
            customer_id = coalesce(:customer_id, customer_id),
            cancellation_reason = coalesce(:cancellation_reason, cancellation_reason),
            completed_at = coalesce(:completed_at, completed_at),
            cancelled_at = coalesce(:cancelled_at, cancelled_at),
            abandoned_at = coalesce(:abandoned_at, abandoned_at),
            expires_at = coalesce(:expires_at, expires_at),
            extensions = coalesce(:extensions, extensions),
            updated_at = now()
        where account_id = :account_id and id = :checkout_id
            and state = :from_state and moves = :moves
        returning account_id, id, moves
    )
    insert into checkout_moves (
        account_id, checkout_id, sequence, from_state, to_state, step, event
    )
    select account_id, id, moves, :from_state, :to_state, :step, :event from moved
""")

_UNCHANGED: Mapping[str, Any] = dict.fromkeys(
    (
        "attempts",
        "failures",
        "transaction_id",
        "card_id",
        "customer_id",
        "cancellation_reason",
        "completed_at",
        "cancelled_at",
        "abandoned_at",
        "expires_at",
        "extensions",
    )
)


async def save_move(
    connection: Connection,
    before: Checkout,
    step: Step,
    *,
    to: State,
    event: str | None,
    changes: Mapping[str, Any],
) -> None:
    """Writes a checkout's new state and what changed with it, if it still is where it was read.

    Raises: Raced.
    """
    values = {
        **_UNCHANGED,
        **changes,
        "account_id": before.account_id,
        "checkout_id": before.id,
        "from_state": before.state,
        "to_state": to,
        "moves": before.moves,
        "step": step,
        "event": event,
    }
    if await _SAVE_MOVE.run(connection, values) == 0:
        raise Raced


async def page_terms(
    connection: Connection, account_id: int, checkout_id: str
) -> tuple[Redirects, Customization, tuple[str, ...]]:
    """Where a checkout's payer goes, how the page looks, and the ways to pay it was narrowed to."""
    row = await connection.fetchrow(
        """
        select success_url, cancel_url, notify_url, customization, payment_method_ids
        from checkouts where account_id = $1 and id = $2
        """,
        account_id,
        checkout_id,
    )
    assert row is not None, "the checkout is held by this transaction"
    redirects = Redirects(row["success_url"], row["cancel_url"], row["notify_url"])
    return redirects, _customization(row["customization"]), tuple(row["payment_method_ids"] or ())


_SAVE_CHANGE = Statement("""
    update checkouts set
        amount = :amount, success_url = :success_url, cancel_url = :cancel_url,
        notify_url = :notify_url, customization = :customization,
        payment_metadata = :payment_metadata,
        expires_at = coalesce(now() + :life_seconds * interval '1 second', expires_at),
        updated_at = now()
    where account_id = :account_id and id = :checkout_id
""")


async def save_change(connection: Connection, before: Checkout, command: ChangeCheckout) -> None:
    """Writes what a merchant's change makes of a checkout that this transaction holds."""
    await _SAVE_CHANGE.run(
        connection,
        {
            "account_id": before.account_id,
            "checkout_id": before.id,
            "amount": command.amount.minor,
            **asdict(command.redirects),
            "customization": _customization_text(command.customization),
            "payment_metadata": json.text_or_none(command.payment_metadata),
            "life_seconds": command.life_seconds,
        },
    )


async def test_account(connection: Connection, checkout_id: str) -> int | None:
    """The test account that has this checkout."""
    number: int | None = await connection.fetchval(
        """
        select c.account_id from checkouts c join accounts a on a.id = c.account_id
        where c.id = $1 and not a.is_live
        """,
        checkout_id,
    )
    return number


async def due_to_expire(db: Database) -> list[tuple[int, str]]:
    rows = await db.rows(
        """
        select account_id, id from checkouts
        where state = 'open' and expires_at <= now() order by expires_at limit 500
        """
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def due_to_be_abandoned(db: Database, *, after_seconds: int) -> list[tuple[int, str]]:
    """Open checkouts whose page was last seen that long ago; each is named once only.

    The window is bounded below, so that the scan stays short; what was missed for longer is left
    to expire. It is scanned first and its checkouts are looked up one by one; as a join, a
    planner without statistics would go through all open checkouts each time.
    """
    rows = await db.rows(
        """
        with seen as materialized (
            select account_id, checkout_id from sessions
            where last_seen_at < now() - $1 * interval '1 second'
                and last_seen_at > now() - ($1 + $2::int) * interval '1 second'
        )
        select account_id, checkout_id as id from seen
        where (
            select state = 'open' and abandoned_at is null and expires_at > now()
            from checkouts c
            where c.account_id = seen.account_id and c.id = seen.checkout_id
        )
        limit 500
        """,
        after_seconds,
        limits.ABANDON_WINDOW_SECONDS,
    )
    return [(row["account_id"], row["id"]) for row in rows]


# Being looked at is noted at most every 20 seconds, so that reading a page is seldom a write.
_PAGE = """
    with session as (
        select account_id, checkout_id, last_seen_at, language from sessions where token_hash = $1
    ), seen as (
        update sessions set last_seen_at = now(), opened_at = coalesce(opened_at, now())
        where token_hash = $1
            and (last_seen_at is null or last_seen_at < now() - interval '20 seconds')
    )
    select s.language, c.account_id, c.id, c.customer_id, c.customer_fields, a.is_live, a.connector,
        coalesce(a.name, m.name) as merchant_name, encode(a.logo_hash, 'hex') as logo,
        a.charge_if_unavailable, a.charge_if_not_enrolled, c.state,
        c.payment_type, c.amount, c.currency, o.reference, o.description, o.amount_total,
        o.amount_subtotal, o.amount_discount, o.amount_shipping, o.amount_tax,
        o.status as order_status, o.deleted_at is not null as is_deleted,
        (o.amount_total, o.currency) = (c.amount, c.currency) as has_same_total,
        exists (
            select from transactions l
            where l.order_id = c.order_id and l.account_id = c.account_id
                and l.checkout_id <> c.id
                and l.status not in ('DECLINED', 'REVERSED', 'CANCELLED')
        ) as is_held_elsewhere,
        c.success_url, c.cancel_url, c.notify_url,
        c.customization, c.expires_at, c.expires_at <= now() as has_expired, c.attempts,
        a.embed_origins, c.extensions, c.payment_method_ids, c.recurring,
        case when c.recurring is not null then (
            select y.id from payments y where y.checkout_id = c.id and y.account_id = c.account_id
        ) end as payment_id,
        c.mode, c.save_card, c.card_ids,
        (c.show_cards or c.card_ids is not null) and c.mode <> 'save' and exists (
            select from cards k
            where k.customer_id = c.customer_id and k.account_id = c.account_id
                and k.saved_at is not null and k.archived_at is null
        ) as has_cards,
        extract(epoch from c.expires_at - now())::float8 as seconds_left,
        t.id as attempt_id, t.state as attempt_state, t.decline_reason, t.capture_before,
        t.method, t.connector as attempt_connector, t.handover_url, t.handover_until,
        t.payer_reference, t.received,
        extract(epoch from t.handover_until - now())::float8 as handover_seconds_left,
        case when c.attempts > 0 then (
            select (coalesce(sum(l.surplus), 0)::bigint, coalesce(sum(l.returned), 0)::bigint)
            from transactions l
            where l.checkout_id = c.id and l.account_id = c.account_id and l.received > 0
        ) end as came_by_hand,
        n.state as authentication_state, n.cardholder_text,
        n.returned_at < now() - $2 * interval '1 second' as has_long_returned,
        coalesce(g.level, 0) as guard_level, c.cancellation_reason, c.failures,
        floor(1000 * extract(epoch from now() - t.status_changed_at))::bigint
            as settled_milliseconds,
        c.completed_at, a.signed_receipts,
        a.redirect_wait_seconds, extract(epoch from now() - c.completed_at)::int as paid_seconds,
        c.state = 'completed' and exists (
            select from events e join deliveries d on d.account_id = e.account_id
                and d.event_id = e.id and d.target = 'notify_url'
            where e.checkout_id = c.id and e.account_id = c.account_id
                and e.type = 'checkout.completed' and d.state = 'delivered'
        ) as is_acknowledged,
        (
            select array_agg((i.name, i.quantity, i.unit_amount, i.tax, i.discount)
                order by i.position)
            from order_items i where i.account_id = c.account_id and i.order_id = c.order_id
        ) as items
    from session s
    join checkouts c on c.account_id = s.account_id and c.id = s.checkout_id
    join accounts a on a.id = c.account_id
    join merchants m on m.id = a.merchant_id
    join orders o on o.account_id = c.account_id and o.id = c.order_id
    left join transactions t on t.account_id = c.account_id and t.checkout_id = c.id
        and t.attempt = c.attempts
    left join authentications n on n.transaction_id = t.id and n.account_id = t.account_id
    left join guard_levels g on g.account_id = c.account_id and g.until > now()
"""


async def page(db: Database, token_hash: bytes) -> PageCheckout | None:
    """All that the page of this token shows, and the note that it was seen."""
    row = await db.row(_PAGE, token_hash, limits.RESULT_SHOWN_SECONDS)
    return None if row is None else _page(row)


async def save_language(db: Database, token_hash: bytes, code: str) -> None:
    await db.execute("update sessions set language = $2 where token_hash = $1", token_hash, code)


def _page(row: Row) -> PageCheckout:
    currency = lookups.currency(row["currency"])

    def sum_of(name: str) -> Money | None:
        return None if row[name] is None else Money(row[name], currency)

    surplus, returned = row["came_by_hand"] or (0, 0)
    return PageCheckout(
        account_id=row["account_id"],
        id=CheckoutID(row["id"]),
        is_live=row["is_live"],
        connector=row["connector"],
        merchant_name=row["merchant_name"],
        state=State(row["state"]),
        amount=Money(row["amount"], currency),
        order_reference=row["reference"],
        order_description=row["description"],
        items=tuple(_item(item, currency) for item in row["items"] or ()),
        amounts=Amounts(
            total=Money(row["amount_total"], currency),
            subtotal=sum_of("amount_subtotal"),
            discount=sum_of("amount_discount"),
            shipping=sum_of("amount_shipping"),
            tax=sum_of("amount_tax"),
        ),
        redirects=Redirects(row["success_url"], row["cancel_url"], row["notify_url"]),
        customization=_customization(row["customization"]),
        expires_at=row["expires_at"],
        has_expired=row["has_expired"],
        policy=Policy(row["charge_if_unavailable"], row["charge_if_not_enrolled"]),
        attempts=row["attempts"],
        last_attempt=_last_attempt(row),
        is_hold=row["payment_type"] == PRE_AUTHORIZATION,
        standing=standing_of(
            order_status=orders.State(row["order_status"]),
            is_deleted=row["is_deleted"],
            is_held_elsewhere=row["is_held_elsewhere"],
            has_same_total=row["has_same_total"],
        ),
        logo=row["logo"],
        embed_origins=tuple(row["embed_origins"]),
        seconds_left=int(row["seconds_left"]),
        extensions=row["extensions"],
        language=row["language"],
        customer_id=row["customer_id"],
        customer_fields=row["customer_fields"] and tuple(row["customer_fields"]),
        payment_method_ids=tuple(row["payment_method_ids"] or ()),
        surplus=surplus,
        returned=returned,
        guard_level=GuardLevel(row["guard_level"]),
        pause_milliseconds=abuse.pause_milliseconds(
            row["failures"], since_milliseconds=row["settled_milliseconds"] or 0
        ),
        is_fraud=row["cancellation_reason"] == "fraud",
        mode=row["mode"],
        asks_to_save=row["save_card"],
        has_cards=row["has_cards"],
        shown_card_ids=None if row["card_ids"] is None else tuple(row["card_ids"]),
        completed_at=row["completed_at"],
        paid_seconds=row["paid_seconds"] or 0,
        is_acknowledged=row["is_acknowledged"],
        redirect_wait_seconds=row["redirect_wait_seconds"],
        signs_receipts=row["signed_receipts"],
        payment_id=row["payment_id"],
        recurring=_recurring(row["recurring"]),
    )


def _item(item: tuple[Any, ...], currency: Currency) -> Item:
    name, quantity, unit_amount, tax, discount = item
    return Item(
        sku=None,
        name=name,
        quantity=quantity,
        unit_amount=Money(unit_amount, currency),
        tax=None if tax is None else Money(tax, currency),
        discount=None if discount is None else Money(discount, currency),
        metadata=None,
    )


# Merchants choose once how their pages look, so few of these serve all their checkouts.
@lru_cache(maxsize=1024)
def _customization_text(customization: Customization) -> str:
    return json.write(asdict(customization)).decode()


@lru_cache(maxsize=1024)
def _customization(text: str) -> Customization:
    stored = json.read_object(text.encode())
    chosen = {name: made(stored[name]) for name, made in _CHOICES.items() if name in stored}
    return Customization(**{**stored, **chosen})


# Of Customization's fields. What a checkout was made without is as the field's default.
_CHOICES: Mapping[str, type[StrEnum]] = {
    "theme": Theme,
    "number_style": NumberStyle,
    "type": PageType,
    "brand_logo": BrandLogo,
    "brand_radius": Radius,
    "brand_font": Font,
}


# An attempt that is still being sent is decided within seconds; these are not.
_WAITING = transactions.IN_FLIGHT - {transactions.State.SUBMITTING}


def _last_attempt(row: Row) -> LastAttempt | None:
    if row["attempt_state"] is None:
        return None
    phase = _phase(row)
    return LastAttempt(
        transaction_id=row["attempt_id"],
        decline_reason=row["decline_reason"],
        waits=row["attempt_state"] in _WAITING or phase is Phase.RETURNED_LONG_AGO,
        phase=phase,
        cardholder_text=row["cardholder_text"],
        capture_before=row["capture_before"],
        method=MethodType(row["method"]),
        connector=row["attempt_connector"],
        handover_url=row["handover_url"],
        handover_until=row["handover_until"],
        handover_seconds_left=int(row["handover_seconds_left"] or 0),
        payer_reference=row["payer_reference"],
        received=row["received"],
    )


_PHASE_AWAITING = {
    MethodType.INSTANT_EFT: Phase.BANK,
    MethodType.SCAN_TO_PAY: Phase.SCAN,
    MethodType.PAYIN: Phase.TRANSFER,
}


def _phase(row: Row) -> Phase | None:
    """What an attempt whose payer is needed waits for."""
    if row["attempt_state"] == transactions.State.AWAITING:
        return _PHASE_AWAITING[MethodType(row["method"])]
    if row["attempt_state"] == transactions.State.AUTHENTICATED:
        return Phase.CODE
    if row["attempt_state"] != transactions.State.AUTHENTICATING:
        return None
    if row["authentication_state"] == threeds.State.METHOD:
        return Phase.METHOD
    if row["authentication_state"] != threeds.State.CHALLENGE:
        return None
    if row["has_long_returned"] is None:
        return Phase.CHALLENGE
    return Phase.RETURNED_LONG_AGO if row["has_long_returned"] else None


def _checkout(row: Row) -> Checkout:
    return Checkout(
        account_id=row["account_id"],
        id=CheckoutID(row["id"]),
        session_id=row["session_id"],
        order_id=row["order_id"],
        customer_id=row["customer_id"],
        mode=row["mode"],
        amount=Money(row["amount"], lookups.currency(row["currency"])),
        state=State(row["state"]),
        attempts=row["attempts"],
        failures=row["failures"],
        events=row["events"],
        moves=row["moves"],
        notify_url=row["notify_url"],
        transaction_id=row["transaction_id"],
        card_id=row["card_id"],
        cancellation_reason=row["cancellation_reason"],
        expires_at=row["expires_at"],
        completed_at=row["completed_at"],
        cancelled_at=row["cancelled_at"],
        abandoned_at=row["abandoned_at"],
        payment_type=row["payment_type"],
        payment_metadata=_metadata(row["payment_metadata"]),
        extensions=row["extensions"],
        recurring=_recurring(row["recurring"]),
        replaces_card_id=row["replaces_card_id"],
        sends_mails=row["sends_mails"],
    )


def _recurring(text: str | None) -> Wanted | None:
    return None if text is None else payments.read_kept(json.read_object(text.encode()))


def _metadata(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.read_object(text.encode())
