"""A payer in Chromium who saves a card, comes back to pay with it, and has it removed."""

import re

import pytest
from playwright.sync_api import expect

from issuing import CODE
from journeys.test_saved_cards import checkout, new_customer
from windows import Window
from world import with_check_digit

pytestmark = pytest.mark.browser

ASKED = with_check_digit("400000120001172")  # whose issuer asks for a code
SAVED_AND_SHOWN = {"cards": {"save_cards": True, "show_cards": True}}


@pytest.fixture(scope="module")
def shop(server):
    return server.merchant_with(server.new_merchant("Corner shop")["test"])


@pytest.fixture
def window(chromium):
    opened = Window(chromium, viewport={"width": 360, "height": 740})
    yield opened
    opened.close()


def answer_bank(page):
    bank = page.frame_locator("iframe")
    bank.get_by_label("Code").fill(CODE)
    bank.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()


def test_a_card_is_saved_used_at_its_bank_s_step_and_removed(shop, window):
    customer = new_customer(shop)
    page = window.page
    page.goto(checkout(shop, customer, **SAVED_AND_SHOWN)["page_url"])
    window.fill(ASKED)
    expect(page.get_by_label("Save this card")).to_be_checked()
    window.press_pay()
    answer_bank(page)

    second = checkout(shop, customer, **SAVED_AND_SHOWN)
    page.goto(second["page_url"])
    expect(page.get_by_label(f"Visa ending in {ASKED[-4:]}")).to_be_checked()
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name=re.compile("^Pay ")).dblclick()
    expect(page.frame_locator("iframe").get_by_label("Code")).to_be_visible()
    # Away and back again, in the middle of it.
    page.goto(second["page_url"])
    page.wait_for_url("**/authentication")
    page.goto("about:blank")
    page.go_back()
    answer_bank(page)
    assert len(shop.paydesk.transactions.list(checkout_id=second["id"]).entries) == 1

    third = checkout(shop, customer, **SAVED_AND_SHOWN)
    page.goto(third["page_url"])
    page.get_by_text("Remove a saved card").click()
    page.get_by_role("button", name="Remove Visa").click()
    expect(page.get_by_label("Card number")).to_be_visible()
    expect(page.get_by_text("Your saved cards")).to_have_count(0)
    assert shop.paydesk.cards.list(customer_id=customer).entries == []
