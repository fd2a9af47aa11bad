"""JSON ⇄ customers."""

from datetime import UTC, datetime

import pytest

from paydesk import lookups
from paydesk.customers import Customer
from paydesk.customers.model import Address, Invoicing, Shipping
from paydesk.customers.wire import (
    CustomerBody,
    UpdateCustomer,
    check_customer,
    new_customer,
    read_changed,
    read_create,
    read_update,
    show,
)
from paydesk.errors import Invalid
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
        ({**JOHN, "id_type": "PASSPORT", "id_number": "A1234567"}, {}),
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


# Records of their own

ZA = lookups.id_of("country", "ZA")
RECORD = {**JOHN, "reference": "CLN1"}
FLAT = {
    "billing_address_line_1": "1 Loop Street",
    "billing_address_line_2": "Floor 5",
    "city_or_town": "Cape Town",
    "postal_code": 8001,
    "billing_province_or_state": "Western Cape",
    "billing_country": "ZA",
    "shipping_contact_name": "Jane Doe",
    "shipping_contact_number": "+27820000000",
    "shipping_address_line_1": "2 Loop Street",
    "shipping_address_line_2": "Floor 6",
    "shipping_city_or_town": "Stellenbosch",
    "shipping_postal_code": "7600",
    "shipping_province_or_state": "Western Cape",
    "shipping_country_lookups_id": ZA,
}
NESTED = {
    "billing_address": {
        "line1": "1 Loop Street",
        "line2": "Floor 5",
        "city_or_town": "Cape Town",
        "province_or_state": "Western Cape",
        "postal_or_zip_code": "8001",
        "country_lookups_id": ZA,
    },
    "shipping": {
        "contact_name": "Jane Doe",
        "contact_number": "+27820000000",
        "address": {
            "line1": "2 Loop Street",
            "line2": "Floor 6",
            "city_or_town": "Stellenbosch",
            "province_or_state": "Western Cape",
            "postal_or_zip_code": "7600",
            "country": "ZA",
        },
    },
}
BILLING = Address("1 Loop Street", "Floor 5", "Cape Town", "Western Cape", "8001", "ZA")
SHIPPING = Shipping(
    "Jane Doe",
    "+27820000000",
    Address("2 Loop Street", "Floor 6", "Stellenbosch", "Western Cape", "7600", "ZA"),
)


def _refused(read, record):
    with pytest.raises(Invalid) as refused:
        read(record)
    return {fault.path: fault.rule for fault in refused.value.faults()}


@pytest.mark.parametrize("addresses", [FLAT, NESTED, {**FLAT, **NESTED}])
def test_addresses_are_read_flat_and_nested(addresses):
    customer = read_create({**RECORD, **addresses})
    assert (customer.billing, customer.shipping) == (BILLING, SHIPPING)


def test_a_checkout_s_customer_may_have_flat_addresses_too():
    body, given = _given({**JOHN, **FLAT})
    assert given.faults == []
    assert new_customer(body, given).billing == BILLING


def test_what_an_invoice_asks_is_read():
    record = {"is_tax": True, "tax_number": "4123456789", "billing_email": "ap@acme.example"}
    assert read_create({**RECORD, **record}).invoicing == Invoicing(*record.values())
    assert read_create(RECORD).invoicing == Invoicing()


def test_a_customer_without_address_has_none():
    customer = read_create({**RECORD, "city_or_town": "", "shipping": {"address": {}}})
    assert (customer.billing, customer.shipping) == (None, None)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"postal_code": 8002}, {"postal_code": "same_value"}),
        ({"city_or_town": "Paarl"}, {"city_or_town": "same_value"}),
        ({"billing_country": "NA"}, {"billing_country": "same_value"}),
        ({"shipping_contact_name": "Joe"}, {"shipping_contact_name": "same_value"}),
        ({"shipping_address_line_2": "7"}, {"shipping_address_line_2": "same_value"}),
        ({"shipping_country": "NA"}, {"shipping_country": "same_value"}),
    ],
)
def test_two_spellings_that_differ_are_refused(changes, faults):
    assert _refused(read_create, {**RECORD, **NESTED, **changes}) == faults


@pytest.mark.parametrize(
    ("record", "faults"),
    [
        (JOHN, {"reference": "required"}),
        ({**RECORD, "reference": "x" * 36}, {"reference": "max_length"}),
        ({**RECORD, "postal_code": 80.5}, {"postal_code": "string"}),
        ({**RECORD, "postal_code": True}, {"postal_code": "string"}),
        ({**RECORD, "postal_code": -1}, {"postal_code": "string"}),
        ({**RECORD, "billing_country": "XX"}, {"billing_country": "lookup"}),
        ({**RECORD, "email": "nobody"}, {"email": "email"}),
        ({**RECORD, "shipping_contact_number": "12"}, {"shipping_contact_number": "phone"}),
        (
            {**RECORD, "city_or_town": "Cape Town", "billing_address": {"line1": "1 Loop Street"}},
            {
                "billing_address.postal_or_zip_code": "required",
                "billing_address.country_lookups_id": "required",
            },
        ),
    ],
)
def test_faults_have_the_record_s_own_paths(record, faults):
    assert _refused(read_create, record) == faults


@pytest.mark.parametrize(
    ("client", "kind", "number", "faults"),
    [
        ("RESIDENT_INDIVIDUAL", "SOUTH_AFRICAN_ID", "9001125009083", {}),
        ("RESIDENT_INDIVIDUAL", "PASSPORT", "A1234567", {}),
        ("NON_RESIDENT_INDIVIDUAL", "FOREIGN_ID", "AB-123", {}),
        ("NON_RESIDENT_INDIVIDUAL", "ASYLUM_SEEKER_PERMIT", "PTA123", {}),
        ("SOLE_PROPRIETOR", "REFUGEE_ID", "9001125009083", {}),
        (None, "PASSPORT", "A1234567", {}),
        (None, "COMPANY_REGISTRATION_NUMBER", "201112345607", {}),
        ("COMPANY", "COMPANY_REGISTRATION_NUMBER", "2011/123456/07", {}),
        ("CLOSE_CORPORATION", "COMPANY_REGISTRATION_NUMBER", "199912345623", {}),
        ("NON_PROFIT", "COMPANY_REGISTRATION_NUMBER", "2011/123456/08", {}),
        ("TRUST", "TRUST_REGISTRATION_NUMBER", "IT1234/2015(G)", {"id_number": "max_length"}),
        ("TRUST", "TRUST_REGISTRATION_NUMBER", "IT1234/2015", {}),
        ("COMPANY", "SOUTH_AFRICAN_ID", "9001125009083", {"id_type": "id_type"}),
        ("TRUST", "COMPANY_REGISTRATION_NUMBER", "201112345607", {"id_type": "id_type"}),
        ("COMPANY", "TRUST_REGISTRATION_NUMBER", "IT1234/2015", {"id_type": "id_type"}),
        (
            "RESIDENT_INDIVIDUAL",
            "COMPANY_REGISTRATION_NUMBER",
            "201112345607",
            {"id_type": "id_type"},
        ),
        (None, "PASSPORT", "A123", {"id_number": "passport_number"}),
        (None, "PASSPORT", "A 1234567", {"id_number": "passport_number"}),
        (
            None,
            "COMPANY_REGISTRATION_NUMBER",
            "2011/12345/07",
            {"id_number": "company_registration_number"},
        ),
        (
            None,
            "COMPANY_REGISTRATION_NUMBER",
            "301112345607",
            {"id_number": "company_registration_number"},
        ),
        (None, "TRUST_REGISTRATION_NUMBER", "IT 1", {"id_number": "trust_registration_number"}),
        (None, "FOREIGN_ID", "A/1", {"id_number": "id_number"}),
    ],
)
def test_an_id_belongs_to_its_kind_of_client(client, kind, number, faults):
    record = {
        **RECORD,
        "company_name": "Acme",
        "client_type": client,
        "id_type": kind,
        "id_number": number,
    }
    if faults:
        assert _refused(read_create, record) == faults
    else:
        kept = number.replace("/", "") if kind.startswith("COMPANY") else number
        assert read_create(record).id_number == kept


@pytest.mark.parametrize("client", ["COMPANY", "TRUST", "PARTNERSHIP", "GOVERNMENT"])
def test_a_client_that_is_no_person_has_a_company_name(client):
    record = {**RECORD, "client_type": client}
    assert _refused(read_create, record) == {"company_name": "required"}
    assert read_create({**record, "company_name": "Acme"}).client_type == client


def test_every_client_type_and_id_type_is_judged():
    from paydesk.customers import identity

    clients = {lookup.enum for lookup in lookups.group("client_type")}
    assert clients == identity._PERSONS | identity._COMPANIES | identity._TRUSTS
    assert {lookup.enum for lookup in lookups.group("id_type")} == identity._ID_TYPES.keys()


# Changes


AT = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)
KEPT = {
    **RECORD,
    **NESTED,
    "client_type": "RESIDENT_INDIVIDUAL",
    "id_type": "PASSPORT",
    "id_number": "A1234567",
    "contact_number": "+27831234567",
    "is_tax": True,
    "tax_number": "4123456789",
    "billing_email": "ap@acme.example",
    "metadata": {"a": 1},
}


def _changed(**change):
    kept = Customer(read_create(KEPT), AT, AT, None)
    changed = read_changed(kept, UpdateCustomer(kept.id, {"id": kept.id, **change}))
    assert changed.id == kept.id
    return changed


def test_what_is_not_given_stays():
    kept = read_create(KEPT)
    for field in kept.__slots__:
        if field != "id":
            assert getattr(_changed(), field) == getattr(kept, field), field


@pytest.mark.parametrize(
    ("change", "billing"),
    [
        ({"postal_code": "7600"}, ("1 Loop Street", "Cape Town", "7600", "ZA")),
        (
            {"billing_address": {"postal_or_zip_code": "7600"}},
            ("1 Loop Street", "Cape Town", "7600", "ZA"),
        ),
        ({"billing_country": "NA"}, ("1 Loop Street", "Cape Town", "8001", "NA")),
        (
            {"billing_address": {"country_lookups_id": lookups.id_of("country", "NA")}},
            ("1 Loop Street", "Cape Town", "8001", "NA"),
        ),
        ({"city_or_town": None}, ("1 Loop Street", None, "8001", "ZA")),
        ({"billing_country_lookups_id": None}, ("1 Loop Street", "Cape Town", "8001", None)),
    ],
)
def test_a_part_of_an_address_changes_in_either_spelling(change, billing):
    it = _changed(**change).billing
    assert (it.line1, it.city_or_town, it.postal_or_zip_code, it.country) == billing


def test_null_clears():
    changed = _changed(
        contact_number=None, billing_address=None, shipping=None, metadata=None, is_tax=None
    )
    assert (changed.contact_number, changed.billing, changed.shipping) == (None, None, None)
    assert (changed.metadata, changed.invoicing.is_tax) == (None, None)
    assert changed.invoicing.tax_number == "4123456789"


def test_a_lookup_changes_in_either_spelling():
    named = lookups.id_of("client_type", "SOLE_PROPRIETOR")
    assert _changed(client_type_lookups_id=named).client_type == "SOLE_PROPRIETOR"
    assert _changed(client_type="SOLE_PROPRIETOR").client_type == "SOLE_PROPRIETOR"


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"email": None}, {"email": "required"}),
        ({"reference": None}, {"reference": "required"}),
        ({"person_name": ""}, {"person_name": "required"}),
        ({"id_number": None}, {"id_number": "required"}),
        ({"id_type": None}, {"id_type_lookups_id": "required"}),
        ({"id_type": "SOUTH_AFRICAN_ID"}, {"id_number": "south_african_id"}),
        ({"client_type": "COMPANY", "company_name": "Acme"}, {"id_type": "id_type"}),
        ({"billing_address": {"line1": None}}, {"billing_address.line1": "required"}),
    ],
)
def test_what_comes_of_a_change_keeps_the_rules(change, faults):
    assert _refused(lambda change: _changed(**change), change) == faults


def test_an_update_names_its_customer_and_each_field_is_checked():
    assert _refused(read_update, {"email": "nobody", "shipping": 7}) == {
        "id": "required",
        "email": "email",
        "shipping": "object",
    }


# Replies


def test_a_customer_is_shown_in_both_spellings():
    shown = show(Customer(read_create(KEPT), AT, AT, None))
    for name, value in {**FLAT, "postal_code": "8001"}.items():
        assert shown[name] == value, name
    assert shown["billing_address"] == {**NESTED["billing_address"], "country": "ZA"}
    assert shown["shipping"]["address"]["country_lookups_id"] == ZA
    assert shown["client_type_lookups_id"] == lookups.id_of("client_type", "RESIDENT_INDIVIDUAL")
    assert (shown["created_at"], shown["deleted_at"]) == ("2026-01-31 22:00:00", None)
    assert shown["customer_status"] == "ACTIVE"


def test_an_archived_customer_says_so():
    shown = show(Customer(read_create(RECORD), AT, AT, AT))
    assert (shown["customer_status"], shown["deleted_at"]) == ("ARCHIVED", "2026-01-31 22:00:00")
    assert (shown["billing_address"], shown["shipping"], shown["city_or_town"]) == (None,) * 3
