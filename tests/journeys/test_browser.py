"""Payers in Chromium against the running program: script on and off, back, reload, two tabs."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from oracle import select
from windows import NO_CARDS, Shop, Window, assert_kept_to_itself
from world import APPROVED, DECLINED, UNHURRIED, Receiver, Server, card, eventually

pytestmark = pytest.mark.browser

# The slow card takes 10 s, past the 8 that a payer is kept waiting.


@pytest.fixture(scope="module")
def world(open_folder):
    server = Server(open_folder() / "data", settings=UNHURRIED).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def listener():
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def merchant_shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def window(chromium, world, merchant_shop):
    opened = Window(chromium)
    yield opened
    opened.context.close()
    assert_kept_to_itself(opened, world.base_url, merchant_shop.url)


@pytest.fixture
def checkout(world, merchant_shop, listener):
    """Makes a checkout that leads back to the shop; a number tells its pages apart."""
    merchant = world.merchant()

    def make(**customization):
        number = len(merchant_shop.visited)
        body = merchant.body(listener.url)
        redirects = {
            "success_url": f"{merchant_shop.url}/paid?order=ord_{number}&a=1%2C2&x=",
            "cancel_url": f"{merchant_shop.url}/cart?order=ord_{number}",
            "notify_url": listener.url,
        }
        look = {**body["customization"], **customization}
        made = merchant.create(
            listener.url, redirects=redirects, customization=look, cards=NO_CARDS
        )
        return {**made, "merchant": merchant, "redirects": redirects}

    return make


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def approvals(world, made):
    ours = {made["merchant"].show(made)["transaction_id"]}
    log = [line for line in world.acquirer_log() if line["outcome"] == "approved"]
    return [line for line in log if line["reference"] in ours]


def status(made):
    return made["merchant"].status(made)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_payer_pays_and_comes_back_to_the_shop(
    chromium, world, merchant_shop, checkout, listener, script
):
    window = Window(chromium, java_script_enabled=script)
    made = checkout()
    window.page.goto(made["page_url"])
    expect(window.page.get_by_text("Pro Plan (Monthly)")).to_have_count(1)
    window.fill()
    window.press_pay()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert status(made) == "completed"
    window.page.wait_for_url(f"{merchant_shop.url}/**")
    # The very address that the merchant gave.
    assert window.page.url == made["redirects"]["success_url"]
    assert merchant_shop.visited[-1] == path_of(made["redirects"]["success_url"])
    eventually(lambda: listener.events(made["id"]) == ["checkout.completed"])
    window.context.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_declined_payer_tries_another_card(chromium, world, merchant_shop, checkout, script):
    window = Window(chromium, java_script_enabled=script)
    made = checkout()
    window.page.goto(made["page_url"])
    window.fill(DECLINED)
    window.press_pay()
    expect(window.page.get_by_role("alert")).to_contain_text("You have not been charged.")
    window.fill(APPROVED)
    window.press_pay()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert len(approvals(world, made)) == 1
    window.context.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_payer_cancels_and_comes_back_to_the_shop(
    chromium, world, merchant_shop, checkout, script
):
    window = Window(chromium, java_script_enabled=script)
    made = checkout()
    window.page.goto(made["page_url"])
    window.page.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(window.page.get_by_role("heading", name="Payment cancelled")).to_be_visible()
    assert status(made) == "cancelled"
    window.page.wait_for_url(f"{merchant_shop.url}/**")
    assert window.page.url == made["redirects"]["cancel_url"]
    window.context.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


def test_two_presses_are_one_payment(window, world, checkout):
    made = checkout()
    window.page.goto(made["page_url"])
    window.fill()
    window.page.get_by_role("button", name=re.compile(r"^Pay ")).dblclick()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    paid = [url for _, _, url in window.asked if url.endswith("/pay")]
    assert len(paid) == 1
    assert len(approvals(world, made)) == 1


def test_two_tabs_are_one_payment(window, world, checkout, listener):
    made = checkout()
    other = window.context.new_page()
    for page, number in [(window.page, card(d2=1)), (other, card(f3=2, d2=1))]:
        page.goto(made["page_url"])
        window.fill(number, page)
    # Both are pressed before either is answered.
    for page in (window.page, other):
        page.evaluate("setTimeout(() => document.querySelector('.card-form button').click(), 200)")
    for page in (window.page, other):
        expect(page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert len(approvals(world, made)) == 1
    assert made["merchant"].show(made)["status"] == "completed"
    eventually(lambda: listener.events(made["id"]) == ["checkout.completed"])


def test_going_back_after_paying_shows_that_it_is_paid(window, world, checkout):
    made = checkout()
    window.page.goto(made["page_url"])
    window.fill()
    window.press_pay()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    window.page.get_by_role("button", name="Stay on this page").click()
    window.page.go_back()
    window.page.goto(made["page_url"])
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    window.page.get_by_role("link", name=re.compile("^Continue")).click()
    expect(window.page.get_by_role("heading", name="Back at the shop")).to_be_visible()
    window.page.go_back()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert len(approvals(world, made)) == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_reloading_a_slow_payment_pays_once_and_ends_paid(
    chromium, world, merchant_shop, checkout, script
):
    window = Window(chromium, java_script_enabled=script)
    made = checkout()
    window.page.goto(made["page_url"])
    window.fill(card(f1=5, d2=1))
    window.press_pay()
    expect(window.page.get_by_role("heading", name="Processing your payment")).to_be_visible()
    window.page.reload()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert len(approvals(world, made)) == 1
    window.context.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


def test_an_expired_checkout_says_so_and_leads_back(chromium, open_folder, merchant_shop, listener):
    server = Server(open_folder() / "data").start()
    try:
        merchant = server.merchant()
        redirects = dict.fromkeys(("success_url", "cancel_url"), f"{merchant_shop.url}/cart")
        made = merchant.create(redirects={**redirects, "notify_url": listener.url}, cards=NO_CARDS)
        window = Window(chromium)
        window.page.goto(made["page_url"])
        window.fill()
        # A life of seconds would be over before a busy machine has filled the form.
        end = "update checkouts set expires_at = now() where id = $1"
        with ThreadPoolExecutor(1) as aside:  # Playwright's own loop runs in this thread
            aside.submit(select, server, end, made["id"]).result()
        eventually(lambda: merchant.status(made) == "expired")
        window.press_pay()
        expect(window.page.get_by_role("heading", name="This checkout has expired")).to_be_visible()
        window.page.get_by_role("link", name=re.compile("^Return")).click()
        expect(window.page.get_by_role("heading", name="Back at the shop")).to_be_visible()
        window.context.close()
        assert server.acquirer_log() == []
        assert_kept_to_itself(window, server.base_url, merchant_shop.url)
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_sticks_out_on_a_small_phone(chromium, world, merchant_shop, checkout, theme):
    window = Window(chromium, viewport={"width": 320, "height": 640})
    made = checkout(theme=theme)
    window.page.goto(made["page_url"])
    pages = [window.page.evaluate("document.documentElement.scrollWidth")]
    dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((c) => c < 90)"
    assert window.page.evaluate(dark) is (theme == "dark")
    window.fill(DECLINED)
    window.press_pay()
    expect(window.page.get_by_role("alert")).to_be_visible()
    pages.append(window.page.evaluate("document.documentElement.scrollWidth"))
    window.fill(APPROVED)
    window.press_pay()
    expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible()
    pages.append(window.page.evaluate("document.documentElement.scrollWidth"))
    assert pages == [320, 320, 320]
    window.context.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


@pytest.fixture
def nobodys_checkout(world, merchant_shop, listener):
    """A checkout whose payer the merchant has not named."""
    merchant = world.merchant()
    return merchant.create(
        listener.url,
        customer=None,
        customer_fields="id_number,contact_number,billing,shipping",
        redirects={
            "success_url": f"{merchant_shop.url}/paid?order=nobody",
            "cancel_url": f"{merchant_shop.url}/cart",
            "notify_url": listener.url,
        },
    )


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_payer_says_who_they_are(chromium, world, merchant_shop, nobodys_checkout, script):
    window = Window(chromium, java_script_enabled=script, viewport={"width": 320, "height": 640})
    page = window.page
    page.goto(nobodys_checkout["page_url"])
    details = {
        "First name": "Thandi",
        "Surname": "Nkosi",
        "Email address": "thandi@gmial.com",
        "Mobile number": "083 123 4567",
        "ID or passport number": "A1234567",
        "Address": "1 Loop Street",
        "City or town": "Cape Town",
        "Postal code": "8001",
    }
    for label, text in details.items():
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_label("Kind of ID").select_option("Passport")
    # Where the goods go is asked as soon as it is another place.
    there = page.locator("#customer-shipping-address-line1")
    expect(there).to_be_hidden()
    page.get_by_label("The same as the billing address").uncheck()
    expect(there).to_be_visible()
    page.get_by_label("The same as the billing address").check()
    window.fill()
    window.press_pay()
    page.get_by_label("Yes, use thandi@gmail.com").check()
    expect(page.get_by_label("Surname")).to_have_value("Nkosi")
    expect(page.get_by_label("Kind of ID")).to_have_value("PASSPORT")
    window.fill()
    window.press_pay()
    page.wait_for_url(f"{merchant_shop.url}/paid**")
    window.close()
    # Chromium notes the answer that asked for a better address.
    window.complaints = [said for said in window.complaints if "status of 422" not in said]
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)
    merchant = world.merchant()
    customer_id = merchant.show(nobodys_checkout)["customer_id"]
    customer = merchant.http.get(f"/customers/{customer_id}").json()["result"]
    assert (customer["email"], customer["id_type"]) == ("thandi@gmail.com", "PASSPORT")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_payer_reads_in_their_own_language(chromium, world, merchant_shop, checkout, script):
    window = Window(chromium, java_script_enabled=script, viewport={"width": 320, "height": 640})
    page = window.page
    page.goto(checkout()["page_url"])
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Afrikaans").click()
    expect(page.get_by_label("Kaartnommer")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "af-ZA"
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    window.close()
    assert_kept_to_itself(window, world.base_url, merchant_shop.url)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_line_that_breaks_as_the_payer_pays_costs_no_second_payment(
    chromium, world, checkout, script
):
    window = Window(chromium, java_script_enabled=script)
    page, made = window.page, checkout()
    page.goto(made["page_url"])
    window.fill()
    # The post arrives and its answer is lost.
    page.route("**/pay", lambda route: (route.fetch(), route.abort("connectionreset")))
    with page.expect_event("requestfailed"):
        window.press_pay()
    page.unroute("**/pay")
    page.goto(made["page_url"])
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()
    window.close()
    transaction = world.merchant().show(made)["transaction_id"]
    approved = [line for line in world.acquirer_log() if line["reference"] == transaction]
    assert len(approved) == 1
