"""All SQL of customers. The insert stands in pieces, because a checkout makes its customer in
the same statement as everything else.
"""

from collections.abc import Mapping
from typing import Any

from paydesk.customers.model import Address, NewCustomer
from paydesk.kit import json

# An authenticated caller's customer is known by its reference: met again, it is brought up to
# date and used, so that a payer's cards are found. One that is the same as it was is only read,
# because a write would make all checkouts of one customer wait for each other.
UPSERT_CUSTOMER = """
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
        insert into addresses (
            account_id, customer_id, kind, line1, line2, city_or_town, province_or_state,
            postal_or_zip_code, country
        )
        select :account_id, customer.id, address.*
        from customer, unnest(
            :address_kinds::text[], :line1s::text[], :line2s::text[], :cities::text[],
            :provinces::text[], :postal_codes::text[], :countries::text[]
        ) as address (
            kind, line1, line2, city_or_town, province_or_state, postal_or_zip_code, country
        )
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
        on conflict (account_id, customer_id, kind) do update set
            line1 = excluded.line1, line2 = excluded.line2,
            city_or_town = excluded.city_or_town,
            province_or_state = excluded.province_or_state,
            postal_or_zip_code = excluded.postal_or_zip_code, country = excluded.country
    )
"""


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
