"""All SQL of customers. The upsert stands in pieces, because a checkout makes its customer in
the same statement as everything else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from paydesk.customers.errors import CustomerReferenceTaken
from paydesk.customers.model import (
    NO_SHIPPING,
    Address,
    Customer,
    CustomerID,
    Invoicing,
    NewCustomer,
    Shipping,
    Sought,
)
from paydesk.db.connection import Connection, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.kit import json
from paydesk.kit.fields import phone_spellings

_ADDRESSES = """
    unnest(
        :address_kinds::text[], :line1s::text[], :line2s::text[], :cities::text[],
        :provinces::text[], :postal_codes::text[], :countries::text[]
    ) as address (
        kind, line1, line2, city_or_town, province_or_state, postal_or_zip_code, country
    )
"""
_INSERT_ADDRESSES = """
    insert into addresses (
        account_id, customer_id, kind, line1, line2, city_or_town, province_or_state,
        postal_or_zip_code, country
    )
"""

_BRING_ADDRESSES_UP_TO_DATE = """
    on conflict (account_id, customer_id, kind) do update set
        line1 = excluded.line1, line2 = excluded.line2, city_or_town = excluded.city_or_town,
        province_or_state = excluded.province_or_state,
        postal_or_zip_code = excluded.postal_or_zip_code, country = excluded.country
"""

# An authenticated caller's customer is known by its reference: met again, it is brought up to
# date and used, so that a payer's cards are found. One that is the same as it was is only read,
# because a write would make all checkouts of one customer wait for each other.
UPSERT_CUSTOMER = f"""
    known as (
        select id from customers
        where account_id = :account_id and reference = :customer_reference
            and deleted_at is null
            and (
                company_name, person_name, person_surname, client_type, id_type, id_number,
                email, contact_number, shipping_contact_name, shipping_contact_number,
                metadata::text
            ) is not distinct from (
                :company_name::text, :person_name::text, :person_surname::text,
                :client_type::text, :id_type::text, :id_number::text, :email::text,
                :contact_number::text, :shipping_contact_name::text,
                :shipping_contact_number::text, :customer_metadata::text
            )
    ), kept as (
        insert into customers (
            account_id, id, reference, company_name, person_name, person_surname, client_type,
            id_type, id_number, email, contact_number, shipping_contact_name,
            shipping_contact_number, metadata
        )
        select :account_id, :customer_id, :customer_reference, :company_name, :person_name,
            :person_surname, :client_type, :id_type, :id_number, :email, :contact_number,
            :shipping_contact_name, :shipping_contact_number, :customer_metadata::text::json
        where not exists (select from known)
        on conflict (account_id, reference) do update set
            company_name = excluded.company_name, person_name = excluded.person_name,
            person_surname = excluded.person_surname, client_type = excluded.client_type,
            id_type = excluded.id_type, id_number = excluded.id_number,
            email = excluded.email, contact_number = excluded.contact_number,
            shipping_contact_name = excluded.shipping_contact_name,
            shipping_contact_number = excluded.shipping_contact_number,
            metadata = excluded.metadata, deleted_at = null, updated_at = now()
        returning id
    ), customer as (
        select id from known union all select id from kept
    ), addresses_kept as (
        {_INSERT_ADDRESSES}
        select :account_id, customer.id, address.* from customer, {_ADDRESSES}
        where (
            select (
                a.line1, a.line2, a.city_or_town, a.province_or_state, a.postal_or_zip_code,
                a.country
            ) is not distinct from (
                address.line1, address.line2, address.city_or_town,
                address.province_or_state, address.postal_or_zip_code,
                address.country::char(2)
            )
            from addresses a
            where a.account_id = :account_id and a.customer_id = customer.id
                and a.kind = address.kind
        ) is not true
        {_BRING_ADDRESSES_UP_TO_DATE}
    )
"""


_TABLE_COLUMNS = """
    reference, company_name, person_name, person_surname, client_type, id_type, id_number, email,
    contact_number, shipping_contact_name, shipping_contact_number, metadata, is_tax, tax_number,
    billing_email
"""
_VALUES = """
    :customer_reference, :company_name, :person_name, :person_surname, :client_type, :id_type,
    :id_number, :email, :contact_number, :shipping_contact_name, :shipping_contact_number,
    :customer_metadata::text::json, :is_tax, :tax_number, :billing_email
"""

_INSERT = Statement(
    f"""
    with made as (
        insert into customers (account_id, id, {_TABLE_COLUMNS})
        values (:account_id, :customer_id, {_VALUES})
        on conflict (reference, account_id) do nothing
        returning id, created_at, updated_at, deleted_at
    ), addresses_made as (
        {_INSERT_ADDRESSES}
        select :account_id, made.id, address.* from made, {_ADDRESSES}
    )
    select * from made
    """
)

_UPDATE = Statement(
    f"""
    with changed as (
        update customers set ({_TABLE_COLUMNS}, updated_at) = ({_VALUES}, now())
        where account_id = :account_id and id = :customer_id
        returning id, created_at, updated_at, deleted_at
    ), addresses_gone as (
        delete from addresses
        where account_id = :account_id and customer_id = :customer_id
            and kind <> all (:address_kinds::text[])
    ), addresses_kept as (
        {_INSERT_ADDRESSES}
        select :account_id, changed.id, address.* from changed, {_ADDRESSES}
        {_BRING_ADDRESSES_UP_TO_DATE}
    )
    select * from changed
    """
)

_SELECT = """
select c.id, c.reference, c.company_name, c.person_name, c.person_surname, c.client_type,
    c.id_type, c.id_number, c.email, c.contact_number, c.shipping_contact_name,
    c.shipping_contact_number, c.metadata, c.is_tax, c.tax_number, c.billing_email, c.created_at,
    c.updated_at, c.deleted_at,
    b.kind as billing_kind, b.line1 as billing_line1, b.line2 as billing_line2,
    b.city_or_town as billing_city_or_town, b.province_or_state as billing_province_or_state,
    b.postal_or_zip_code as billing_postal_or_zip_code, b.country as billing_country,
    s.kind as shipping_kind, s.line1 as shipping_line1, s.line2 as shipping_line2,
    s.city_or_town as shipping_city_or_town, s.province_or_state as shipping_province_or_state,
    s.postal_or_zip_code as shipping_postal_or_zip_code, s.country as shipping_country
from customers c
left join addresses b
    on b.account_id = c.account_id and b.customer_id = c.id and b.kind = 'billing'
left join addresses s
    on s.account_id = c.account_id and s.customer_id = c.id and s.kind = 'shipping'
"""

_ARCHIVE = """
update customers set deleted_at = now(), updated_at = now()
where account_id = $1 and id = $2 and deleted_at is null
"""


async def insert(connection: Connection, account_id: int, new: NewCustomer) -> Customer | None:
    """The customer made, or None where the account has one of its reference, even archived."""
    row = await _INSERT.row(connection, _all_values(account_id, new))
    return None if row is None else _as_written(new, row)


async def update(connection: Connection, account_id: int, changed: NewCustomer) -> Customer:
    """The customer as it is now. It must be there, and locked by this transaction.

    Raises: CustomerReferenceTaken; the transaction can be used on.
    """
    try:
        # A savepoint: a broken constraint would spoil the whole transaction.
        async with connection.transaction():
            row = await _UPDATE.row(connection, _all_values(account_id, changed))
    except asyncpg.UniqueViolationError as taken:
        raise CustomerReferenceTaken("reference") from taken
    assert row is not None, "the caller has locked it"
    return _as_written(changed, row)


async def archive(connection: Connection, account_id: int, customer_id: str) -> None:
    """Sets deleted_at, if there is such a customer and it is not set."""
    await connection.execute(_ARCHIVE, account_id, customer_id)


async def has_customer(connection: Connection, account_id: int, customer_id: str) -> bool:
    """Whether the account has this customer, and has not archived it."""
    found: bool = await connection.fetchval(
        """
        select exists (
            select from customers where account_id = $1 and id = $2 and deleted_at is null
        )
        """,
        account_id,
        customer_id,
    )
    return found


async def customer_reference(
    connection: Connection, account_id: int, customer_id: str
) -> str | None:
    reference: str | None = await connection.fetchval(
        """
        select reference from customers
        where account_id = $1 and id = $2 and deleted_at is null
        """,
        account_id,
        customer_id,
    )
    return reference


async def claim_reference(connection: Connection, account_id: int, customer: NewCustomer) -> bool:
    """Makes the bare customer, so that the reference is its own; False where it is taken.

    Nobody else can take it in between, nor change that customer before this transaction ends.
    """
    claimed: str | None = await connection.fetchval(
        """
        insert into customers (account_id, id, reference) values ($1, $2, $3)
        on conflict do nothing returning id
        """,
        account_id,
        customer.id,
        customer.reference,
    )
    return claimed is not None


async def lock_customers(
    connection: Connection, account_id: int, customer_ids: Sequence[str]
) -> None:
    """Holds those of these customers that there are for this transaction, in the ids' order.

    Two batches that took them each in an order of its own could wait for each other without end.
    """
    await connection.execute(
        "select from customers where account_id = $1 and id = any($2) order by id for update",
        account_id,
        customer_ids,
    )


async def find(
    connection: Connection, account_id: int, customer_id: str, *, lock: bool = False
) -> Customer | None:
    """The customer, held for this transaction if asked to."""
    row = await connection.fetchrow(
        f"{_SELECT} where c.account_id = $1 and c.id = $2{' for update of c' if lock else ''}",
        account_id,
        customer_id,
    )
    return None if row is None else _customer(row)


async def search(
    connection: Connection, account_id: int, sought: Sought, page: Page
) -> tuple[list[Customer], str | None]:
    """One page of the customers sought, newest first, and the next page's cursor."""
    listed = await list_rows(
        connection,
        _SELECT,
        page=page,
        conditions={
            "c.id = :id": sought.id,
            "c.reference = :reference": sought.reference,
            "lower(c.email) = lower(:email)": sought.email,
            "c.id_number = :id_number": sought.id_number,
            # Numbers are kept as they were given.
            "c.contact_number = any(:contact_numbers)": (
                sought.contact_number and phone_spellings(sought.contact_number)
            ),
            # Written so that the partial index on archived customers can be used.
            "c.deleted_at is null and :is_active": None if sought.is_archived else True,
            "c.deleted_at is not null and :is_archived": sought.is_archived or None,
            "c.created_at >= :created_from": sought.created_from,
            "c.created_at <= :created_until": sought.created_until,
        },
        values={"account_id": account_id},
        alias="c",
    )
    return [_customer(row) for row in listed.rows], listed.next_cursor


def _all_values(account_id: int, customer: NewCustomer) -> Mapping[str, Any]:
    invoicing = customer.invoicing
    return {
        **customer_values(customer),
        "account_id": account_id,
        "is_tax": invoicing.is_tax,
        "tax_number": invoicing.tax_number,
        "billing_email": invoicing.billing_email,
    }


def _as_written(customer: NewCustomer, row: Row) -> Customer:
    return Customer(customer, row["created_at"], row["updated_at"], row["deleted_at"])


def _customer(row: Row) -> Customer:
    metadata = row["metadata"]
    shipping = Shipping(
        row["shipping_contact_name"], row["shipping_contact_number"], _address(row, "shipping")
    )
    described = NewCustomer(
        id=CustomerID(row["id"]),
        reference=row["reference"],
        company_name=row["company_name"],
        person_name=row["person_name"],
        person_surname=row["person_surname"],
        client_type=row["client_type"],
        id_type=row["id_type"],
        id_number=row["id_number"],
        email=row["email"],
        contact_number=row["contact_number"],
        billing=_address(row, "billing"),
        shipping=None if shipping == NO_SHIPPING else shipping,
        metadata=None if metadata is None else json.read_object(metadata.encode()),
        invoicing=Invoicing(row["is_tax"], row["tax_number"], row["billing_email"]),
    )
    return _as_written(described, row)


def _address(row: Row, kind: str) -> Address | None:
    if row[f"{kind}_kind"] is None:
        return None
    return Address(
        line1=row[f"{kind}_line1"],
        line2=row[f"{kind}_line2"],
        city_or_town=row[f"{kind}_city_or_town"],
        province_or_state=row[f"{kind}_province_or_state"],
        postal_or_zip_code=row[f"{kind}_postal_or_zip_code"],
        country=row[f"{kind}_country"],
    )


def customer_values(customer: NewCustomer) -> Mapping[str, Any]:
    """The values of UPSERT_CUSTOMER."""
    shipping = customer.shipping
    addresses: list[tuple[str, Address]] = []
    if customer.billing is not None:
        addresses.append(("billing", customer.billing))
    if shipping is not None and shipping.address is not None:
        addresses.append(("shipping", shipping.address))
    return {
        "customer_id": customer.id,
        "customer_reference": customer.reference,
        "company_name": customer.company_name,
        "person_name": customer.person_name,
        "person_surname": customer.person_surname,
        "client_type": customer.client_type,
        "id_type": customer.id_type,
        "id_number": customer.id_number,
        "email": customer.email,
        "contact_number": customer.contact_number,
        "shipping_contact_name": None if shipping is None else shipping.contact_name,
        "shipping_contact_number": None if shipping is None else shipping.contact_number,
        "customer_metadata": json.text_or_none(customer.metadata),
        "address_kinds": [kind for kind, _ in addresses],
        "line1s": [address.line1 for _, address in addresses],
        "line2s": [address.line2 for _, address in addresses],
        "cities": [address.city_or_town for _, address in addresses],
        "provinces": [address.province_or_state for _, address in addresses],
        "postal_codes": [address.postal_or_zip_code for _, address in addresses],
        "countries": [address.country for _, address in addresses],
    }
