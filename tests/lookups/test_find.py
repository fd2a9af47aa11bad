"""Finding a lookup by id, by enum, by group."""

import pytest

from paydesk import lookups
from paydesk.kit.money import Currency


def test_a_lookup_is_found_by_its_id():
    rand = lookups.find("currency", lookups.id_of("currency", "ZAR"))

    assert rand is not None
    assert (rand.type, rand.enum, rand.title) == ("currency", "ZAR", "Rand")


def test_an_id_of_another_group_is_not_found():
    assert lookups.find("country", lookups.id_of("currency", "ZAR")) is None


def test_ids_are_the_same_on_every_installation():
    assert lookups.id_of("currency", "ZAR") == "loo_63nvwbv6371pxa4ptm5dqcyk2p"


@pytest.mark.parametrize(
    ("group", "text", "enum"),
    [
        ("currency", "ZAR", "ZAR"),
        ("currency", "zar", "ZAR"),
        ("currency", "ZA", "ZAR"),
        ("country", "ZA", "ZA"),
        ("bank_account_type", "CHEQUE", "CHEQUE_OR_CURRENT"),
        ("payment_type", "Pre-Authorization", "PRE_AUTHORIZATION"),
        ("payment_type", "Direct Debit", "DIRECT_DEBIT"),
        ("client_type", "RESIDENT_INDIVIDUAL", "RESIDENT_INDIVIDUAL"),
    ],
)
def test_an_enum_is_found_however_it_is_spelled(group, text, enum):
    assert lookups.by_enum(group, text).enum == enum


@pytest.mark.parametrize(
    ("group", "text"), [("currency", "XAU"), ("currency", ""), ("nothing", "ZAR"), ("country", "X")]
)
def test_an_enum_that_is_not_there_is_not_found(group, text):
    assert lookups.by_enum(group, text) is None


def test_a_group_is_given_whole_and_an_unknown_one_not_at_all():
    assert [lookup.enum for lookup in lookups.group("payment_type")] == [
        "DIRECT_DEBIT",
        "PRE_AUTHORIZATION",
    ]
    assert lookups.group("payment_types") is None


def test_all_lookups_are_those_of_all_groups():
    everything = list(lookups.all_lookups())

    for lookup in everything:
        assert lookups.find(lookup.type, lookup.id) is lookup
        assert lookups.by_enum(lookup.type, lookup.enum) is lookup
        assert lookup in lookups.group(lookup.type)


def test_a_currency_knows_its_decimals():
    assert lookups.currency("KWD") == Currency("KWD", 3)


def test_a_currency_and_a_country_have_three_digits():
    assert (lookups.numeric_currency("ZAR"), lookups.numeric_country("ZA")) == ("710", "710")
    assert (lookups.numeric_currency("ALL"), lookups.numeric_country("AF")) == ("008", "004")


def test_what_is_no_currency_or_country_has_no_digits():
    with pytest.raises(KeyError):
        lookups.numeric_currency("ZA")
    with pytest.raises(KeyError):
        lookups.numeric_country("ZAR")
