"""Who pays, as the payer types it: what is kept of it, and what is told to be wrong."""

import pytest

from paydesk.languages import ENGLISH, LANGUAGES
from paydesk.web.page.customer import CustomerFaults, customer_view, read_customer
from paydesk.web.page.postal_codes import is_postal_code
from paydesk.web.page.typos import suggested
from world import TYPED

ALL = ("reference", "id_number", "email", "contact_number", "billing", "shipping")
LEAST = {
    "customer.person_name": "Thandi",
    "customer.person_surname": "Nkosi",
    "customer.email": "thandi@example.com",
}
POSTAL_CODE = "customer.billing_address.postal_or_zip_code"


def faults(fields, asked=ALL):
    with pytest.raises(CustomerFaults) as refused:
        read_customer(fields, asked)
    return refused.value.by_input


def test_a_name_and_an_address_for_mail_are_always_asked():
    customer = read_customer(LEAST, None)
    assert (customer.person_name, customer.person_surname) == ("Thandi", "Nkosi")
    assert customer.email == "thandi@example.com"
    assert customer.reference == str(customer.id)
    assert (customer.billing, customer.shipping, customer.metadata) == (None, None, None)
    assert faults({}, None) == dict.fromkeys(LEAST, "missing")


def test_all_that_was_asked_is_kept():
    customer = read_customer(TYPED, ALL)
    assert customer.contact_number == "+27831234567"
    assert (customer.id_type, customer.id_number) == ("SOUTH_AFRICAN_ID", "8001015009087")
    assert (customer.billing.line1, customer.billing.country) == ("1 Loop Street", "ZA")
    assert customer.shipping.address == customer.billing


def test_a_reference_is_noted_and_never_looked_up():
    customer = read_customer(TYPED, ALL)
    assert customer.reference == str(customer.id)
    assert customer.metadata == {"reference": "CLN 77"}


def test_what_was_not_asked_is_passed_over():
    customer = read_customer({**TYPED, "customer.company_name": "Acme"}, ("email",))
    assert (customer.contact_number, customer.id_number, customer.company_name) == (None,) * 3
    assert (customer.billing, customer.shipping, customer.metadata) == (None, None, None)


def test_everything_asked_has_to_be_given_but_what_says_that_it_is_optional():
    view = customer_view(ALL, ENGLISH, typed={}, faults={})
    optional = {one.name for one in view.inputs if one.is_optional}
    assert faults({}).keys() == {one.name for one in view.inputs} - optional
    assert optional == {
        f"customer.{name}"
        for name in (
            *("billing_address.line2", "billing_address.province_or_state"),
            *("shipping.address.line2", "shipping.address.province_or_state"),
            *("shipping.contact_name", "shipping.contact_number"),
        )
    }


def test_another_address_is_asked_for_where_the_goods_go_elsewhere():
    other = {name: text for name, text in TYPED.items() if name != "customer.shipping_is_billing"}
    assert "customer.shipping.address.line1" in faults(other)
    there = {
        "customer.shipping.contact_name": "Jane Doe",
        "customer.shipping.contact_number": "+27820000000",
        "customer.shipping.address.line1": "2 Long Street",
        "customer.shipping.address.city_or_town": "Windhoek",
        "customer.shipping.address.postal_or_zip_code": "10005",
        "customer.shipping.address.country": "NA",
    }
    shipping = read_customer({**other, **there}, ALL).shipping
    local = {**other, **there, "customer.shipping.contact_number": "081 123 4567"}
    assert read_customer(local, ALL).shipping.contact_number == "+264811234567"
    assert (shipping.contact_name, shipping.contact_number) == ("Jane Doe", "+27820000000")
    assert (shipping.address.line1, shipping.address.country) == ("2 Long Street", "NA")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customer.person_name", "x" * 33),
        ("customer.person_surname", "x" * 33),
        *(
            ("customer.email", text)
            for text in ("thandi", "a@b", "a b@example.com", "@example.com")
        ),
        *(
            ("customer.contact_number", text)
            for text in ("12", "nobody", "+999 123", "08312345678901")
        ),
        *(("customer.id_number", text) for text in ("8001015009088", "123", "80010150090870")),
        ("customer.reference", "x" * 36),
        *((POSTAL_CODE, text) for text in ("80012", "AB12", "80", "x" * 200)),
        ("customer.billing_address.country", "Atlantis"),
        ("customer.billing_address.line1", "x" * 1001),
        ("customer.id_type", "LIBRARY_CARD"),
    ],
)
def test_what_is_wrong_is_told_at_its_input(name, text):
    assert faults({**TYPED, name: text}) == {name: "wrong"}


@pytest.mark.parametrize("text", ["A1234567", "a12345678", "12345"])
def test_a_passport_has_letters_too(text):
    typed = {**TYPED, "customer.id_type": "PASSPORT", "customer.id_number": text}
    assert read_customer(typed, ALL).id_number == text
    assert faults({**typed, "customer.id_type": "SOUTH_AFRICAN_ID"}) == {
        "customer.id_number": "wrong"
    }


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("0831234567", "ZA", "+27831234567"),
        ("+27 (83) 123-4567", "NA", "+27831234567"),
        ("081 123 4567", "NA", "+264811234567"),
        ("0151 23456789", "DE", "+4915123456789"),
    ],
)
def test_a_phone_is_read_as_its_country_writes_it(text, country, kept):
    typed = {
        **TYPED,
        "customer.contact_number": text,
        "customer.billing_address.country": country,
        POSTAL_CODE: {"DE": "10115", "NA": "10005"}.get(country, "8001"),
    }
    assert read_customer(typed, ALL).contact_number == kept


def test_an_address_that_looks_mistyped_is_asked_about_once():
    typed = {**LEAST, "customer.email": "thandi@gmial.com"}
    assert faults(typed, None) == {"customer.email": "suggested"}
    accepted = {**typed, "customer.email_suggestion": "thandi@gmail.com"}
    assert read_customer(accepted, None).email == "thandi@gmail.com"
    kept = {**typed, "customer.email_suggestion": "thandi@gmial.com"}
    assert read_customer(kept, None).email == "thandi@gmial.com"


@pytest.mark.parametrize("chosen", ["thandi@gmail.com", "thandi@gmial.com", "yes"])
def test_a_choice_holds_for_no_other_address(chosen):
    typed = {
        **LEAST,
        "customer.email": "thandi@outlok.com",
        "customer.email_suggestion": chosen,
    }
    assert faults(typed, None) == {"customer.email": "suggested"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmail.con", "a@gmail.com"),
        ("a@gmal.com", "a@gmail.com"),
        ("a@hotmial.com", "a@hotmail.com"),
        ("a@outlok.com", "a@outlook.com"),
        ("a@mweb.co.z", "a@mweb.co.za"),
        ("a@telkomsa.ne", "a@telkomsa.net"),
        ("a@GMAIL.COM", ""),
        ("a@gmail.com", ""),
        ("a@karoocoffee.co.za", ""),
        ("a@web.de", ""),
        ("a@me.co", "a@me.com"),
        ("a@acme.com", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_a_domain_that_is_nearly_a_common_one_is_taken_for_it(typed, meant):
    assert suggested(typed) == meant


@pytest.mark.parametrize(
    ("text", "country", "is_one"),
    [
        ("8001", "ZA", True),
        ("801", "ZA", False),
        ("sw1a 1aa", "GB", True),
        ("12345-6789", "US", True),
        ("1234 AB", "NL", True),
        ("٨٠٠١", "ZA", False),
        ("anything", "BW", True),
        ("anything", "", True),
    ],
)
def test_postal_codes_are_those_of_their_country(text, country, is_one):
    assert is_postal_code(text, country) is is_one


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_names_every_country(language):
    view = customer_view(ALL, language, typed={}, faults={})
    (countries,) = (
        one.options
        for one in view.inputs
        if one.id.endswith("address-country") and one.name.startswith("customer.billing")
    )
    assert len(countries) > 200
    assert all(option.text for option in countries)
    assert [option.value for option in countries if option.is_chosen] == ["ZA"]


def test_what_was_typed_and_found_wrong_is_shown_again():
    typed = {"customer.person_name": "<Thandi>", "customer.email": "thandi@gmial.com"}
    told = {"customer.person_surname": "missing", "customer.email": "suggested"}
    view = customer_view(None, ENGLISH, typed=typed, faults=told)
    shown = {one.name: (one.value, one.error) for one in view.inputs}
    assert shown["customer.person_name"] == ("<Thandi>", "")
    assert shown["customer.person_surname"] == ("", "Enter your surname.")
    assert view.suggestion == "thandi@gmail.com"
