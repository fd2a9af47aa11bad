"""Which document a payment gets, and how much VAT it says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from paydesk.invoices.decide import VAT, kind_of, vat_of
from paydesk.invoices.model import Kind, Line, Party, Subject
from paydesk.kit.money import Currency, Money

ZAR, USD = Currency("ZAR", 2), Currency("USD", 2)


def rand(minor):
    return Money(minor, ZAR)


VENDOR = Subject(
    at=datetime(2026, 11, 28, tzinfo=UTC),
    supplier=Party("Karoo (Pty) Ltd", ("1 Church Street",), vat_number="4123456789"),
    is_vat_vendor=True,
    is_live=True,
    recipient=Party("Thandi Nkosi", ("1 Loop Street",)),
    order_reference="ORD0045",
    order_description="Beans",
    lines=(Line("Beans", 1, rand(11_500)),),
    tax=None,
    language="en",
)


def kind(subject, total):
    return kind_of(subject, total, vat_of(subject, total, 1500))


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (5_000, Kind.RECEIPT),
        (5_001, Kind.ABRIDGED_TAX_INVOICE),
        (500_000, Kind.ABRIDGED_TAX_INVOICE),
        (500_001, Kind.FULL_TAX_INVOICE),
    ],
)
def test_the_amount_decides_what_a_vendor_issues(total, expected):
    assert kind(VENDOR, rand(total)) is expected


@pytest.mark.parametrize(
    "lacking",
    [
        {"is_vat_vendor": False},
        {"supplier": replace(VENDOR.supplier, vat_number="")},
        {"supplier": replace(VENDOR.supplier, address=())},
    ],
)
def test_without_the_supplier_s_legal_data_it_is_a_receipt(lacking):
    for total in (20_000, 600_000):
        assert kind(replace(VENDOR, **lacking), rand(total)) is Kind.RECEIPT


@pytest.mark.parametrize("recipient", [Party(""), Party("Thandi"), Party("", ("1 Loop Street",))])
def test_a_full_invoice_names_its_recipient_and_an_abridged_one_need_not(recipient):
    subject = replace(VENDOR, recipient=recipient)
    assert kind(subject, rand(600_000)) is Kind.RECEIPT
    assert kind(subject, rand(20_000)) is Kind.ABRIDGED_TAX_INVOICE


def test_another_currency_is_no_tax_invoice():
    assert kind(VENDOR, Money(20_000, USD)) is Kind.RECEIPT


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        (None, VAT(1_500, 1500)),
        (1_500, VAT(1_500, 1500)),
        (1_501, VAT(1_501, 1500)),  # their rounding of one line
        (1_502, None),
        (11_500, None),
        (1_499, VAT(1_499, 1500)),
        (700, VAT(700, None)),  # part of it is zero-rated
        (0, VAT(0, None)),
    ],
)
def test_the_merchant_s_tax_is_taken_where_it_can_be_true(tax, expected):
    subject = replace(VENDOR, tax=None if tax is None else rand(tax))
    assert vat_of(subject, rand(11_500), 1500) == expected
    assert kind(subject, rand(11_500)) is (
        Kind.RECEIPT if expected is None else Kind.ABRIDGED_TAX_INVOICE
    )
