"""The inputs for a customer whom the merchant has not named: what each is called and how it fails.

They are named as the API names its fields, in the order in which a payer meets them.
Source: payer-page paper A3; the lengths are the reference's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paydesk import limits
from paydesk.languages import translatable

SOUTH_AFRICAN_ID, PASSPORT = "SOUTH_AFRICAN_ID", "PASSPORT"


@dataclass(frozen=True, slots=True)
class Input:
    """One input. missing and wrong are what the payer is told of it, and translatable.

    Shape: path is the field's in the API's customer; kind is text, email, tel, country or id_type.
    """

    path: tuple[str, ...]
    label: str
    autocomplete: str
    missing: str
    wrong: str
    kind: str = "text"
    inputmode: str = "text"
    length_max: int = 100
    is_optional: bool = False

    @property
    def name(self) -> str:
        return ".".join(("customer", *self.path))

    @property
    def id(self) -> str:
        return self.name.replace(".", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs under a heading of their own."""

    title: str
    inputs: tuple[Input, ...]


_NAMES = (
    Input(
        ("person_name",),
        translatable("First name"),
        "given-name",
        translatable("Enter your first name."),
        translatable("Check your first name: it is too long, or has a sign that no name has."),
        length_max=limits.PERSON_NAME_LENGTH_MAX,
    ),
    Input(
        ("person_surname",),
        translatable("Surname"),
        "family-name",
        translatable("Enter your surname."),
        translatable("Check your surname: it is too long, or has a sign that no name has."),
        length_max=limits.PERSON_NAME_LENGTH_MAX,
    ),
)
EMAIL = Input(
    ("email",),
    translatable("Email address"),
    "email",
    translatable("Enter your email address."),
    translatable("Check your email address: it should look like name@example.com."),
    kind="email",
    inputmode="email",
    length_max=limits.EMAIL_LENGTH_MAX,
)
_PHONE = Input(
    ("contact_number",),
    translatable("Mobile number"),
    "tel",
    translatable("Enter your mobile number."),
    translatable("Check your mobile number. With a country code it begins with +."),
    kind="tel",
    inputmode="tel",
    length_max=24,
)
_ID_TYPE = Input(
    ("id_type",),
    translatable("Kind of ID"),
    "off",
    translatable("Choose a kind of ID."),
    translatable("Choose a kind of ID."),
    kind="id_type",
)
_ID_NUMBER = Input(
    ("id_number",),
    translatable("ID or passport number"),
    "off",
    translatable("Enter your ID or passport number."),
    translatable("Check this number: a South African ID has 13 digits, a passport 5 to 13 signs."),
    length_max=20,
)
_REFERENCE = Input(
    ("reference",),
    translatable("Your customer number"),
    "off",
    translatable("Enter your customer number with this shop."),
    translatable("Check your customer number: it has 35 signs at most."),
    length_max=limits.REFERENCE_LENGTH_MAX,
)


def _address(prefix: tuple[str, ...], tokens: str) -> tuple[Input, ...]:
    return (
        Input(
            (*prefix, "country"),
            translatable("Country"),
            f"{tokens} country",
            translatable("Choose a country."),
            translatable("Choose a country."),
            kind="country",
        ),
        Input(
            (*prefix, "line1"),
            translatable("Address"),
            f"{tokens} address-line1",
            translatable("Enter the street and number."),
            translatable("Check the address: it is too long."),
        ),
        Input(
            (*prefix, "line2"),
            translatable("Flat, floor or suburb"),
            f"{tokens} address-line2",
            "",
            translatable("Check the address: it is too long."),
            is_optional=True,
        ),
        Input(
            (*prefix, "city_or_town"),
            translatable("City or town"),
            f"{tokens} address-level2",
            translatable("Enter the city or town."),
            translatable("Check the city or town: it is too long."),
        ),
        Input(
            (*prefix, "province_or_state"),
            translatable("Province"),
            f"{tokens} address-level1",
            "",
            translatable("Check the province: it is too long."),
            is_optional=True,
        ),
        Input(
            (*prefix, "postal_or_zip_code"),
            translatable("Postal code"),
            f"{tokens} postal-code",
            translatable("Enter the postal code, or 0000 where there is none."),
            translatable("Check the postal code: this country’s look different."),
            length_max=16,
        ),
    )


BILLING = Group(translatable("Billing address"), _address(("billing_address",), "billing"))
SHIPPING = Group(
    translatable("Delivery address"),
    (
        Input(
            ("shipping", "contact_name"),
            translatable("Who takes the delivery"),
            "shipping name",
            "",
            translatable("Check this name: it is too long."),
            is_optional=True,
        ),
        Input(
            ("shipping", "contact_number"),
            translatable("Their mobile number"),
            "shipping tel",
            "",
            translatable("Check this number. With a country code it begins with +."),
            kind="tel",
            inputmode="tel",
            length_max=24,
            is_optional=True,
        ),
        *_address(("shipping", "address"), "shipping"),
    ),
)
# What each of a checkout's customer_fields adds to the names and the email.
_ADDED: Mapping[str, tuple[Input, ...]] = {
    "contact_number": (_PHONE,),
    "id_number": (_ID_TYPE, _ID_NUMBER),
    "reference": (_REFERENCE,),
}


def groups_of(customer_fields: Iterable[str] | None) -> tuple[Group, ...]:
    """All that is asked of a payer where the merchant wants these fields."""
    wanted = set(customer_fields or ())
    added = tuple(one for field, inputs in _ADDED.items() if field in wanted for one in inputs)
    groups = [Group(translatable("Your details"), (*_NAMES, EMAIL, *added))]
    groups += [BILLING] if "billing" in wanted else []
    groups += [SHIPPING] if "shipping" in wanted else []
    return tuple(groups)
