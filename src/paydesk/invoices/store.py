"""All SQL of invoices: what they are written from, their numbers, and finding them again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from paydesk import lookups
from paydesk.db.connection import Connection, Row
from paydesk.db.listing import Listed, Page, list_rows
from paydesk.db.statement import Statement
from paydesk.invoices.model import (
    Content,
    Filters,
    Invoice,
    InvoiceID,
    Kind,
    Line,
    Party,
    Subject,
    line_in_our_words,
    number_text,
)
from paydesk.kit import ids, json
from paydesk.kit.money import Currency, Money
from paydesk.languages import ENGLISH, choose, country_names, translatable
from paydesk.transactions import Transaction

# What the payer chose on the page goes before the merchant's choice of language. A later charge is
# for what the payment's first checkout says, its tax too.
_SUBJECT = """
    select now(), a.is_live, a.is_vat_vendor, a.vat_number, a.legal_name, a.registration_number,
        a.address, a.email, a.contact_number, coalesce(a.name, m.name) as merchant_name,
        coalesce(
            (
                select s.language from sessions s
                where s.checkout_id = c.id and s.account_id = c.account_id
                    and s.language is not null limit 1
            ),
            c.customization ->> 'locale', y.locale
        ) as locale,
        o.reference, o.description, o.currency, o.amount_discount, o.amount_shipping,
        o.amount_tax, p.company_name, p.person_name, p.person_surname, p.is_tax, p.tax_number,
        b.line1, b.line2, b.city_or_town, b.province_or_state, b.postal_or_zip_code, b.country,
        (
            select array_agg((i.name, i.quantity, i.unit_amount, i.tax, i.discount)
                order by i.position)
            from order_items i where i.account_id = o.account_id and i.order_id = o.id
        ) as items
    from transactions t
    left join payments y on y.account_id = t.account_id and y.id = t.payment_id
    left join checkouts c
        on c.account_id = t.account_id and c.id = coalesce(t.checkout_id, y.checkout_id)
    join accounts a on a.id = t.account_id
    join merchants m on m.id = a.merchant_id
    join orders o on o.account_id = t.account_id and o.id = coalesce(c.order_id, t.order_id)
    left join customers p
        on p.account_id = t.account_id and p.id = coalesce(y.customer_id, c.customer_id)
    left join addresses b on b.account_id = p.account_id and b.customer_id = p.id
        and b.kind = 'billing'
    where t.account_id = $1 and t.id = $2 and coalesce(y.send_invoice, c.send_invoice)
"""


async def subject(connection: Connection, account_id: int, transaction_id: str) -> Subject | None:
    """What a payment's document is written from; None where none was asked for."""
    row = await connection.fetchrow(_SUBJECT, account_id, transaction_id)
    if row is None:
        return None
    currency = lookups.currency(row["currency"])
    items: Sequence[tuple[str, int, int, int | None, int | None]] = row["items"] or ()
    return Subject(
        at=row["now"],
        supplier=_supplier(row),
        is_vat_vendor=row["is_vat_vendor"],
        is_live=row["is_live"],
        recipient=_recipient(row),
        order_reference=row["reference"],
        order_description=row["description"] or "",
        lines=_lines(row, items, currency),
        tax=_tax(row, items, currency),
        language=choose(row["locale"] or "", "").code,
    )


_INSERT = Statement("""
    with numbered as (
        insert into invoice_series (account_id, series, last_number)
        values (:account_id, :series, 1)
        on conflict (account_id, series)
            do update set last_number = invoice_series.last_number + 1
        returning last_number
    )
    insert into invoices (
        account_id, id, kind, series, number, checkout_id, payment_id, order_id, transaction_id,
        modification_id, currency, vat, total, content
    )
    select :account_id, :id, :kind, :series, last_number, :checkout_id, :payment_id, :order_id,
        :transaction_id, :modification_id, :currency, :vat, :total, :content
    from numbered
    returning number, issued_at
""")


async def insert(
    connection: Connection,
    transaction: Transaction,
    *,
    kind: Kind,
    content: Content,
    total: Money,
    vat: Money | None,
    modification_id: str | None,
) -> Invoice:
    """The document, under the next number of its series."""
    id_ = InvoiceID(ids.new("inv"))
    row = await _INSERT.row(
        connection,
        {
            "account_id": transaction.account_id,
            "id": id_,
            "kind": kind,
            "series": kind.series,
            "checkout_id": transaction.checkout_id,
            "payment_id": transaction.payment_id,
            "order_id": transaction.order_id,
            "transaction_id": transaction.id,
            "modification_id": modification_id,
            "currency": total.currency.code,
            "vat": None if vat is None else vat.minor,
            "total": total.minor,
            "content": json.write(_written(content)).decode(),
        },
    )
    assert row is not None
    return Invoice(
        account_id=transaction.account_id,
        id=id_,
        kind=kind,
        number=number_text(kind.series, row["number"], is_live=content.is_live),
        issued_at=row["issued_at"],
        checkout_id=transaction.checkout_id,
        payment_id=transaction.payment_id,
        order_id=transaction.order_id,
        transaction_id=transaction.id,
        modification_id=modification_id,
        total=total,
        vat=vat,
        content=content,
    )


_INVOICES = """
    select n.account_id, n.id, n.kind, n.series, n.number, n.issued_at, n.checkout_id, n.payment_id,
        n.order_id, n.transaction_id, n.modification_id, n.currency, n.vat, n.total, n.content
    from invoices n
"""


async def issued(connection: Connection, account_id: int, transaction_id: str) -> list[Invoice]:
    """All documents of a payment, oldest first."""
    rows = await connection.fetch(
        f"{_INVOICES} where n.account_id = $1 and n.transaction_id = $2 order by n.id",
        account_id,
        transaction_id,
    )
    return [_invoice(row) for row in rows]


async def find(connection: Connection, account_id: int, invoice_id: str) -> Invoice | None:
    row = await connection.fetchrow(
        f"{_INVOICES} where n.account_id = $1 and n.id = $2", account_id, invoice_id
    )
    return None if row is None else _invoice(row)


async def of_checkout(connection: Connection, account_id: int, checkout_id: str) -> Invoice | None:
    """The first document of a checkout's payment."""
    row = await connection.fetchrow(
        f"{_INVOICES} where n.account_id = $1 and n.checkout_id = $2 order by n.id limit 1",
        account_id,
        checkout_id,
    )
    return None if row is None else _invoice(row)


async def of_transaction(
    connection: Connection, account_id: int, transaction_id: str
) -> Invoice | None:
    """The first document of a transaction."""
    found = await issued(connection, account_id, transaction_id)
    return found[0] if found else None


async def fresh_of_checkout(
    connection: Connection, account_id: int, checkout_id: str, *, seconds: int
) -> Invoice | None:
    """The first document of a checkout's payment, if it was issued that lately."""
    row = await connection.fetchrow(
        f"""
        {_INVOICES} where n.account_id = $1 and n.checkout_id = $2
            and n.issued_at > now() - $3::int * interval '1 second'
        order by n.id limit 1
        """,
        account_id,
        checkout_id,
        seconds,
    )
    return None if row is None else _invoice(row)


async def find_anywhere(connection: Connection, invoice_id: str) -> Invoice | None:
    """The document of this id, whoever's it is: for who holds its token."""
    row = await connection.fetchrow(f"{_INVOICES} where n.id = $1", invoice_id)
    return None if row is None else _invoice(row)


async def list_page(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> tuple[list[Invoice], str | None]:
    """One page of the documents that pass the filters, newest first, and the next cursor."""
    listed: Listed = await list_rows(
        connection,
        _INVOICES,
        page=page,
        conditions={
            "n.kind = :kind": filters.kind,
            "n.order_id = :order_id": filters.order_id,
            "n.checkout_id = :checkout_id": filters.checkout_id,
            "n.payment_id = :payment_id": filters.payment_id,
            "n.transaction_id = :transaction_id": filters.transaction_id,
            "n.issued_at >= :issued_from": filters.issued_from,
            "n.issued_at <= :issued_until": filters.issued_until,
        },
        values={"account_id": account_id},
        alias="n",
    )
    return [_invoice(row) for row in listed.rows], listed.next_cursor


def _supplier(row: Row) -> Party:
    address = {} if row["address"] is None else json.read_object(row["address"].encode())
    return Party(
        name=row["legal_name"] or row["merchant_name"],
        address=_address(address),
        vat_number=row["vat_number"] or "" if row["is_vat_vendor"] else "",
        registration_number=row["registration_number"] or "",
        email=row["email"] or "",
        contact_number=row["contact_number"] or "",
    )


def _recipient(row: Row) -> Party:
    person = " ".join(filter(None, (row["person_name"], row["person_surname"])))
    return Party(
        name=row["company_name"] or person,
        address=_address(dict(row)),
        vat_number=row["tax_number"] or "" if row["is_tax"] else "",
    )


def _address(address: Mapping[str, Any]) -> tuple[str, ...]:
    country = address.get("country")
    place = " ".join(filter(None, (address.get("city_or_town"), address.get("postal_or_zip_code"))))
    lines = (
        *(address.get(name) for name in ("line1", "line2")),
        place,
        address.get("province_or_state"),
        country and dict(country_names(ENGLISH, [country]))[country],
    )
    return tuple(str(line) for line in lines if line) if address.get("line1") else ()


def _lines(
    row: Row,
    items: Sequence[tuple[str, int, int, int | None, int | None]],
    currency: Currency,
) -> tuple[Line, ...]:
    ours = partial(line_in_our_words, reference=row["reference"])
    # An order's discount stands for those of its items.
    is_whole = row["amount_discount"] is not None
    sold = [
        Line(
            name,
            quantity,
            Money(quantity * unit_amount - (0 if is_whole else discount or 0), currency),
        )
        for name, quantity, unit_amount, _, discount in items
    ]
    if sold and row["amount_discount"]:
        sold.append(ours(translatable("Discount"), 0, Money(-row["amount_discount"], currency)))
    if sold and row["amount_shipping"]:
        sold.append(ours(translatable("Shipping"), 0, Money(row["amount_shipping"], currency)))
    return tuple(sold)


def _tax(
    row: Row,
    items: Sequence[tuple[str, int, int, int | None, int | None]],
    currency: Currency,
) -> Money | None:
    if row["amount_tax"] is not None:
        return Money(row["amount_tax"], currency)
    taxes = [tax for _, _, _, tax, _ in items]
    if not taxes or None in taxes:
        return None
    return Money(sum(tax for tax in taxes if tax is not None), currency)


def _written(content: Content) -> Mapping[str, Any]:
    lines = [
        {
            "description": one.description,
            "quantity": one.quantity,
            "amount": one.amount.minor,
            "words": one.words,
        }
        for one in content.lines
    ]
    return {**asdict(content), "lines": lines}


def _read(text: str, currency: Currency) -> Content:
    stored = json.read_object(text.encode())
    # What was issued before documents had languages is in English.
    lines = tuple(
        Line(
            one["description"],
            one["quantity"],
            Money(one["amount"], currency),
            one.get("words", ""),
        )
        for one in stored["lines"]
    )
    return Content(
        is_live=stored["is_live"],
        supplier=_party(stored["supplier"]),
        recipient=_party(stored["recipient"]),
        order_reference=stored["order_reference"],
        lines=lines,
        rate=stored["rate"],
        refers_to=tuple(stored["refers_to"]),
        language=stored.get("language", ENGLISH.code),
    )


def _party(stored: Mapping[str, Any]) -> Party:
    return Party(**{**stored, "address": tuple(stored["address"])})


def _invoice(row: Row) -> Invoice:
    currency = lookups.currency(row["currency"])
    content = _read(row["content"], currency)
    return Invoice(
        account_id=row["account_id"],
        id=InvoiceID(row["id"]),
        kind=Kind(row["kind"]),
        number=number_text(row["series"], row["number"], is_live=content.is_live),
        issued_at=row["issued_at"],
        checkout_id=row["checkout_id"],
        payment_id=row["payment_id"],
        order_id=row["order_id"],
        transaction_id=row["transaction_id"],
        modification_id=row["modification_id"],
        total=Money(row["total"], currency),
        vat=None if row["vat"] is None else Money(row["vat"], currency),
        content=content,
    )
