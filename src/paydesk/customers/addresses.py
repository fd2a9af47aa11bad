"""How addresses are spelled: nested as the checkout has them, flat as the customer's own calls do.

Both are taken everywhere and both are shown. Source: reference, sections Checkout Page and
Customers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.customers.model import NO_ADDRESS, Address
from paydesk.kit.fields import BLANK, Body, Given, Phone, Shown, Text


def _digits(value: Any) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return str(value) if is_number else value


# A number in the reference's samples, which loses the zeros that a code may begin with.
PostalCode = Annotated[
    str | None,
    Field(max_length=limits.TEXT_LENGTH_MAX),
    BeforeValidator(_digits),
    BLANK,
    Shown(
        [
            {"type": "string", "maxLength": limits.TEXT_LENGTH_MAX},
            {"type": "integer", "minimum": 0},
        ]
    ),
]


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


class AddressReply(TypedDict):
    line1: str | None
    line2: str | None
    city_or_town: str | None
    province_or_state: str | None
    postal_or_zip_code: str | None
    country_lookups_id: str | None
    country: str | None


class ShippingReply(TypedDict):
    contact_name: str | None
    contact_number: str | None
    address: AddressReply | None


@dataclass(frozen=True, slots=True)
class Spelling:
    """Where the nested spelling has an address, and the flat name of each of its parts.

    also: the flat names of the reference's later edition, where they differ.
    """

    nested: tuple[str, ...]
    flat: Mapping[str, str]
    also: Mapping[str, str]

    def names(self, part: str) -> list[str]:
        """The flat names of a part."""
        return [names[part] for names in (self.flat, self.also) if part in names]


BILLING = Spelling(
    ("billing_address",),
    {
        "line1": "billing_address_line_1",
        "line2": "billing_address_line_2",
        "city_or_town": "city_or_town",
        "province_or_state": "billing_province_or_state",
        "postal_or_zip_code": "postal_code",
        "country": "billing_country",
    },
    {"city_or_town": "billing_city_or_town", "postal_or_zip_code": "billing_postal_code"},
)
SHIPPING = Spelling(
    ("shipping", "address"),
    {
        "line1": "shipping_address_line_1",
        "line2": "shipping_address_line_2",
        "city_or_town": "shipping_city_or_town",
        "province_or_state": "shipping_province_or_state",
        "postal_or_zip_code": "shipping_postal_code",
        "country": "shipping_country",
    },
    {},
)
_CONTACT = {
    "shipping_contact_name": ("shipping", "contact_name"),
    "shipping_contact_number": ("shipping", "contact_number"),
}


def _nested() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from _CONTACT.items()
    for spelling in (BILLING, SHIPPING):
        for part, flat in spelling.flat.items():
            yield flat, (*spelling.nested, part)


# Each flat name with its nested path.
NESTED = dict(_nested())
_FLAT_NAMES = frozenset(
    {
        *NESTED,
        *BILLING.also.values(),
        "billing_country_lookups_id",
        "shipping_country_lookups_id",
    }
)


def check_addresses(given: Given, *place: str) -> None:
    """Notes where the customer at this place has an address in two spellings that differ, or one
    in the nested spelling that lacks a part.

    The flat spelling of the reference has no country, so nothing is asked of it.
    """
    is_flat_too = not _FLAT_NAMES.isdisjoint(given(*place))
    if is_flat_too:
        _check_same(given, *place)
    if given(*place, *BILLING.nested) is not None:
        for part in ("line1", "city_or_town", "postal_or_zip_code"):
            if all(given(*place, flat) is None for flat in BILLING.names(part)):
                given.require(*place, *BILLING.nested, part)
        if _flat_country(given, BILLING, *place) is None:
            lookups.require(given, "country", *place, *BILLING.nested)
    for spelling in (BILLING, SHIPPING):
        lookups.chosen(given, "country", *place, *spelling.nested)


def _check_same(given: Given, *place: str) -> None:
    for flat, nested in NESTED.items():
        if nested[-1] != "country":
            given.same((*place, *nested), (*place, flat))
    for part, flat in BILLING.also.items():
        given.same((*place, *BILLING.nested, part), (*place, flat))
        given.same((*place, BILLING.flat[part]), (*place, flat))
    for spelling in (BILLING, SHIPPING):
        nested_country = lookups.chosen(given, "country", *place, *spelling.nested)
        flat_country = _flat_country(given, spelling, *place)
        if None not in {nested_country, flat_country} and nested_country != flat_country:
            given.add(
                ".".join((*place, spelling.flat["country"])),
                "same_value",
                f"{'.'.join((*place, *spelling.nested))}.country says something else; give one.",
            )


def read_address(
    nested: AddressBody | None, record: Body, given: Given, spelling: Spelling, *place: str
) -> Address | None:
    """The address that a checked record has in either spelling, None where it says nothing."""
    nested = nested or AddressBody()
    parts = {
        part: getattr(nested, part) or _flat(record, spelling.names(part))
        for part in spelling.flat
        if part != "country"
    }
    country = lookups.chosen(given, "country", *place, *spelling.nested)
    country = country or _flat_country(given, spelling, *place)
    address = Address(**parts, country=country)
    return None if address == NO_ADDRESS else address


def _flat(record: Body, names: Iterable[str]) -> str | None:
    return next((value for name in names if (value := getattr(record, name)) is not None), None)


def _flat_country(given: Given, spelling: Spelling, *place: str) -> str | None:
    return lookups.chosen(given, "country", *place, field=spelling.flat["country"])


def flat_parts(address: Address | None, spelling: Spelling) -> dict[str, str | None]:
    """The address by its flat names."""
    return {flat: getattr(address or NO_ADDRESS, part) for part, flat in spelling.flat.items()}


def show_address(address: Address | None) -> AddressReply | None:
    """The address in the nested spelling."""
    if address is None:
        return None
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city_or_town": address.city_or_town,
        "province_or_state": address.province_or_state,
        "postal_or_zip_code": address.postal_or_zip_code,
        "country_lookups_id": country_id(address),
        "country": address.country,
    }


def country_id(address: Address) -> str | None:
    """The lookup of the address's country."""
    return None if address.country is None else lookups.id_of("country", address.country)
