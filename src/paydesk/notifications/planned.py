"""All SQL of what payers are told of recurring payments: who is told, and what it tells of."""

from datetime import date

from paydesk import lookups
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.money import Money
from paydesk.languages import NumberStyle
from paydesk.notifications.model import Kind
from paydesk.notifications.remind import Planned

# A mail is about a payment, a day of it, and of a charge that failed its try: `pay_… 2026-12-31 2`.
_TELL = """
    insert into mails (account_id, id, kind, about, recipient)
    select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[])
    on conflict do nothing
"""
_OF_FAILURE = """
    select p.account_id, p.id || ' ' || $3::date || ' ' || $4::int as about, c.email as recipient
    from payments p
    join customers c on c.account_id = p.account_id and c.id = p.customer_id
    where p.account_id = $1 and p.id = $2 and p.interval <> 'ONCE' and c.email is not null
"""
# What is charged every day is not announced every day.
_UPCOMING = """
    select p.account_id, p.id || ' ' || p.due_on as about, c.email as recipient
    from payments p
    join customers c on c.account_id = p.account_id and c.id = p.customer_id
    where p.charge_at > now() and p.charge_at <= now() + $1 * interval '1 day'
        and p.try_number = 1 and p.interval not in ('ONCE', 'DAILY') and c.email is not null
        and not exists (
            select from mails m
            where m.about = p.id || ' ' || p.due_on and m.kind = $2 and m.recipient = c.email
                and m.account_id = p.account_id
        )
    order by p.charge_at limit 500
"""
# The card's last day comes before the next charge, and within this time; told once of each end,
# and nobody is told of one long past: by then the mail that told of it is forgotten.
_CARD_ENDING = """
    select account_id, id || ' ' || ends_on as about, recipient
    from (
        select p.account_id, p.id, p.due_on, c.email as recipient,
            (make_date(k.expire_year, k.expire_month, 1) + interval '1 month - 1 day')::date
                as ends_on
        from payments p
        join customers c on c.account_id = p.account_id and c.id = p.customer_id
        join cards k on k.account_id = p.account_id and k.id = p.card_id
        where p.charge_at > now() and p.interval <> 'ONCE' and c.email is not null
    ) found
    where ends_on < due_on and ends_on <= current_date + $1::int
        and ends_on >= current_date - $1::int and not exists (
        select from mails m
        where m.about = found.id || ' ' || found.ends_on and m.kind = $2
            and m.recipient = found.recipient and m.account_id = found.account_id
    )
    order by ends_on limit 500
"""


async def tell_of_failed_charge(
    connection: Connection, account_id: int, payment_id: str, day: date, try_number: int
) -> None:
    """Asks for the mail to a payer whose recurring charge failed."""
    rows = await connection.fetch(_OF_FAILURE, account_id, payment_id, day, try_number)
    await _tell(connection, Kind.CHARGE_FAILED, [tuple(row.values()) for row in rows])


async def tell_of_upcoming(db: Database, *, before_days: int) -> int:
    """Asks for mails about charges that come within this time; how many there were."""
    return await _sweep(db, Kind.UPCOMING, _UPCOMING, before_days)


async def tell_of_ending_cards(db: Database, *, before_days: int) -> int:
    """Asks for mails about cards that end before the next charge; how many there were."""
    return await _sweep(db, Kind.CARD_ENDING, _CARD_ENDING, before_days)


async def payment_of(db: Database, account_id: int, about: str) -> str | None:
    """The recurring payment that began with a checkout or was charged by a transaction, if any."""
    found: str | None = await db.value(
        """
        select id from payments where account_id = $1 and checkout_id = $2
        union all
        select p.id from transactions t
        join payments p on p.account_id = t.account_id and p.id = t.payment_id
        where t.account_id = $1 and t.id = $2 and p.interval <> 'ONCE'
        """,
        account_id,
        about,
    )
    return found


async def planned(db: Database, account_id: int, payment_id: str) -> Planned:
    """What a recurring payment's payer is told of it."""
    row = await db.row(
        """
        select a.is_live, coalesce(a.name, m.name) as merchant_name, a.email, a.contact_number,
            coalesce(
                (
                    select s.language from sessions s
                    where s.checkout_id = c.id and s.account_id = c.account_id
                        and s.language is not null limit 1
                ),
                c.customization ->> 'locale', p.locale
            ) as locale,
            coalesce(c.customization ->> 'number_style', a.customization ->> 'number_style')
                as number_style,
            p.amount, p.currency, p.interval, p.reference, p.description
        from payments p
        join accounts a on a.id = p.account_id
        join merchants m on m.id = a.merchant_id
        left join checkouts c on c.account_id = p.account_id and c.id = p.checkout_id
        where p.account_id = $1 and p.id = $2
        """,
        account_id,
        payment_id,
    )
    assert row is not None, "payments are never deleted"
    style = row["number_style"]
    return Planned(
        is_live=row["is_live"],
        merchant_name=row["merchant_name"],
        email=row["email"] or "",
        contact_number=row["contact_number"] or "",
        locale=row["locale"] or "",
        number_style=NumberStyle(style) if style else NumberStyle.SPACE_POINT,
        amount=Money(row["amount"], lookups.currency(row["currency"])),
        interval=row["interval"],
        reference=row["reference"],
        description=row["description"] or "",
    )


async def _sweep(db: Database, kind: Kind, sql: str, before_days: int) -> int:
    async def work(connection: Connection) -> int:
        rows = await connection.fetch(sql, before_days, kind)
        await _tell(connection, kind, [tuple(row.values()) for row in rows])
        return len(rows)

    return await db.transact(work)


async def _tell(connection: Connection, kind: Kind, told: list[tuple[int, str, str]]) -> None:
    if not told:
        return
    account_ids, abouts, recipients = (list(column) for column in zip(*told, strict=True))
    await connection.execute(
        _TELL,
        account_ids,
        [ids.new("mai") for _ in told],
        [kind] * len(told),
        abouts,
        recipients,
    )
