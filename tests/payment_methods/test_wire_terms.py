"""What an operator may say of a way to pay, and what not."""

from dataclasses import replace

import pytest

from paydesk import limits, lookups
from paydesk.errors import Invalid
from paydesk.kit.money import Money
from paydesk.payment_methods import BankAccount, MethodType, PaymentMethod, read_terms

BANKS = {"sandbox-bank": False, "karoo-bank": True}
ACCOUNT = {
    "bank_name": "Karoo Bank",
    "account_holder": "Karoo Roasters",
    "account_number": "62 000-12345",
    "branch_code": "250655",
}
NEW = {type_: PaymentMethod("pam_1", type_, "PAYDESK") for type_ in MethodType}
EFT = replace(NEW[MethodType.INSTANT_EFT], connector="sandbox-bank")
PAYIN = replace(NEW[MethodType.PAYIN], bank_account=BankAccount(**ACCOUNT))


def rand(minor):
    return Money(minor, lookups.currency("ZAR"))


def read(before, record, *, is_live=False):
    return read_terms(before, record, banks=BANKS, is_live=is_live)


def faults(before, record, **how):
    with pytest.raises(Invalid) as refused:
        read(before, record, **how)
    return {(fault.path, fault.rule) for fault in refused.value.faults()}


def test_what_is_named_changes_and_the_rest_stays():
    record = {"abbreviated_name": "KAROO", "item_limit": "5000", "monthly_limit": "100000.50"}
    changed = read(EFT, record)
    assert changed == replace(
        EFT, abbreviated_name="KAROO", item_limit=rand(500_000), monthly_limit=rand(10_000_050)
    )
    assert read(changed, {}) == changed
    assert read(changed, {"item_limit": ""}) == replace(changed, item_limit=None)
    assert read(changed, {"abbreviated_name": ""}) == changed


def test_a_new_method_has_what_it_needs():
    assert read(NEW[MethodType.CARD], {}) == NEW[MethodType.CARD]
    assert read(NEW[MethodType.INSTANT_EFT], {"connector": "sandbox-bank"}) == EFT
    assert read(NEW[MethodType.PAYIN], {"bank_account": ACCOUNT}) == PAYIN


@pytest.mark.parametrize("type_", ["INSTANT_EFT", "SCAN_TO_PAY"])
def test_at_a_bank_needs_a_bank(type_):
    assert faults(NEW[MethodType(type_)], {}) == {("connector", "required")}
    assert faults(EFT, {"connector": ""}) == {("connector", "required")}


def test_a_transfer_needs_somewhere_to_go():
    needed = {(f"bank_account.{name}", "required") for name in ACCOUNT}
    assert faults(NEW[MethodType.PAYIN], {}) == needed
    number = {"bank_account": {"account_number": "62000999"}}
    assert faults(NEW[MethodType.PAYIN], number) == needed - {
        ("bank_account.account_number", "required")
    }
    changed = read(PAYIN, number)
    assert changed.bank_account == BankAccount(**{**ACCOUNT, "account_number": "62000999"})


@pytest.mark.parametrize(("is_live", "bank"), [(True, "karoo-bank"), (False, "sandbox-bank")])
def test_a_bank_moves_real_money_where_the_account_does(is_live, bank):
    assert read(EFT, {"connector": bank}, is_live=is_live).connector == bank
    for wrong in {*BANKS, "no-bank"} - {bank}:
        assert faults(EFT, {"connector": wrong}, is_live=is_live) == {("connector", "bank")}


def test_where_there_is_no_bank_the_sentence_says_so():
    with pytest.raises(Invalid) as refused:
        read_terms(EFT, {}, banks={"sandbox-bank": False}, is_live=True)
    assert "none yet" in refused.value.faults()[0].message


def test_cards_have_neither_bank_nor_account():
    record = {"connector": "sandbox-bank", "bank_account": ACCOUNT}
    assert faults(NEW[MethodType.CARD], record) == {
        ("connector", "bank_of_cards"),
        ("bank_account", "bank_account_unused"),
    }


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ({"item_limit": "0"}, ("item_limit", "amount")),
        ({"item_limit": "-1"}, ("item_limit", "amount")),
        ({"item_limit": "1.001"}, ("item_limit", "amount")),
        ({"monthly_limit": "1e3"}, ("monthly_limit", "amount")),
        ({"monthly_limit": "9" * 30}, ("monthly_limit", "amount")),
        ({"abbreviated_name": "NINE LONG"}, ("abbreviated_name", "max_length")),
        ({"abbreviated_name": "A\nB"}, ("abbreviated_name", "printable")),
        ({"bank_account": {"bank_name": "\x00"}}, ("bank_account.bank_name", "printable")),
        (
            {"bank_account": {"account_number": "62/1"}},
            ("bank_account.account_number", "bank_number"),
        ),
        (
            {"bank_account": {"branch_code": "1" * (limits.BANK_NUMBER_LENGTH_MAX + 1)}},
            ("bank_account.branch_code", "max_length"),
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(record, fault):
    assert faults(PAYIN, record) == {fault}
