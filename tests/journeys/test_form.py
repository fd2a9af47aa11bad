"""A payer in Chromium, from the button on a merchant's site to the merchant's page of thanks."""

import html

import pytest
from playwright.sync_api import expect

from world import APPROVED, eventually

pytestmark = pytest.mark.browser

SHOP = "https://merchant.example"


@pytest.fixture
def site(chromium, merchant, receiver):
    """The merchant's site in a browser, and what it shows at any address of its own."""
    origins = [SHOP, receiver.url.partition("/webhooks")[0]]
    assert merchant.http.post("/merchant", json={"allowed_origins": origins}).status_code == 200
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    yield page
    context.close()


def open_shop(site, merchant, inputs):
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(text)}">'
        for name, text in inputs.items()
    )
    action = f"{merchant.server.base_url}/checkout/form"
    shown = (
        f'<!doctype html><title>Shop</title><form method="post" action="{action}">{hidden}'
        '<label>Amount <input name="amount" value="120.00"></label><button>Donate</button></form>'
    )
    site.route(f"{SHOP}/**", lambda route: route.fulfill(body=shown, content_type="text/html"))
    site.goto(f"{SHOP}/donate")


@pytest.fixture
def inputs(merchant, receiver):
    return {
        "public_key": merchant.credentials["public_key"],
        "mode": "one-off",
        "currency": "ZAR",
        "order_description": "A donation: “Bücher & Blumen”",
        "redirects[success_url]": f"{SHOP}/thanks",
        "redirects[cancel_url]": f"{SHOP}/donate",
        "redirects[notify_url]": receiver.url,
    }


def test_a_payer_donates_from_the_merchant_s_own_page(site, merchant, receiver, inputs):
    open_shop(site, merchant, inputs)
    site.get_by_role("button", name="Donate").click()
    expect(site.get_by_text("Bücher & Blumen").first).to_be_attached()
    site.get_by_label("First name").fill("Jane")
    site.get_by_label("Surname").fill("Doe")
    site.get_by_label("Email address").fill("jane@example.com")
    site.get_by_label("Card number").fill(APPROVED)
    site.get_by_label("Expiry date").fill("12/30")
    site.get_by_label("Security code").fill("123")
    site.get_by_label("Name on card").fill("J Doe")
    site.get_by_role("button", name="Pay").click()
    expect(site.locator("html[data-page=paid]")).to_be_attached()
    site.wait_for_url(f"{SHOP}/thanks")
    (newest,) = merchant.http.get("/checkout/list", params={"limit": 1}).json()["results"]
    assert merchant.status(newest) == "completed"
    assert eventually(lambda: receiver.events(newest["id"])) == ["checkout.completed"]


def test_a_refused_form_is_told_and_can_be_corrected_by_going_back(site, merchant, inputs):
    open_shop(site, merchant, {**inputs, "order_items_0_quantity": "2"})
    site.get_by_label("Amount").fill("twelve")
    site.get_by_role("button", name="Donate").click()
    expect(site.get_by_role("heading")).to_have_text("This checkout could not be started")
    expect(site.get_by_text("An amount is written in digits")).to_be_visible()
    assert site.evaluate("document.documentElement.scrollWidth") <= 320
    site.go_back()
    expect(site.get_by_label("Amount")).to_have_value("twelve")
