"""The receipt that a payer brings to the shop: the server's hand, and the client that reads it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from paydesk.checkouts.receipt import receipt_of, with_receipt
from paydesk.kit.money import Currency, Money
from paydesk_client import ReceiptForged, verify_receipt

SECRET = "whsec_AQID"
PAID_AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
AN_HOUR_LATER = (PAID_AT + timedelta(hours=1)).timestamp()
PAGE = SimpleNamespace(
    id="chk_1",
    order_reference="Böhm & Söhne/7",
    amount=Money(120_000, Currency("ZAR", 2)),
    is_hold=False,
    completed_at=PAID_AT,
)


@pytest.fixture
def receipt():
    return receipt_of(PAGE, SECRET)


def test_it_says_what_was_paid_and_nothing_of_the_payer(receipt):
    assert verify_receipt(receipt, SECRET, now_seconds=PAID_AT.timestamp()) == {
        "checkout_id": "chk_1",
        "order_reference": "Böhm & Söhne/7",
        "amount": "1200.00",
        "currency": "ZAR",
        "status": "paid",
        "time": "2026-11-28T09:00:00Z",
    }


def test_of_an_authorised_amount_it_says_so():
    held = receipt_of(SimpleNamespace(**{**vars(PAGE), "is_hold": True}), SECRET)
    said = verify_receipt(held, SECRET, now_seconds=PAID_AT.timestamp())
    assert said["status"] == "authorised"


def test_it_is_believed_for_an_hour_or_as_long_as_the_shop_likes(receipt):
    assert verify_receipt(receipt, SECRET, now_seconds=AN_HOUR_LATER)
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, SECRET, now_seconds=AN_HOUR_LATER + 1)
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, SECRET, now_seconds=AN_HOUR_LATER, age_seconds_max=60)


def changed(receipt, **fields):
    """The receipt with other words and the old signature."""
    written, _, signature = receipt.partition(".")
    said = json.loads(base64.urlsafe_b64decode(written + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**said, **fields}).encode()).decode()
    return f"{forged.rstrip('=')}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda receipt: changed(receipt, amount="1.00"),
        lambda receipt: changed(receipt, order_reference="another"),
        lambda receipt: receipt[:-1] + ("A" if receipt[-1] != "A" else "B"),
        lambda receipt: receipt.partition(".")[0],
        lambda receipt: receipt.partition(".")[0] + ".",
        lambda _: "",
        lambda _: "é.ü",
        lambda _: "\ud800.x",
    ],
)
def test_a_forged_one_is_refused(receipt, forge):
    with pytest.raises(ReceiptForged):
        verify_receipt(forge(receipt), SECRET, now_seconds=PAID_AT.timestamp())


def test_one_of_another_account_is_refused(receipt):
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, "whsec_AQIE", now_seconds=PAID_AT.timestamp())


@pytest.mark.parametrize(
    ("url", "with_it"),
    [
        ("https://shop.example/", "https://shop.example/?paydesk_receipt=a.b"),
        ("https://shop.example", "https://shop.example?paydesk_receipt=a.b"),
        ("https://shop.example/?a=1", "https://shop.example/?a=1&paydesk_receipt=a.b"),
        ("https://shop.example/#x?y", "https://shop.example/?paydesk_receipt=a.b#x?y"),
    ],
)
def test_the_address_stays_as_it_is_but_for_it(url, with_it):
    assert with_receipt(url, "a.b") == with_it
