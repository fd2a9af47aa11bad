"""Saved cards in Chromium: the choice among them, their security code, and their removal."""

from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from web.page.test_in_browser import BASE, CARDS, ORIGIN, Shop

pytestmark = pytest.mark.browser

HOUSEHOLD = "Household and groceries"
AMEX = "American Express ending in 0005"


@pytest.fixture
def shop(chromium):
    opened = Shop(chromium)
    yield opened
    opened.context.close()


@pytest.fixture
def page(shop, checkout, html):
    return shop.show(html(checkout(**CARDS)))


def test_the_default_is_paid_with_by_its_security_code_alone(shop, page):
    expect(page.get_by_label(HOUSEHOLD)).to_be_checked()
    code = page.get_by_label("Security code")
    assert page.locator(".card-form input:visible:not([type=radio])").count() == 1
    code.press_sequentially("123")
    code.press("Enter")
    expect(page).to_have_url(f"{ORIGIN}{BASE}/pay")
    ((path, posted),) = shop.posts
    fields = dict(parse_qsl(posted))
    assert (path, fields["card"], fields["card_security_code"]) == (f"{BASE}/pay", "crd_01", "123")
    assert "card_number" not in fields


def test_what_was_typed_of_another_card_is_not_sent_with_a_saved_one(shop, page):
    page.get_by_label("Use another card").check()
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_label(AMEX).check()
    page.get_by_label("Security code").fill("1234")
    page.get_by_role("button", name="Pay R1 200.00").click()
    expect(page).to_have_url(f"{ORIGIN}{BASE}/pay")
    assert "4242" not in shop.posts[0][1]


def test_an_expired_card_is_said_to_be_and_cannot_be_chosen(page):
    expired = page.get_by_label("Mastercard ending in 4444")
    expect(expired).to_be_disabled()
    expect(expired).to_have_accessible_description("Expired 12/25")
    expect(page.get_by_label(AMEX)).to_have_accessible_description("Expires 03/29")


def test_the_choice_is_made_by_arrows(page):
    page.get_by_label(HOUSEHOLD).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(AMEX)).to_be_checked()
    expect(page.get_by_label("Card number")).to_be_hidden()
    # Past the expired one.
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Use another card")).to_be_checked()
    for label in ("Card number", "Expiry date", "Security code", "Name on card", "Save this card"):
        expect(page.get_by_label(label)).to_be_visible()


def test_a_code_is_as_long_as_the_chosen_card_has_it(page):
    told = page.locator(".error")
    code = page.get_by_label("Security code")
    code.fill("1234")
    code.press("Tab")
    expect(told).to_have_count(1)
    page.get_by_label(AMEX).check()
    expect(told).to_have_count(0)
    page.get_by_label(HOUSEHOLD).check()
    code.fill("123")
    code.press("Tab")
    page.wait_for_timeout(200)
    expect(told).to_have_count(0)


def test_a_test_card_is_another_card(page):
    page.get_by_text("Test cards").click()
    page.get_by_role("button", name="4242 4242 4242 4242").click()
    expect(page.get_by_label("Use another card")).to_be_checked()
    expect(page.get_by_label("Card number")).to_be_focused()
    expect(page.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")


def test_a_test_card_is_a_card_where_there_are_other_ways(shop, checkout, html):
    page = shop.show(html(checkout(payment_method_ids=())))
    page.get_by_label("Instant EFT").check()
    page.get_by_text("Test cards").click()
    page.get_by_role("button", name="4242 4242 4242 4242").click()
    expect(page.get_by_label("Card number")).to_be_focused()


def test_one_is_paid_with_and_one_removed_without_script(chromium, checkout, html):
    shop = Shop(chromium, java_script_enabled=False)
    page = shop.show(html(checkout(**CARDS)))
    page.get_by_label(AMEX).check()
    page.get_by_label("Security code").fill("1234")
    page.get_by_role("button", name="Pay").click()
    page.goto(ORIGIN + BASE)
    page.get_by_text("Remove a saved card").click()
    page.get_by_role("button", name=f"Remove {AMEX}").click()
    (paid, posted), (removed, what) = shop.posts
    assert (paid, dict(parse_qsl(posted))["card"]) == (f"{BASE}/pay", "crd_02")
    assert (removed, what) == (f"{BASE}/remove", "card=crd_02&remove=remove-crd_02")
    shop.context.close()
