"""JSON ⇄ customers, in both spellings: as part of a checkout, and as records of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.customers.addresses import (
    BILLING,
    NESTED,
    SHIPPING,
    AddressBody,
    AddressReply,
    PostalCode,
    ShippingBody,
    ShippingReply,
    check_addresses,
    country_id,
    flat_parts,
    read_address,
    show_address,
)
from paydesk.customers.identity import check_identity, is_person, plain_id_number
from paydesk.customers.model import (
    NO_ADDRESS,
    NO_SHIPPING,
    Customer,
    CustomerID,
    Invoicing,
    NewCustomer,
    Shipping,
)
from paydesk.errors import Invalid
from paydesk.kit import clock, ids
from paydesk.kit.fields import (
    BLANK,
    ID,
    Body,
    Email,
    Flag,
    Given,
    Metadata,
    Phone,
    Reference,
    Required,
    Shown,
    Text,
    check,
)

B = TypeVar("B", bound=Body)

CompanyName = Annotated[str | None, Field(max_length=limits.COMPANY_NAME_LENGTH_MAX), BLANK]
PersonName = Annotated[str | None, Field(max_length=limits.PERSON_NAME_LENGTH_MAX), BLANK]
IDNumber = Annotated[
    str | None,
    Field(max_length=limits.ID_NUMBER_LENGTH_MAX),
    BeforeValidator(lambda value: plain_id_number(value) if isinstance(value, str) else value),
    BLANK,
    Shown(
        [
            {"type": "string", "maxLength": limits.ID_NUMBER_LENGTH_MAX},
            {"type": "string", "pattern": r"^(18|19|20)[0-9]{2}/[0-9]{6}/[0-9]{2}$"},
        ]
    ),
]
ClientTypeID = Annotated[Text, lookups.lookup_id("client_type")]
ClientType = Annotated[Text, lookups.lookup_enum("client_type")]
IDTypeID = Annotated[Text, lookups.lookup_id("id_type")]
IDType = Annotated[Text, lookups.lookup_enum("id_type")]
CountryID = Annotated[Text, lookups.lookup_id("country")]
Country = Annotated[Text, lookups.lookup_enum("country")]


class CustomerBody(Body):
    """A customer, as part of another record or as one of its own."""

    REQUIRED: ClassVar[Required] = ("email", ("company_name", "person_name"))

    reference: Reference = None
    company_name: CompanyName = None
    person_name: PersonName = None
    person_surname: PersonName = None
    client_type_lookups_id: ClientTypeID = None
    client_type: ClientType = None
    id_type_lookups_id: IDTypeID = None
    id_type: IDType = None
    id_number: IDNumber = None
    email: Email = None
    contact_number: Phone = None
    billing_address: AddressBody | None = None
    shipping: ShippingBody | None = None
    metadata: Metadata = None

    billing_address_line_1: Text = None
    billing_address_line_2: Text = None
    city_or_town: Text = None
    billing_city_or_town: Text = None
    postal_code: PostalCode = None
    billing_postal_code: PostalCode = None
    billing_province_or_state: Text = None
    billing_country_lookups_id: CountryID = None
    billing_country: Country = None
    shipping_contact_name: Text = None
    shipping_contact_number: Phone = None
    shipping_address_line_1: Text = None
    shipping_address_line_2: Text = None
    shipping_city_or_town: Text = None
    shipping_postal_code: PostalCode = None
    shipping_province_or_state: Text = None
    shipping_country_lookups_id: CountryID = None
    shipping_country: Country = None


class CreateCustomerBody(CustomerBody):
    """A record of `POST /customers/create`."""

    REQUIRED: ClassVar[Required] = ("reference", *CustomerBody.REQUIRED)

    is_tax: Flag = None
    tax_number: Text = None
    billing_email: Email = None
    customer_status_lookups_id: Annotated[Text, lookups.lookup_id("customer_status")] = None
    customer_status: Annotated[Text, lookups.lookup_enum("customer_status")] = None


class UpdateCustomerBody(CreateCustomerBody):
    """A record of `POST /customers/update`."""

    REQUIRED: ClassVar[Required] = ("id",)

    id: ID = None


class ArchiveCustomerBody(Body):
    """A record of `POST /customers/archive`."""

    REQUIRED: ClassVar[Required] = ("id",)

    id: ID = None


@dataclass(frozen=True, slots=True)
class UpdateCustomer:
    """What is to change of a customer. A field of the record that is null is cleared."""

    id: CustomerID
    record: Mapping[str, Any]


def check_customer(given: Given, *, place: tuple[str, ...] = ("customer",)) -> None:
    """Notes what is missing or does not fit together in the customer at this place.

    Source: the reference's table, rows customer.*; design §4, "What C asks".
    """
    given.require(*place, "email")
    if not is_person(lookups.chosen(given, "client_type", *place)):
        given.require(*place, "company_name")
    elif given(*place, "company_name") is None:
        given.require(*place, "person_name")
        given.require(*place, "person_surname")
    check_identity(given, *place)
    check_addresses(given, *place)


def new_customer(
    body: CustomerBody, given: Given, *, place: tuple[str, ...] = ("customer",)
) -> NewCustomer:
    """The customer that a checked body describes, with a generated reference if it has none."""
    id_ = CustomerID(ids.new("cus"))
    return NewCustomer(
        id=id_,
        reference=body.reference or str(id_),
        company_name=body.company_name,
        person_name=body.person_name,
        person_surname=body.person_surname,
        client_type=lookups.chosen(given, "client_type", *place),
        id_type=lookups.chosen(given, "id_type", *place),
        id_number=body.id_number,
        email=body.email,
        contact_number=body.contact_number,
        billing=read_address(body.billing_address, body, given, BILLING, *place),
        shipping=_shipping(body, given, *place),
        metadata=body.metadata,
    )


def _shipping(body: CustomerBody, given: Given, *place: str) -> Shipping | None:
    nested = body.shipping or ShippingBody()
    shipping = Shipping(
        contact_name=nested.contact_name or body.shipping_contact_name,
        contact_number=nested.contact_number or body.shipping_contact_number,
        address=read_address(nested.address, body, given, SHIPPING, *place),
    )
    return None if shipping == NO_SHIPPING else shipping


def read_create(record: Mapping[str, Any]) -> NewCustomer:
    """The customer that a record of `POST /customers/create` describes.

    Raises: Invalid, with every fault of the record.
    """
    body, faults = check(CreateCustomerBody, record)
    given = Given(record, faults)
    given.require("reference")
    _check_status(given)
    check_customer(given, place=())
    checked = _unless_faulty(body, given)
    new = new_customer(checked, given, place=())
    return replace(
        new, invoicing=Invoicing(checked.is_tax, checked.tax_number, checked.billing_email)
    )


def read_update(record: Mapping[str, Any]) -> UpdateCustomer:
    """What a record of `POST /customers/update` asks for, each field checked alone.

    Raises: Invalid, with every fault of its fields.
    """
    body, faults = check(UpdateCustomerBody, record)
    given = Given(record, faults)
    given.require("id")
    _check_status(given)
    return UpdateCustomer(CustomerID(_unless_faulty(body, given).id or ""), record)


def _check_status(given: Given) -> None:
    """Notes a status other than that of all customers that can be made or changed."""
    if lookups.chosen(given, "customer_status") not in {None, "ACTIVE"}:
        given.add(
            lookups.path_given(given, "customer_status"),
            "customer_status",
            "The status can't be set. Archive a customer with POST /customers/archive.",
        )


def read_archive(record: Mapping[str, Any]) -> CustomerID:
    """The customer that a record of `POST /customers/archive` names. Raises: Invalid."""
    body, faults = check(ArchiveCustomerBody, record)
    given = Given(record, faults)
    given.require("id")
    return CustomerID(_unless_faulty(body, given).id or "")


def read_changed(kept: Customer, command: UpdateCustomer) -> NewCustomer:
    """The customer as it is after the change. Raises: Invalid, where that breaks a rule."""
    untouched = {
        name: value
        for name, value in _as_record(kept.described).items()
        if not any(_has(command.record, path) for path in _SPELLINGS.get(name, [(name,)]))
    }
    return replace(read_create({**untouched, **command.record}), id=kept.id)


def _unless_faulty(body: B | None, given: Given) -> B:
    if body is None or given.faults:
        raise Invalid(given.faults)
    return body


# All paths that say what a name of `_as_record` says, where there is more than the name itself.
_SPELLINGS: Mapping[str, list[tuple[str, ...]]] = {
    **{name: [(name,), (f"{name}_lookups_id",)] for name in ("client_type", "id_type")},
    **{flat: [(flat,), nested] for flat, nested in NESTED.items()},
    **{
        BILLING.flat[part]: [(BILLING.flat[part],), (flat,), (*BILLING.nested, part)]
        for part, flat in BILLING.also.items()
    },
    **{
        spelling.flat["country"]: [
            (spelling.flat["country"],),
            (f"{spelling.flat['country']}_lookups_id",),
            (*spelling.nested, "country"),
            (*spelling.nested, "country_lookups_id"),
        ]
        for spelling in (BILLING, SHIPPING)
    },
}


def _has(record: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether the record says something here, be it null. A null object clears all inside it."""
    value: Any = record
    for part in path:
        if value is None:
            return True
        if part not in value:
            return False
        value = value[part]
    return True


def _as_record(customer: NewCustomer) -> dict[str, Any]:
    """The record that describes this customer, in the flat spelling and with enums."""
    shipping = customer.shipping or NO_SHIPPING
    return {
        "reference": customer.reference,
        "company_name": customer.company_name,
        "person_name": customer.person_name,
        "person_surname": customer.person_surname,
        "client_type": customer.client_type,
        "id_type": customer.id_type,
        "id_number": customer.id_number,
        "email": customer.email,
        "contact_number": customer.contact_number,
        "metadata": customer.metadata,
        "is_tax": customer.invoicing.is_tax,
        "tax_number": customer.invoicing.tax_number,
        "billing_email": customer.invoicing.billing_email,
        "shipping_contact_name": shipping.contact_name,
        "shipping_contact_number": shipping.contact_number,
        **flat_parts(customer.billing, BILLING),
        **flat_parts(shipping.address, SHIPPING),
    }


class CustomerReply(TypedDict):
    """A customer in a reply: flat as the customer's own calls have it, and nested as well."""

    id: str
    reference: str
    company_name: str | None
    person_name: str | None
    person_surname: str | None
    client_type_lookups_id: str | None
    client_type: str | None
    id_type_lookups_id: str | None
    id_type: str | None
    id_number: str | None
    email: str | None
    contact_number: str | None
    is_tax: bool | None
    tax_number: str | None
    billing_email: str | None
    billing_address_line_1: str | None
    billing_address_line_2: str | None
    city_or_town: str | None
    postal_code: str | None
    billing_province_or_state: str | None
    billing_country_lookups_id: str | None
    billing_country: str | None
    shipping_contact_name: str | None
    shipping_contact_number: str | None
    shipping_address_line_1: str | None
    shipping_address_line_2: str | None
    shipping_city_or_town: str | None
    shipping_postal_code: str | None
    shipping_province_or_state: str | None
    shipping_country_lookups_id: str | None
    shipping_country: str | None
    billing_address: AddressReply | None
    shipping: ShippingReply | None
    metadata: Mapping[str, Any] | None
    customer_status_lookups_id: str
    customer_status: str
    created_at: str
    updated_at: str
    deleted_at: str | None


def show(customer: Customer) -> CustomerReply:
    """One customer in a reply. Source: reference, section Customers; the nested objects are added.

    Shape: times are South African, to the second.
    """
    it = customer.described
    billing, shipping = it.billing or NO_ADDRESS, it.shipping or NO_SHIPPING
    to = shipping.address or NO_ADDRESS
    return {
        "id": it.id,
        "reference": it.reference,
        "company_name": it.company_name,
        "person_name": it.person_name,
        "person_surname": it.person_surname,
        "client_type_lookups_id": _lookup_id("client_type", it.client_type),
        "client_type": it.client_type,
        "id_type_lookups_id": _lookup_id("id_type", it.id_type),
        "id_type": it.id_type,
        "id_number": it.id_number,
        "email": it.email,
        "contact_number": it.contact_number,
        "is_tax": it.invoicing.is_tax,
        "tax_number": it.invoicing.tax_number,
        "billing_email": it.invoicing.billing_email,
        "billing_address_line_1": billing.line1,
        "billing_address_line_2": billing.line2,
        "city_or_town": billing.city_or_town,
        "postal_code": billing.postal_or_zip_code,
        "billing_province_or_state": billing.province_or_state,
        "billing_country_lookups_id": country_id(billing),
        "billing_country": billing.country,
        "shipping_contact_name": shipping.contact_name,
        "shipping_contact_number": shipping.contact_number,
        "shipping_address_line_1": to.line1,
        "shipping_address_line_2": to.line2,
        "shipping_city_or_town": to.city_or_town,
        "shipping_postal_code": to.postal_or_zip_code,
        "shipping_province_or_state": to.province_or_state,
        "shipping_country_lookups_id": country_id(to),
        "shipping_country": to.country,
        "billing_address": show_address(it.billing),
        "shipping": _show_shipping(it.shipping),
        "metadata": it.metadata,
        "customer_status_lookups_id": lookups.id_of("customer_status", customer.status),
        "customer_status": customer.status,
        "created_at": clock.sast(customer.created_at),
        "updated_at": clock.sast(customer.updated_at),
        "deleted_at": clock.sast_or_none(customer.deleted_at),
    }


def _show_shipping(shipping: Shipping | None) -> ShippingReply | None:
    if shipping is None:
        return None
    return {
        "contact_name": shipping.contact_name,
        "contact_number": shipping.contact_number,
        "address": show_address(shipping.address),
    }


def _lookup_id(group: str, enum: str | None) -> str | None:
    return None if enum is None else lookups.id_of(group, enum)
