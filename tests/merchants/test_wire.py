"""What a change of an account's record says."""

import pytest

from paydesk.errors import Invalid
from paydesk.kit.addresses import BadURL
from paydesk.merchants import read_change
from paydesk.merchants.wire import read_origin


def rules(body, *, is_live=False):
    with pytest.raises(Invalid) as refused:
        read_change(body, is_live=is_live)
    return {fault.path: fault.rule for fault in refused.value.faults()}


def test_only_what_is_given_changes():
    change = read_change({"name": "Karoo", "vat_number": "4123 456 789"}, is_live=True)
    assert change.fields == {"name": "Karoo", "vat_number": "4123456789"}
    assert (change.customization, change.policies, change.changes_logo) == ({}, {}, False)


def test_null_clears():
    body = dict.fromkeys(
        ("name", "logo", "is_vat_vendor", "address", "allowed_origins", "customization", "policies")
    )
    change = read_change(body, is_live=True)
    assert change.fields == {
        "name": None,
        "is_vat_vendor": False,
        "address": None,
        "allowed_origins": (),
    }
    assert (change.customization, change.changes_logo, change.logo) == (None, True, None)
    assert change.policies == {
        "unique_order_references": False,
        "signed_forms_only": False,
        "charge_if_unavailable": False,
        "charge_if_not_enrolled": False,
        "return_surplus": True,
        "signed_receipts": False,
        "mail_payments": False,
    }


def test_every_fault_is_named():
    body = {
        "name": "a\nb",
        "logo": "logo.png",
        "vat_number": "123",
        "allowed_origins": ["https://shop.example", "http://shop.example", "https://a.example/b"],
        "address": {"country": "XX"},
        "customization": {"theme": "pink", "brand": {"primary": "red"}},
        "policies": {"signed_forms_only": "yes"},
    }
    assert rules(body) == {
        "name": "printable",
        "logo": "logo",
        "vat_number": "vat_number",
        "allowed_origins.1": "https_required",
        "allowed_origins.2": "origin",
        "address.country": "lookup",
        "customization.theme": "theme",
        "customization.brand.primary": "colour",
        "policies.signed_forms_only": "boolean",
    }


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        (" https://SHOP.example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443/", "https://shop.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://[2001:4860::1]:8443", "https://[2001:4860::1]:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://shop.example/cart", None),
        ("https://shop.example?a=1", None),
        ("https://shop.example#a", None),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text, origin):
    assert read_origin(text, is_live=False) == origin


@pytest.mark.parametrize("text", ["shop.example", "*", "null", "https://", "ftp://shop.example"])
def test_what_is_no_address_is_no_origin(text):
    with pytest.raises(BadURL):
        read_origin(text, is_live=False)


def test_a_live_account_allows_no_plain_http():
    assert rules({"allowed_origins": "http://localhost:3000"}, is_live=True) == {
        "allowed_origins.0": "https_required"
    }
