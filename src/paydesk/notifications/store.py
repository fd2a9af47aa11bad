"""All SQL of mails: leased, marked, listed, sent again; and what a mail tells of."""

from collections.abc import Sequence

import asyncpg

from paydesk import limits, lookups
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle
from paydesk.notifications.confirm import Paid
from paydesk.notifications.inform import Informed
from paydesk.notifications.missed import Missed
from paydesk.notifications.model import Image, Kind, Mail, ShownMail
from paydesk.orders import Amounts, Item
from paydesk.payment_methods import MethodType

_LEASE = """
    with due as (
        select account_id, id from mails
        where state = 'due' and due_at <= now() order by due_at limit $1
        for update skip locked
    )
    update mails m set tries = tries + 1, due_at = now() + $2 * interval '1 second'
    from due where m.account_id = due.account_id and m.id = due.id
    returning m.account_id, m.id, m.kind, m.about, m.recipient, m.tries, m.created_at
"""

_MARK = """
    update mails set
        state = case when $4::text is null then 'sent' when $5::int is null then 'dead'
            else 'due' end,
        due_at = case when $4::text is not null then now() + $5::int * interval '1 second' end,
        sent_at = case when $4::text is null then now() end,
        failure = $4
    where account_id = $1 and id = $2 and state = 'due' and tries = $3
"""


async def lease(db: Database, *, count: int, seconds: int) -> list[Mail]:
    """Takes due mails for this worker. Should it die, they are due again after the lease.

    A try is counted when it begins.
    """
    rows = await db.rows(_LEASE, count, seconds)
    return [Mail(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def mark(
    db: Database, mail: Mail, *, failure: str | None, pause_seconds: int | None = None
) -> None:
    """Notes what came of a try: sent, due again after the pause, or dead where there is none."""
    await db.execute(_MARK, mail.account_id, mail.id, mail.tries, failure, pause_seconds)


async def list_mails(
    connection: Connection | asyncpg.Connection, *, state: str | None, count: int
) -> list[ShownMail]:
    """The newest mails of all accounts, in this state where one is named."""
    rows = await connection.fetch(
        """
        select id, kind, about, recipient, state, tries, created_at, sent_at, failure from mails
        where $1::text is null or state = $1 order by id desc limit $2
        """,
        state,
        count,
    )
    return [ShownMail(**row) for row in rows]


async def resend(connection: Connection | asyncpg.Connection, id_: str) -> bool:
    """Whether there is such a mail that is not on its way; it is now, with all its tries anew."""
    found: bool = await connection.fetchval(
        """
        with again as (
            update mails set state = 'due', due_at = now(), tries = 0, sent_at = null,
                failure = null
            where id = $1 and state <> 'due' returning 1
        )
        select exists (select from again)
        """,
        id_,
    )
    return found


_FORGET = """
    delete from mails where (account_id, id) in (
        select account_id, id from mails
        where state <> 'due' and created_at < now() - $1 * interval '1 day'
        order by created_at limit $2
    )
"""


async def forget(db: Database) -> None:
    """Deletes mails that were sent or given up limits.MAILS_KEPT_DAYS ago, batch by batch."""
    full = f"DELETE {limits.MAILS_SWEEP_BATCH}"
    while await db.execute(_FORGET, limits.MAILS_KEPT_DAYS, limits.MAILS_SWEEP_BATCH) == full:
        pass


# What the payer chose on the page goes before the merchant's choice.
_PAID = """
    select a.is_live, coalesce(a.name, m.name) as merchant_name, a.email, a.contact_number,
        a.logo, a.logo_media_type, c.amount, c.currency, c.completed_at,
        coalesce(
            (
                select s.language from sessions s
                where s.checkout_id = c.id and s.account_id = c.account_id
                    and s.language is not null limit 1
            ),
            c.customization ->> 'locale'
        ) as locale,
        a.customization ->> 'locale' as merchant_locale,
        c.customization ->> 'number_style' as number_style,
        c.customization ->> 'brand_primary' as colour,
        c.customization ->> 'brand_logo' as brand_logo,
        o.reference, o.description, o.amount_total, o.amount_subtotal, o.amount_discount,
        o.amount_shipping, o.amount_tax, c.payment_type = 'PRE_AUTHORIZATION' as is_hold,
        t.capture_before, t.method, r.brand, r.ending,
        (
            select array_agg((i.name, i.quantity, i.unit_amount) order by i.position)
            from order_items i where i.account_id = c.account_id and i.order_id = c.order_id
        ) as items
    from checkouts c
    join accounts a on a.id = c.account_id
    join merchants m on m.id = a.merchant_id
    join orders o on o.account_id = c.account_id and o.id = c.order_id
    left join transactions t on t.account_id = c.account_id and t.id = c.transaction_id
    left join cards r on r.account_id = c.account_id and r.id = c.card_id
    where c.account_id = $1 and c.id = $2
"""


# What is paid for is what the payment's first checkout said, where there was one.
_CHARGED = """
    select a.is_live, coalesce(a.name, m.name) as merchant_name, a.email, a.contact_number,
        a.logo, a.logo_media_type, t.amount, t.currency, t.approved_at as completed_at,
        coalesce(
            (
                select s.language from sessions s
                where s.checkout_id = c.id and s.account_id = c.account_id
                    and s.language is not null limit 1
            ),
            c.customization ->> 'locale', p.locale
        ) as locale,
        a.customization ->> 'locale' as merchant_locale,
        coalesce(c.customization ->> 'number_style', a.customization ->> 'number_style')
            as number_style,
        case when c.id is null then a.customization -> 'brand' ->> 'primary'
            else c.customization ->> 'brand_primary' end as colour,
        case when c.id is null then a.customization -> 'brand' ->> 'logo'
            else c.customization ->> 'brand_logo' end as brand_logo,
        o.reference, o.description, o.amount_total, o.amount_subtotal, o.amount_discount,
        o.amount_shipping, o.amount_tax, false as is_hold, t.capture_before, t.method, r.brand,
        r.ending,
        (
            select array_agg((i.name, i.quantity, i.unit_amount) order by i.position)
            from order_items i where i.account_id = o.account_id and i.order_id = o.id
        ) as items
    from transactions t
    join payments p on p.account_id = t.account_id and p.id = t.payment_id
    left join checkouts c on c.account_id = p.account_id and c.id = p.checkout_id
    join accounts a on a.id = t.account_id
    join merchants m on m.id = a.merchant_id
    join orders o on o.account_id = t.account_id and o.id = coalesce(c.order_id, t.order_id)
    left join cards r on r.account_id = t.account_id and r.id = t.card_id
    where t.account_id = $1 and t.id = $2
"""


def is_charge(about: str) -> bool:
    """Whether this is the id of a payment's later charge, and not of a checkout."""
    return ids.looks_like("tra", about)


async def paid(db: Database, account_id: int, about: str) -> Paid:
    """What the payer of a completed checkout, or of a later charge, is told."""
    row = await db.row(_CHARGED if is_charge(about) else _PAID, account_id, about)
    assert row is not None, "a mail tells of what is committed with it"
    currency = lookups.currency(row["currency"])

    def sum_of(name: str) -> Money | None:
        return None if row[name] is None else Money(row[name], currency)

    style = row["number_style"]
    return Paid(
        is_live=row["is_live"],
        merchant_name=row["merchant_name"],
        email=row["email"] or "",
        contact_number=row["contact_number"] or "",
        logo=_logo(row["logo"], row["logo_media_type"], row["brand_logo"]),
        locale=row["locale"] or "",
        merchant_locale=row["merchant_locale"] or "",
        number_style=NumberStyle(style) if style else NumberStyle.SPACE_POINT,
        colour=row["colour"] or "",
        amount=Money(row["amount"], currency),
        at=row["completed_at"],
        is_hold=row["is_hold"],
        hold_until=row["capture_before"],
        reference=row["reference"],
        description=row["description"] or "",
        items=_items(row["items"] or (), currency),
        amounts=Amounts(
            total=Money(row["amount_total"], currency),
            subtotal=sum_of("amount_subtotal"),
            discount=sum_of("amount_discount"),
            shipping=sum_of("amount_shipping"),
            tax=sum_of("amount_tax"),
        ),
        method=None if row["method"] is None else MethodType(row["method"]),
        card_brand=row["brand"] or "",
        card_ending=row["ending"] or "",
        is_charge=is_charge(about),
    )


async def informed(db: Database, account_id: int) -> Informed:
    """Whom the mails about an account itself speak to."""
    row = await db.row(
        """
        select coalesce(a.name, m.name) as merchant_name, a.is_live,
            coalesce(a.customization ->> 'locale', '') as locale
        from accounts a join merchants m on m.id = a.merchant_id where a.id = $1
        """,
        account_id,
    )
    assert row is not None, "accounts are never deleted"
    return Informed(**row)


async def missed(db: Database, account_id: int, transaction_id: str) -> Missed:
    """What the merchant is told of a charge that failed."""
    row = await db.row(
        """
        select t.amount, t.currency, t.due_on, t.decline_reason, o.reference, o.description,
            a.customization ->> 'number_style' as number_style
        from transactions t
        join accounts a on a.id = t.account_id
        join orders o on o.account_id = t.account_id and o.id = t.order_id
        where t.account_id = $1 and t.id = $2
        """,
        account_id,
        transaction_id,
    )
    assert row is not None, "a mail tells of what is committed with it"
    style = row["number_style"]
    return Missed(
        informed=await informed(db, account_id),
        number_style=NumberStyle(style) if style else NumberStyle.SPACE_POINT,
        amount=Money(row["amount"], lookups.currency(row["currency"])),
        day=row["due_on"],
        reference=row["reference"],
        description=row["description"] or "",
        reason=row["decline_reason"] or "",
    )


def _logo(content: bytes | None, media_type: str | None, choice: str | None) -> Image | None:
    # Mail programs are slow to learn: many show no WebP.
    if content is None or media_type not in {"image/png", "image/jpeg"} or choice == "none":
        return None
    return Image(media_type, content)


def _items(rows: Sequence[tuple[str, int, int]], currency: Currency) -> tuple[Item, ...]:
    return tuple(
        Item(
            sku=None,
            name=name,
            quantity=quantity,
            unit_amount=Money(unit_amount, currency),
            tax=None,
            discount=None,
            metadata=None,
        )
        for name, quantity, unit_amount in rows
    )
