"""The way back to the shop: not before its server has heard, and with a receipt if it likes."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import expect

from paydesk_client import verify_receipt
from windows import Shop, Window
from world import Payer, Receiver, eventually


@pytest.fixture
def slow():
    """A merchant's endpoint that stays silent until `answering` is set."""
    listening = Receiver()
    listening.answering.clear()
    yield listening
    listening.close()


@pytest.fixture
def newcomer(server):
    return server.merchant_with(server.new_merchant("Slow shop")["test"])


def refresh(payer):
    found = re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', payer.open().page.text)
    return unescape(found[1])


def wait(payer):
    return httpx2.get(f"{payer.url}/state").json()["wait"]


def test_without_script_the_page_goes_on_once_the_shop_has_heard(newcomer, slow):
    assert newcomer.http.post("/merchant", json={"redirect_wait_seconds": 30}).is_success
    checkout = newcomer.create(slow.url)
    payer = Payer(checkout).open().pay()
    eventually(lambda: payer.open().state == "paid")
    eventually(lambda: slow.about(checkout["id"]))
    assert refresh(payer) == urlsplit(payer.url).path
    assert 0 < wait(payer) <= 35
    slow.answering.set()
    eventually(lambda: wait(payer) == 0)
    assert refresh(payer) == "https://merchant.example/success?order=ord_12345"


def test_the_wait_is_the_account_s_and_has_an_end(newcomer):
    changed = newcomer.http.post("/merchant", json={"redirect_wait_seconds": 31})
    assert "redirect_wait_seconds" in changed.text
    assert changed.status_code == 422
    assert (
        newcomer.http.post("/merchant", json={"redirect_wait_seconds": 0}).json()["result"][
            "redirect_wait_seconds"
        ]
        == 0
    )
    reset = newcomer.http.post("/merchant", json={"redirect_wait_seconds": None})
    assert reset.json()["result"]["redirect_wait_seconds"] == 5


def test_a_receipt_comes_along_where_the_shop_likes_one(newcomer, receiver):
    without = newcomer.create(receiver.url)
    payer = Payer(without).open().pay()
    eventually(lambda: payer.open().state == "paid")
    assert "paydesk_receipt" not in payer.page.text

    assert newcomer.http.post("/merchant", json={"policies": {"signed_receipts": True}}).is_success
    checkout = newcomer.create(receiver.url)
    payer = Payer(checkout).open().pay()
    eventually(lambda: payer.open().state == "paid")
    link = re.search(r'href="([^"]+)" data-onward', payer.page.text)[1]
    query = parse_qs(urlsplit(unescape(link)).query)
    assert query["order"] == ["ord_12345"]
    said = verify_receipt(query["paydesk_receipt"][0], newcomer.credentials["webhook_secret"])
    assert (said["checkout_id"], said["status"]) == (checkout["id"], "paid")
    assert (said["order_reference"], said["amount"], said["currency"]) == (
        "ORD0045",
        "1200.00",
        "ZAR",
    )


@pytest.mark.browser
def test_with_script_the_page_goes_on_once_the_shop_has_heard(chromium, newcomer, slow):
    newcomer.http.post("/merchant", json={"redirect_wait_seconds": 30})
    shop = Shop()
    window = Window(chromium)
    try:
        redirects = {
            "success_url": f"{shop.url}/thanks",
            "cancel_url": f"{shop.url}/cart",
            "notify_url": slow.url,
        }
        checkout = newcomer.create(redirects=redirects)
        window.page.goto(checkout["page_url"])
        window.fill()
        window.press_pay()
        expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
        # The countdown is over, and the page asks whether the shop has heard.
        expect(window.page.get_by_text("You will be taken there in 0 s.")).to_be_visible()
        window.page.wait_for_event("request", lambda request: request.url.endswith("/state"))
        assert shop.visited == []
        slow.answering.set()
        window.page.wait_for_url(f"{shop.url}/thanks")
    finally:
        window.close()
        shop.close()
    assert window.complaints == []
