"""`/webhook-secret`: replacing what signs for the account's notify_urls, forms and receipts."""

import hashlib
import hmac
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from standardwebhooks import Webhook

from paydesk_client import WebhookForged, verify_receipt, verify_webhook
from world import Payer, eventually, faults


@pytest.fixture
def own(server):
    """A merchant of the test's own, test account."""
    return server.merchant_with(server.new_merchant("Locksmith")["test"])


def rotated(merchant, hours=24, **headers):
    answer = merchant.http.post(
        "/webhook-secret/rotate", json={"overlap_hours": hours}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def told(merchant, receiver):
    """What the receiver hears of a checkout that is cancelled."""
    checkout = merchant.create(receiver.url)
    merchant.http.post(f"/checkout/page/{checkout['id']}/cancel")
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    return heard


def test_receivers_that_know_either_secret_are_content(own, receiver):
    old, made = own.credentials["webhook_secret"], rotated(own)
    assert made["secret"] != old
    assert made["old_secret_ends_at"]
    heard = told(own, receiver)
    for secret in (old, made["secret"]):
        assert Webhook(secret).verify(heard.body, heard.headers)
        assert verify_webhook(heard.body, heard.headers, secret)["id"] == heard.json["id"]
    # It has room for one.
    assert heard.is_signed_with(old)


def test_without_an_overlap_the_old_one_has_ended(own, receiver):
    old, made = own.credentials["webhook_secret"], rotated(own, hours=0)
    assert made["old_secret_ends_at"] is None
    heard = told(own, receiver)
    assert heard.headers["webhook-signature"].count("v1,") == 1
    assert heard.is_signed_with(made["secret"])
    with pytest.raises(WebhookForged):
        verify_webhook(heard.body, heard.headers, old)


def test_a_second_overlap_is_refused_and_no_secret_in_use_is_dropped(own, receiver):
    first, second = own.credentials["webhook_secret"], rotated(own)
    refused = own.http.post("/webhook-secret/rotate", json={"overlap_hours": 1})
    assert refused.status_code == 409
    assert faults(refused) == {"overlap_hours": "overlap_under_way"}
    heard = told(own, receiver)
    for secret in (first, second["secret"]):
        assert Webhook(secret).verify(heard.body, heard.headers)
    third = rotated(own, hours=0)
    heard = told(own, receiver)
    assert heard.headers["webhook-signature"].count("v1,") == 1
    assert heard.is_signed_with(third["secret"])


def form(merchant, secret):
    inputs = {
        "public_key": merchant.credentials["public_key"],
        "mode": "one-off",
        "amount": "120.00",
        "currency": "ZAR",
        "order_description": "Tea",
        "redirects_success_url": "https://merchant.example/thanks",
        "redirects_cancel_url": "https://merchant.example/cart",
        "redirects_notify_url": "https://merchant.example/hook",
    }
    text = urlencode(sorted(inputs.items()))
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    posted = httpx2.post(
        f"{merchant.server.base_url}/checkout/form",
        data={**inputs, "signature": signature},
        timeout=30,
    )
    return posted.status_code


def test_a_form_is_taken_with_either_secret(own):
    old, made = own.credentials["webhook_secret"], rotated(own)
    assert form(own, old) == form(own, made["secret"]) == 303
    newest = rotated(own, hours=0)
    assert form(own, newest["secret"]) == 303
    assert form(own, made["secret"]) != 303


def receipt(page):
    """What the paid page's link to the shop brings along."""
    link = re.search(r'href="([^"]+)" data-onward', page.open().page.text)[1]
    return parse_qs(urlsplit(unescape(link)).query)["paydesk_receipt"][0]


def test_a_receipt_is_signed_with_the_older_until_it_ends(own, receiver):
    own.http.post("/merchant", json={"policies": {"signed_receipts": True}})
    payer = Payer(own.create(receiver.url)).open().pay()
    eventually(lambda: payer.open().state == "paid")
    rotated(own)
    assert verify_receipt(receipt(payer), own.credentials["webhook_secret"])["status"] == "paid"
    newest = rotated(own, hours=0)
    assert verify_receipt(receipt(payer), newest["secret"])["status"] == "paid"


def test_a_repeated_request_gives_the_same_secret_and_keeps_none(own):
    first = rotated(own, **{"Idempotency-Key": "locks-1"})
    again = rotated(own, **{"Idempotency-Key": "locks-1"})
    assert first == again


@pytest.mark.parametrize("hours", [-1, 73, 1.5, "24"])
def test_an_overlap_has_bounds(own, hours):
    answer = own.http.post("/webhook-secret/rotate", json={"overlap_hours": hours})
    assert list(faults(answer)) == ["overlap_hours"]


def test_the_other_account_keeps_its_secret(own, server, receiver):
    other = server.merchant_with(server.new_merchant("Next door")["test"])
    rotated(own, hours=0)
    assert told(other, receiver).is_signed_with(other.credentials["webhook_secret"])
