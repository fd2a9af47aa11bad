"""JSON ⇄ merchants: what a change of an account's record says, and how the record is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.errors import Invalid
from paydesk.kit import clock
from paydesk.kit.addresses import BadURL, check_url
from paydesk.kit.fields import (
    BLANK,
    Body,
    Email,
    Flag,
    Given,
    Phone,
    Reference,
    Text,
    as_names,
    check,
    fault,
)
from paydesk.merchants.customization import CustomizationBody
from paydesk.merchants.logo import read_logo
from paydesk.merchants.model import Logo, MerchantRecord, Policies

_VAT_NUMBER_DIGITS = 10
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _printable(value: str | None) -> str | None:
    if value is not None and not value.isprintable():
        raise fault("printable", "Line breaks and control characters can't be shown here.")
    return value


def _vat_number(value: str | None) -> str | None:
    # South African ones begin with a 4. Source: SARS, guide VAT 404.
    if value is None:
        return None
    digits = value.replace(" ", "")
    is_one = digits.isascii() and digits.isdigit() and digits.startswith("4")
    if not is_one or len(digits) != _VAT_NUMBER_DIGITS:
        raise fault("vat_number", "A VAT number has 10 digits and begins with 4.")
    return digits


Origins = Annotated[
    list[Annotated[str, Field(max_length=limits.URL_LENGTH_MAX)]] | None,
    Field(max_length=limits.NAMES_MAX),
    BeforeValidator(as_names),
]


class MerchantAddressBody(Body):
    line1: Text = None
    line2: Text = None
    city_or_town: Text = None
    province_or_state: Text = None
    postal_or_zip_code: Text = None
    country_lookups_id: Annotated[Text, lookups.lookup_id("country")] = None
    country: Annotated[Text, lookups.lookup_enum("country")] = None


class PoliciesBody(Body):
    unique_order_references: Flag = None
    signed_forms_only: Flag = None
    charge_if_unavailable: Flag = None
    charge_if_not_enrolled: Flag = None
    return_surplus: Flag = None
    mail_payments: Flag = None
    signed_receipts: Flag = None


class MerchantBody(Body):
    name: Annotated[
        str | None,
        Field(max_length=limits.COMPANY_NAME_LENGTH_MAX),
        AfterValidator(_printable),
        BLANK,
    ] = None
    logo: Annotated[str | None, BLANK] = None
    email: Email = None
    contact_number: Phone = None
    legal_name: Annotated[Text, AfterValidator(_printable)] = None
    registration_number: Annotated[Reference, AfterValidator(_printable)] = None
    is_vat_vendor: Flag = None
    vat_number: Annotated[Text, AfterValidator(_vat_number)] = None
    address: MerchantAddressBody | None = None
    allowed_origins: Origins = None
    embed_origins: Origins = None
    customization: CustomizationBody | None = None
    policies: PoliciesBody | None = None
    redirect_wait_seconds: Annotated[
        int | None, Field(ge=0, le=limits.REDIRECT_WAIT_SECONDS_MAX)
    ] = None


@dataclass(frozen=True, slots=True)
class ChangeMerchant:
    """The command behind `POST /merchant`: only what it names changes.

    Shape: fields are MerchantRecord's, with their new values; in customization None removes a
        default, and None instead of it removes all.
    """

    fields: Mapping[str, Any]
    customization: Mapping[str, Any] | None = field(default_factory=dict)
    policies: Mapping[str, bool] = field(default_factory=dict)
    changes_logo: bool = False
    logo: Logo | None = None


class AddressReply(TypedDict):
    line1: str | None
    line2: str | None
    city_or_town: str | None
    province_or_state: str | None
    postal_or_zip_code: str | None
    country_lookups_id: str | None
    country: str | None


class PoliciesReply(TypedDict):
    unique_order_references: bool
    signed_forms_only: bool
    charge_if_unavailable: bool
    charge_if_not_enrolled: bool
    return_surplus: bool
    mail_payments: bool
    signed_receipts: bool


class BrandReply(TypedDict):
    primary: str | None
    logo: str | None
    radius: str | None
    font: str | None


class CustomizationReply(TypedDict):
    """The defaults; null where a checkout's own are Paydesk's."""

    locale: str | None
    number_style: str | None
    theme: str | None
    type: str | None
    display_cancel_button: bool | None
    display_total: bool | None
    display_cart: bool | None
    brand: BrandReply


class CardGuardReply(TypedDict):
    level: str
    since: str | None
    until: str | None


class MerchantReply(TypedDict):
    id: str
    is_live: bool
    name: str
    logo_url: str | None
    email: str | None
    contact_number: str | None
    legal_name: str | None
    registration_number: str | None
    is_vat_vendor: bool
    vat_number: str | None
    address: AddressReply | None
    allowed_origins: list[str]
    embed_origins: list[str]
    customization: CustomizationReply
    policies: PoliciesReply
    redirect_wait_seconds: int
    card_guard: CardGuardReply
    created_at: str


def read_change(record: Mapping[str, Any], *, is_live: bool) -> ChangeMerchant:
    """The change that the body of `POST /merchant` asks for. Raises: Invalid, with every fault."""
    body, faults = check(MerchantBody, record)
    given = Given(record, faults)
    logo = _logo(given)
    origins = {name: _origins(given, name, is_live=is_live) for name in _ORIGINS}
    country = lookups.chosen(given, "country", "address")
    if body is None or given.faults:
        raise Invalid(given.faults)
    named = body.model_fields_set
    plain = (
        *("name", "email", "contact_number"),
        *("legal_name", "registration_number", "vat_number"),
    )
    fields: dict[str, Any] = {name: getattr(body, name) for name in plain if name in named}
    if "is_vat_vendor" in named:
        fields["is_vat_vendor"] = bool(body.is_vat_vendor)
    if "address" in named:
        fields["address"] = _address(body.address, country)
    if "redirect_wait_seconds" in named:
        wait = body.redirect_wait_seconds
        fields["redirect_wait_seconds"] = limits.REDIRECT_WAIT_SECONDS if wait is None else wait
    fields |= {name: found for name, found in origins.items() if name in named}
    return ChangeMerchant(
        fields=fields,
        customization=_customization(body),
        policies=_policies(body),
        changes_logo="logo" in named,
        logo=logo,
    )


def _logo(given: Given) -> Logo | None:
    text = given("logo")
    if not isinstance(text, str):
        return None
    try:
        return read_logo(text)
    except PydanticCustomError as bad:
        given.add("logo", bad.type, bad.message())
        return None


_ORIGINS = ("allowed_origins", "embed_origins")


def _origins(given: Given, name: str, *, is_live: bool) -> tuple[str, ...]:
    texts = as_names(given(name))
    origins = []
    for number, text in enumerate(texts or ()):
        if not isinstance(text, str) or given.is_faulty(name, number):
            continue
        path = f"{name}.{number}"
        try:
            origin = read_origin(text, is_live=is_live)
        except BadURL as bad:
            given.add(path, bad.rule, str(bad))
            continue
        if origin is None:
            given.add(path, "origin", "An origin is written such as https://shop.example, no more.")
        else:
            origins.append(origin)
    return tuple(dict.fromkeys(origins))


def read_origin(text: str, *, is_live: bool) -> str | None:
    """The origin as browsers write it; None where the address goes on behind it.

    Raises: BadURL.

    >>> read_origin("https://Shop.Example:443/", is_live=True)
    'https://shop.example'
    """
    url = check_url(text.strip(), may_be_plain_http_to_loopback=not is_live, is_dialled_by_us=False)
    if url.text.split("://", 1)[1].partition("/")[2] or "?" in url.text or "#" in url.text:
        return None
    host = f"[{url.host}]" if ":" in url.host else url.host
    port = "" if url.port == _DEFAULT_PORTS[url.scheme] else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def _address(body: MerchantAddressBody | None, country: str | None) -> dict[str, str] | None:
    if body is None:
        return None
    lines = body.model_dump(exclude={"country", "country_lookups_id"}, exclude_none=True)
    return {**lines, **({"country": country} if country else {})} or None


def _customization(body: MerchantBody) -> Mapping[str, Any] | None:
    if body.customization is not None:
        return body.customization.model_dump(exclude_unset=True)
    return None if "customization" in body.model_fields_set else {}


def _policies(body: MerchantBody) -> Mapping[str, bool]:
    policies = body.policies or PoliciesBody()
    # A null for all of them sets each back.
    is_reset = body.policies is None and "policies" in body.model_fields_set
    named = PoliciesBody.model_fields if is_reset else policies.model_fields_set
    return {name: _flag(name, getattr(policies, name)) for name in named}


def _flag(name: str, value: bool | None) -> bool:  # noqa: FBT001 - as the body has it
    """The policy, or its default where null clears it."""
    default: bool = getattr(Policies(), name)
    return default if value is None else value


def show(record: MerchantRecord, base_url: str) -> MerchantReply:
    """The `result` of `GET /merchant`."""
    return MerchantReply(
        id=record.merchant_id,
        is_live=record.is_live,
        name=record.name or record.first_name,
        logo_url=None if record.logo is None else f"{base_url}/logos/{record.logo}",
        email=record.email,
        contact_number=record.contact_number,
        legal_name=record.legal_name,
        registration_number=record.registration_number,
        is_vat_vendor=record.is_vat_vendor,
        vat_number=record.vat_number,
        address=None if record.address is None else _shown_address(record.address),
        allowed_origins=list(record.allowed_origins),
        embed_origins=list(record.embed_origins),
        customization=_shown_customization(record.customization),
        policies=PoliciesReply(
            unique_order_references=record.policies.unique_order_references,
            signed_forms_only=record.policies.signed_forms_only,
            charge_if_unavailable=record.policies.charge_if_unavailable,
            charge_if_not_enrolled=record.policies.charge_if_not_enrolled,
            return_surplus=record.policies.return_surplus,
            mail_payments=record.policies.mail_payments,
            signed_receipts=record.policies.signed_receipts,
        ),
        redirect_wait_seconds=record.redirect_wait_seconds,
        card_guard=CardGuardReply(
            level=record.card_guard.level.name.lower(),
            since=clock.sast_or_none(record.card_guard.since),
            until=clock.sast_or_none(record.card_guard.until),
        ),
        created_at=clock.sast(record.created_at),
    )


def _shown_address(address: Mapping[str, Any]) -> AddressReply:
    country = address.get("country")
    return AddressReply(
        line1=address.get("line1"),
        line2=address.get("line2"),
        city_or_town=address.get("city_or_town"),
        province_or_state=address.get("province_or_state"),
        postal_or_zip_code=address.get("postal_or_zip_code"),
        country_lookups_id=None if country is None else lookups.id_of("country", country),
        country=country,
    )


def _shown_customization(defaults: Mapping[str, Any]) -> CustomizationReply:
    return CustomizationReply(
        locale=defaults.get("locale"),
        number_style=defaults.get("number_style"),
        theme=defaults.get("theme"),
        type=defaults.get("type"),
        display_cancel_button=defaults.get("display_cancel_button"),
        display_total=defaults.get("display_total"),
        display_cart=defaults.get("display_cart"),
        brand=_shown_brand(defaults.get("brand", {})),
    )


def _shown_brand(defaults: Mapping[str, Any]) -> BrandReply:
    return BrandReply(
        primary=defaults.get("primary"),
        logo=defaults.get("logo"),
        radius=defaults.get("radius"),
        font=defaults.get("font"),
    )
