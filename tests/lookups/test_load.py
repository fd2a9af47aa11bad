"""Whether the packaged lists are what ISO and the reference say."""

import pycountry
import pytest

from paydesk.lookups.load import load_seed

SEED = load_seed()
# Metals, bond units, accounting units, the test code and "no currency": nothing is paid in them.
NOT_MONEY = frozenset(
    ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"]
)


def enums(group):
    return {lookup.enum for lookup in SEED.groups[group]}


def test_every_group_of_the_reference_is_there():
    assert SEED.groups.keys() == {
        "access_level",
        "adjustment_category",
        "adjustment_type",
        "approval_window",
        "bank_account_status",
        "bank_account_type",
        "bank_name",
        "card_brand",
        "card_status",
        "client_type",
        "country",
        "currency",
        "customer_status",
        "fulfillment_status",
        "id_type",
        "mandate_status",
        "order_status",
        "payment_industry",
        "payment_interval",
        "payment_method_type",
        "payment_status",
        "payment_type",
        "provider_bank",
        "province",
        "transaction_status",
        "webhook_event",
    }


def test_no_id_and_no_enum_stands_twice():
    lookups = [lookup for group in SEED.groups.values() for lookup in group]

    assert len({lookup.id for lookup in lookups}) == len(lookups)
    assert len({(lookup.type, lookup.enum) for lookup in lookups}) == len(lookups)


def test_currencies_are_those_of_iso_4217():
    assert enums("currency") == {entry.alpha_3 for entry in pycountry.currencies} - NOT_MONEY


def test_countries_are_those_of_iso_3166():
    assert enums("country") == {entry.alpha_2 for entry in pycountry.countries}


@pytest.mark.parametrize(
    ("code", "digits"),
    [("ZAR", 2), ("USD", 2), ("JPY", 0), ("UGX", 0), ("KWD", 3), ("IQD", 3), ("CLF", 4)],
)
def test_a_currency_has_the_decimals_of_iso_4217(code, digits):
    assert SEED.currencies[code].digits == digits


def test_every_currency_has_its_lookup():
    assert enums("currency") == SEED.currencies.keys()


def test_the_nine_provinces_belong_to_south_africa():
    south_africa = next(lookup for lookup in SEED.groups["country"] if lookup.enum == "ZA")

    assert len(SEED.groups["province"]) == 9
    assert {lookup.parent_id for lookup in SEED.groups["province"]} == {south_africa.id}


def test_the_fifteen_transaction_statuses_are_there():
    assert len(enums("transaction_status")) == 15
    assert {"PAID", "PENDING", "DECLINED", "REVERSED", "REFUNDED"} <= enums("transaction_status")


def test_the_events_are_those_of_the_reference_and_one_of_ours():
    of_checkouts = {
        f"CHECKOUT_{event}"
        for event in ("COMPLETED", "FAILED", "PENDING", "CANCELLED", "EXPIRED", "ABANDONED")
    }
    of_records = {
        f"{record}_{event}"
        for record in ("CUSTOMER", "PAYMENT", "TRANSACTION")
        for event in ("CREATED", "UPDATED")
    }
    assert enums("webhook_event") == of_checkouts | of_records | {"CHECKOUT_CAPTURE_DUE"}


def test_the_values_that_the_reference_shows_are_there():
    assert {"ABSA_BANK_LIMITED", "STANDARD_BANK_SA_LTD"} <= enums("bank_name")
    assert enums("bank_account_type") == {"CHEQUE_OR_CURRENT", "SAVINGS", "TRANSMISSION"}
    assert {"VISA", "MASTERCARD", "AMEX", "DINERS_CLUB"} == enums("card_brand")
    for group, enum in [
        ("adjustment_category", "ANNUALLY"),
        ("adjustment_type", "RATE"),
        ("approval_window", "BATCH_TT2_APPROVE_BY_19H00_ON_DAY_2"),
        ("payment_industry", "ACCOUNT_REPAYMENT"),
        ("provider_bank", "ABSA_BANK_LIMITED"),
    ]:
        assert enum in enums(group)


def test_a_branch_code_is_six_digits_and_one_bank_s():
    codes = [lookup.branch_code for lookup in SEED.groups["bank_name"] if lookup.branch_code]

    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) == len(codes)


def test_currencies_and_countries_have_the_numbers_of_iso():
    currencies = {("currency", one.alpha_3): one.numeric for one in pycountry.currencies}
    countries = {("country", one.alpha_2): one.numeric for one in pycountry.countries}
    left_out = {("currency", code) for code in NOT_MONEY}

    assert SEED.numeric.items() == {
        (key, number) for key, number in (currencies | countries).items() if key not in left_out
    }
