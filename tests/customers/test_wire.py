"""JSON ⇄ customers."""

import pytest

from paydesk.customers.wire import CustomerBody, check_customer, new_customer
from paydesk.kit.fields import Given, check

JOHN = {"email": "johndoe@mail.com", "person_name": "John", "person_surname": "Doe"}
LOOP_STREET = {
    "line1": "1 Loop Street",
    "city_or_town": "Cape Town",
    "postal_or_zip_code": "8001",
    "country": "ZA",
}


def _given(customer):
    body, faults = check(CustomerBody, customer)
    given = Given({"customer": customer}, [])
    given.faults.extend(faults)
    check_customer(given)
    return body, given


def _faults(customer):
    return {fault.path: fault.rule for fault in _given(customer)[1].faults}


def test_a_customer_is_read_whole():
    body, given = _given(
        {
            **JOHN,
            "reference": "CLN1",
            "client_type": "RESIDENT_INDIVIDUAL",
            "id_type": "SOUTH_AFRICAN_ID",
            "id_number": "9001125009083",
            "contact_number": "+27831234567",
            "billing_address": LOOP_STREET,
            "shipping": {"contact_name": "Jane Doe", "address": {"line2": "Floor 5"}},
            "metadata": {"a": 1},
        }
    )
    assert given.faults == []
    customer = new_customer(body, given)
    assert (customer.reference, customer.email) == ("CLN1", "johndoe@mail.com")
    assert (customer.client_type, customer.id_type) == ("RESIDENT_INDIVIDUAL", "SOUTH_AFRICAN_ID")
    assert (customer.billing.line1, customer.billing.country) == ("1 Loop Street", "ZA")
    assert (customer.shipping.contact_name, customer.shipping.address.line2) == (
        "Jane Doe",
        "Floor 5",
    )
    assert customer.shipping.address.country is None
    assert customer.metadata == {"a": 1}


def test_a_customer_without_reference_gets_one():
    customer = new_customer(*_given(JOHN))
    assert customer.reference == customer.id
    assert len(customer.reference) <= 35


@pytest.mark.parametrize(
    ("customer", "faults"),
    [
        (JOHN, {}),
        ({"email": "a@b.example", "company_name": "Acme"}, {}),
        ({**JOHN, "shipping": {}, "billing_address": LOOP_STREET}, {}),
        ({**JOHN, "id_type": "PASSPORT", "id_number": "A1"}, {}),
        ({"company_name": "Acme"}, {"customer.email": "required"}),
        (
            {"email": "a@b.example", "person_name": "John"},
            {"customer.person_surname": "required"},
        ),
        ({**JOHN, "company_name": " ", "person_name": ""}, {"customer.person_name": "required"}),
        ({**JOHN, "id_number": "A1"}, {"customer.id_type_lookups_id": "required"}),
        ({**JOHN, "id_type": "PASSPORT"}, {"customer.id_number": "required"}),
        (
            {**JOHN, "id_type": "SOUTH_AFRICAN_ID", "id_number": "9001125009084"},
            {"customer.id_number": "south_african_id"},
        ),
        (
            {**JOHN, "billing_address": {"line2": "Floor 5"}},
            {
                "customer.billing_address.line1": "required",
                "customer.billing_address.city_or_town": "required",
                "customer.billing_address.postal_or_zip_code": "required",
                "customer.billing_address.country_lookups_id": "required",
            },
        ),
    ],
)
def test_what_c_asks(customer, faults):
    assert _faults(customer) == faults


@pytest.mark.parametrize(
    "number",
    [
        "9001125009083\n",
        "900112 500908",
        "９００１１２５００９０８３",
        "9001125009082",
        "0000000000000",
        "9902305009086",
    ],
)
def test_a_south_african_id_is_13_digits_of_a_real_day_with_a_check_digit(number):
    customer = {**JOHN, "id_type": "SOUTH_AFRICAN_ID", "id_number": number}
    assert "customer.id_number" in _faults(customer)
