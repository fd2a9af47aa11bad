"""Payers in Chromium who pay without a card: script on and off, keyboard, back, a frame."""

import re

import pytest
from playwright.sync_api import expect

from banking import BankPayer
from embedding import mounting
from windows import Shop, Window, assert_kept_to_itself
from world import Server, eventually

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@pytest.fixture(scope="module")
def world(open_folder):
    # Its own: a judge of cards knows nothing of checkouts that were paid at a bank.
    server = Server(open_folder() / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def bank_url(world):
    payer = BankPayer(world.merchant().create()).open().pay_by("INSTANT_EFT")
    return payer.bank_url.rsplit("/pay/", 1)[0]


@pytest.fixture(scope="module")
def merchant_shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def opened(chromium, world, merchant_shop, bank_url):
    """Opens a window; at the end none may have asked anybody else, or complained."""
    windows = []

    def make(**options):
        windows.append(Window(chromium, **options))
        return windows[-1]

    yield make
    for window in windows:
        window.close()
        assert_kept_to_itself(window, world.base_url, merchant_shop.url, bank_url)


@pytest.fixture
def checkout(world, merchant_shop):
    merchant = world.merchant()

    def make(**look):
        redirects = {
            "success_url": f"{merchant_shop.url}/paid",
            "cancel_url": f"{merchant_shop.url}/cart",
            "notify_url": "https://merchant.example/hook",
        }
        custom = {**merchant.body()["customization"], **look}
        # Without cards that others of this server have saved, or that tests before did.
        cards = {"save_cards": False, "show_cards": False}
        made = merchant.create(redirects=redirects, customization=custom, cards=cards)
        return {**made, "merchant": merchant}

    return make


def status(made):
    return made["merchant"].status(made)


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


def choose(window, made, way):
    window.page.goto(made["page_url"])
    window.page.get_by_label(way).check()
    window.press_pay()


@SCRIPT
def test_a_payer_pays_at_the_bank_and_comes_back_to_the_shop(
    opened, checkout, merchant_shop, script
):
    window, made = opened(java_script_enabled=script), checkout()
    choose(window, made, "Instant EFT")
    expect(heading(window.page, "Pay from your account")).to_be_visible()
    window.page.get_by_role("button", name="Pay", exact=True).click()
    expect(heading(window.page, "Payment received")).to_be_visible()
    assert status(made) == "completed"
    window.page.wait_for_url(f"{merchant_shop.url}/paid")


@SCRIPT
def test_back_from_the_bank_leads_nowhere_in_circles(opened, checkout, script):
    window, made = opened(java_script_enabled=script), checkout()
    choose(window, made, "Instant EFT")
    expect(heading(window.page, "Pay from your account")).to_be_visible()
    window.page.goto(made["page_url"])
    expect(heading(window.page, "Pay at your bank")).to_be_visible()
    window.page.get_by_role("link", name="Continue to your bank").click()
    expect(heading(window.page, "Pay from your account")).to_be_visible()
    window.page.go_back()
    expect(heading(window.page, "Pay at your bank")).to_be_visible()
    window.page.get_by_role("button", name="Pay another way").click()
    expect(window.page.get_by_role("alert")).to_contain_text("You stopped this payment")
    window.page.get_by_label("Card", exact=True).check()
    window.fill()
    window.press_pay()
    expect(heading(window.page, "Payment received")).to_be_visible()


@SCRIPT
def test_a_code_is_shown_and_the_page_goes_on_when_it_was_scanned(opened, checkout, script):
    window, made = opened(java_script_enabled=script), checkout()
    choose(window, made, "Scan to pay")
    code = window.page.get_by_role("img", name="Code to scan with your banking app")
    expect(code).to_be_visible()
    box = code.locator("svg").bounding_box()
    assert box["width"] == box["height"] >= 200
    expect(window.page.locator("[data-clock]")).to_be_visible(visible=script)
    other = BankPayer(made).open()
    other.at_bank("approve")
    expect(heading(window.page, "Payment received")).to_be_visible()


@SCRIPT
def test_a_transfer_says_what_is_missing_and_goes_on_by_itself(opened, checkout, script):
    window, made = opened(java_script_enabled=script), checkout()
    choose(window, made, "Bank transfer")
    expect(heading(window.page, "Send R1 200.00 by bank transfer")).to_be_visible()
    payer = BankPayer(made).open().send("1000.00")
    eventually(lambda: "is still missing" in payer.open().page.text)
    window.page.reload()
    expect(heading(window.page, "Send R200.00 by bank transfer")).to_be_visible()
    payer.send("200.00")
    expect(heading(window.page, "Payment received")).to_be_visible(timeout=45000)
    assert status(made) == "completed"


def test_the_sender_of_a_test_can_be_played(opened, checkout):
    window, made = opened(), checkout()
    choose(window, made, "Bank transfer")
    with window.context.expect_page() as bank:
        window.page.get_by_role("link", name="Test: send the money").click()
    bank.value.get_by_role("button", name="Send").click()
    expect(heading(bank.value, "The money is on its way")).to_be_visible()
    expect(heading(window.page, "Payment received")).to_be_visible()


def test_a_choice_needs_no_more_than_a_keyboard(opened, checkout):
    window, made = opened(), checkout()
    page = window.page
    page.goto(made["page_url"])
    page.get_by_label("Card", exact=True).focus()
    expect(page.get_by_label("Card number")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Instant EFT")).to_be_checked()
    expect(page.get_by_label("Card number")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading(page, "Scan to pay R1 200.00")).to_be_visible()


def test_two_tabs_and_two_presses_are_one_payment(opened, checkout, world):
    window, made = opened(), checkout()
    other = window.context.new_page()
    other.goto(made["page_url"])
    other.get_by_label("Scan to pay").check()
    window.page.goto(made["page_url"])
    window.page.get_by_label("Scan to pay").check()
    window.page.get_by_role("button", name=re.compile("^Pay ")).dblclick()
    window.press_pay(other)
    for page in (window.page, other):
        expect(heading(page, "Scan to pay R1 200.00")).to_be_visible()
    asked = [line for line in world.sandbox_log("bank") if line["event"] == "ask"]
    attempts = list(made["merchant"].paydesk.transactions.list(checkout_id=made["id"]).entries)
    assert [line["reference"] for line in asked][-1:] == [attempts[0]["id"]]
    assert len(attempts) == 1


def test_faults_keep_the_choice(opened, checkout, world):
    merchant = world.merchant()
    made = merchant.create(customer=None, customer_fields=None)
    window = opened()
    choose(window, {"page_url": made["page_url"]}, "Bank transfer")
    expect(window.page.get_by_role("alert")).to_contain_text("Please check your details")
    expect(window.page.get_by_label("Bank transfer")).to_be_checked()
    expect(window.page.get_by_role("alert")).not_to_contain_text("card")
    # Chromium complains of the answer's status, which tells programs that something was wrong.
    assert [said for said in window.complaints if "422" not in said] == []
    window.complaints.clear()
    window.page.get_by_label("First name").fill("Thandi")
    window.page.get_by_label("Surname").fill("Nkosi")
    window.page.get_by_label("Email").fill("thandi@example.com")
    window.press_pay()
    expect(heading(window.page, "Send R1 200.00 by bank transfer")).to_be_visible()


def framed(window, merchant_shop, made, world):
    url = merchant_shop.put(
        f"/framed-{made['id']}", mounting(made, world.base_url, prevents=["onCompleted"])
    )
    window.page.goto(url)
    return window.page.frame_locator("iframe")


@pytest.mark.parametrize("breaks_out", [False, True], ids=["in a tab beside", "breaking out"])
def test_a_bank_is_reached_from_inside_a_frame(opened, checkout, merchant_shop, world, breaks_out):
    window, made = opened(), checkout(type="embed")
    frame = framed(window, merchant_shop, made, world)
    frame.get_by_label("Instant EFT").check()
    frame.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(frame.get_by_role("heading", name="Pay at your bank")).to_be_visible()
    if breaks_out:
        frame.get_by_role("link", name="Open your bank in this window instead").click()
        bank = window.page
    else:
        with window.context.expect_page() as beside:
            frame.get_by_role("link", name="Continue to your bank").click()
        bank = beside.value
    bank.get_by_role("button", name="Pay", exact=True).click()
    expect(heading(bank, "Payment received")).to_be_visible()
    if not breaks_out:
        expect(frame.get_by_role("heading", name="Payment received")).to_be_visible()
        window.page.wait_for_function("heard.some((event) => event.type === 'completed')")


def test_a_code_is_scanned_inside_a_frame(opened, checkout, merchant_shop, world):
    window, made = opened(), checkout(type="embed")
    frame = framed(window, merchant_shop, made, world)
    frame.get_by_label("Scan to pay").check()
    frame.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(frame.get_by_role("img", name="Code to scan with your banking app")).to_be_visible()
    BankPayer(made).open().at_bank("approve")
    expect(frame.get_by_role("heading", name="Payment received")).to_be_visible()
