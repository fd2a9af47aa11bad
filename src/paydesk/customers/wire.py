"""JSON ⇄ customers, as the checkout's nested spelling has them."""

from typing import Annotated

from pydantic import Field
from stdnum.za import idnr

from paydesk import limits, lookups
from paydesk.customers.model import Address, CustomerID, NewCustomer, Shipping
from paydesk.kit import ids
from paydesk.kit.fields import BLANK, Body, Email, Given, Metadata, Phone, Reference, Text

CompanyName = Annotated[str | None, Field(max_length=limits.COMPANY_NAME_LENGTH_MAX), BLANK]
PersonName = Annotated[str | None, Field(max_length=limits.PERSON_NAME_LENGTH_MAX), BLANK]
IDNumber = Annotated[str | None, Field(max_length=limits.ID_NUMBER_LENGTH_MAX), BLANK]


class AddressBody(Body):
    line1: Text = None
    line2: Text = None
    city_or_town: Text = None
    province_or_state: Text = None
    postal_or_zip_code: Text = None
    country_lookups_id: Annotated[Text, lookups.lookup_id("country")] = None
    country: Annotated[Text, lookups.lookup_enum("country")] = None


class ShippingBody(Body):
    contact_name: Text = None
    contact_number: Phone = None
    address: AddressBody | None = None


class CustomerBody(Body):
    reference: Reference = None
    company_name: CompanyName = None
    person_name: PersonName = None
    person_surname: PersonName = None
    client_type_lookups_id: Annotated[Text, lookups.lookup_id("client_type")] = None
    client_type: Annotated[Text, lookups.lookup_enum("client_type")] = None
    id_type_lookups_id: Annotated[Text, lookups.lookup_id("id_type")] = None
    id_type: Annotated[Text, lookups.lookup_enum("id_type")] = None
    id_number: IDNumber = None
    email: Email = None
    contact_number: Phone = None
    billing_address: AddressBody | None = None
    shipping: ShippingBody | None = None
    metadata: Metadata = None


def check_customer(given: Given) -> None:
    """Notes what is missing or does not fit together in `customer`.

    Source: the reference's table, rows customer.*; design §4, "What C asks".
    """
    given.require("customer", "email")
    if given("customer", "company_name") is None:
        given.require("customer", "person_name")
        given.require("customer", "person_surname")
    lookups.chosen(given, "client_type", "customer")
    _check_identity(given)
    if given("customer", "billing_address") is not None:
        for field in ("line1", "city_or_town", "postal_or_zip_code"):
            given.require("customer", "billing_address", field)
        lookups.require(given, "country", "customer", "billing_address")
    for place in (("customer", "billing_address"), ("customer", "shipping", "address")):
        lookups.chosen(given, "country", *place)


def _check_identity(given: Given) -> None:
    kind = lookups.chosen(given, "id_type", "customer")
    number = given("customer", "id_number")
    if kind is not None:
        given.require("customer", "id_number")
    elif number is not None:
        lookups.require(given, "id_type", "customer")
    if kind == "SOUTH_AFRICAN_ID" and number is not None and not _is_south_african_id(number):
        given.add(
            "customer.id_number",
            "south_african_id",
            "This is not a South African ID number: 13 digits, the last one a check digit.",
        )


def _is_south_african_id(number: str) -> bool:
    # stdnum forgives blanks, hyphens and full-width digits; what is stored should be plain.
    return number.isascii() and number.isdigit() and idnr.is_valid(number)


def new_customer(body: CustomerBody, given: Given) -> NewCustomer:
    """The customer that a checked body describes, with a generated reference if it has none."""
    id_ = CustomerID(ids.new("cus"))
    return NewCustomer(
        id=id_,
        reference=body.reference or str(id_),
        company_name=body.company_name,
        person_name=body.person_name,
        person_surname=body.person_surname,
        client_type=lookups.chosen(given, "client_type", "customer"),
        id_type=lookups.chosen(given, "id_type", "customer"),
        id_number=body.id_number,
        email=body.email,
        contact_number=body.contact_number,
        billing=_address(body.billing_address, given, "customer", "billing_address"),
        shipping=_shipping(body.shipping, given),
        metadata=body.metadata,
    )


def _shipping(body: ShippingBody | None, given: Given) -> Shipping | None:
    if body is None:
        return None
    return Shipping(
        contact_name=body.contact_name,
        contact_number=body.contact_number,
        address=_address(body.address, given, "customer", "shipping", "address"),
    )


def _address(body: AddressBody | None, given: Given, *place: str) -> Address | None:
    if body is None:
        return None
    return Address(
        line1=body.line1,
        line2=body.line2,
        city_or_town=body.city_or_town,
        province_or_state=body.province_or_state,
        postal_or_zip_code=body.postal_or_zip_code,
        country=lookups.chosen(given, "country", *place),
    )
