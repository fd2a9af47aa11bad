"""`paydesk methods` at a terminal, and what payers see of it."""

import pytest

from banking import BankPayer
from world import eventually

ACCOUNT = (
    *("--bank-name", "Karoo Bank", "--account-holder", "Karoo Roasters"),
    *("--account-number", "62000012345", "--branch-code", "250655"),
)
BARE = {"order": {"reference": "ORD0045", "description": "Two tickets"}, "amount": "100.00"}


@pytest.fixture
def shop(server):
    """A merchant of its own, and a function that sets its ways to pay up."""
    made = server.new_merchant("Methods shop")

    def methods(*words, is_refused=False):
        done = server.command(
            "methods", *words, "--merchant", made["merchant"], is_refused=is_refused
        )
        return done.stderr if is_refused else done.stdout

    return server.merchant_with(made["test"]), methods


def offers(merchant):
    """The types of the account's methods, as a merchant's backend sees them."""
    listed = merchant.http.get("/payment-methods").json()["payment_methods"]
    return [one["payment_method_type"] for one in listed]


def test_what_is_set_up_is_offered_within_a_second(shop):
    merchant, methods = shop
    assert sorted(offers(merchant)) == ["CARD", "INSTANT_EFT", "PAYIN", "SCAN_TO_PAY"]
    methods("remove", "PAYIN")
    eventually(lambda: "PAYIN" not in offers(merchant))
    added = methods("add", "PAYIN", *ACCOUNT, "--item-limit", "100.00")
    assert "62000012345" in added
    assert "at most 100.00" in added
    eventually(lambda: "PAYIN" in offers(merchant))
    payer = BankPayer(merchant.create(**BARE)).open().pay_by("PAYIN")
    assert "62000012345" in payer.page.text
    methods("change", "PAYIN", "--item-limit", "")
    assert "at most" not in next(
        line for line in methods("list").splitlines() if line.startswith("PAYIN")
    )


def test_a_payer_who_chose_a_method_that_is_removed_still_sees_where_to_pay(shop):
    merchant, methods = shop
    payer = BankPayer(merchant.create(**BARE)).open().pay_by("PAYIN")
    assert "0000012345" in payer.page.text
    methods("remove", "PAYIN")
    eventually(lambda: "PAYIN" not in offers(merchant))
    assert "0000012345" in payer.open().page.text
    payer.send("100.00")
    assert eventually(lambda: payer.open().state == "paid")


def test_a_method_has_the_id_that_it_had_before_it_was_removed(shop):
    merchant, methods = shop

    def ids():
        listed = merchant.http.get("/payment-methods").json()["payment_methods"]
        return {one["payment_method_type"]: one["id"] for one in listed}

    before = ids()
    methods("remove", "SCAN_TO_PAY")
    methods("add", "SCAN_TO_PAY", "--connector", "sandbox-bank")
    assert eventually(lambda: ids() == before)


def test_an_account_without_a_method_says_so(shop):
    _, methods = shop
    methods("remove", "CARD", "--live")
    assert methods("list", "--live") == "This account has no way to pay.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "CARD"), "type: The account has this way to pay already"),
        (("change", "PAYIN", "--live", "--item-limit", "5"), "type: The account does not have"),
        (("remove", "PAYIN", "--live"), "type: The account does not have"),
        (("add", "PAYIN", "--live"), "bank_account.account_number: This field is required."),
        (
            ("add", "INSTANT_EFT", "--live", "--connector", "sandbox-bank"),
            "connector: The banks that this account can use are: none yet.",
        ),
        (("change", "CARD", "--item-limit", "x"), "item_limit: An amount is written in digits"),
        (("add", "BARTER"), "BARTER"),
    ],
    ids=str,
)
def test_what_can_not_be_is_refused_by_name(shop, words, said):
    _, methods = shop
    assert said in methods(*words, is_refused=True)
