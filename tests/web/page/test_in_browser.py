"""The pages in Chromium: for every reader, at 320 pixels, with script and without."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from paydesk.checkouts.model import Customization, LastAttempt, Phase, Theme
from paydesk.checkouts.states import State
from paydesk.kit.money import Currency, Money
from paydesk.languages import ENGLISH
from paydesk.payment_methods import MethodType
from paydesk.payments import Interval, Wanted
from paydesk.payments import State as PlanState
from paydesk.web.page.forms import FormValues
from paydesk.web.page.headers import (
    authentication_headers,
    bounce_headers,
    headers,
    returned_headers,
)
from paydesk.web.page.pages import PageName, fill, render
from paydesk.web.page.view import BounceView, ReturnedView, bare_view
from web.page.conftest import plan_html

pytestmark = pytest.mark.browser

ORIGIN = "http://127.0.0.1:9"
BASE = "/checkout/cs_test_abc"
ALL_FAULTS = FormValues(
    "12",
    "13/99",
    {
        "number": "card_number_not_test",
        "expiry": "expiry_format",
        "security_code": "security_code_length",
        "name": "name_is_number",
    },
)
LONG = "Ouma’s Preserves, Rusks and Other Good Things of the Langkloof"
ALL_FIELDS = ("reference", "id_number", "email", "contact_number", "billing", "shipping")
BANK_PAGE = "http://127.0.0.1:9402/pay/_i7T8o71AOpAGgyo8o_Ij63YNmwrDbym"


RAND_0 = Money(0, Currency("ZAR", 2))
RAND_2 = Money.parse("2.00", Currency("ZAR", 2))


def at_bank(phase, method, **changes):
    """What a checkout has whose payer is needed at their bank."""
    last = LastAttempt(
        "tra_1",
        None,
        waits=True,
        phase=phase,
        method=method,
        handover_url=BANK_PAGE,
        handover_until=datetime(2026, 11, 22, 11, 15, tzinfo=UTC),
        handover_seconds_left=540,
        payer_reference="K7M2QX9T",
        **changes,
    )
    return {"state": State.PENDING, "attempts": 1, "last_attempt": last}


AT_BANK_STATES = {
    "a choice": ({"payment_method_ids": ()}, None),
    "a choice, not cards": ({"payment_method_ids": ()}, FormValues(method="PAYIN")),
    "one way, no card": ({"payment_method_ids": ("pam_scan",)}, None),
    "at the bank": (at_bank(Phase.BANK, MethodType.INSTANT_EFT), None),
    "a code to scan": (at_bank(Phase.SCAN, MethodType.SCAN_TO_PAY), None),
    "a transfer": (at_bank(Phase.TRANSFER, MethodType.PAYIN), None),
    "a transfer, short": (at_bank(Phase.TRANSFER, MethodType.PAYIN, received=45_000), None),
    "paid, and more": ({"state": State.COMPLETED, "surplus": 5_000}, None),
    "stopped at the bank": (
        {
            "payment_method_ids": (),
            "attempts": 1,
            "returned": 5_000,
            "last_attempt": LastAttempt(
                "tra_1", "cancelled_by_payer", waits=False, method=MethodType.PAYIN
            ),
        },
        None,
    ),
}
CARDS = {"has_cards": True, "asks_to_save": True}
MONTHLY = {"mode": "recurring", "recurring": Wanted(Interval.MONTHLY)}
SAVED_STATES = {
    "saved cards": (CARDS, None),
    "saved cards, a fault": (
        CARDS,
        FormValues(saved_card="crd_02", faults={"security_code": "security_code_length"}),
    ),
    "saved cards, another": (
        CARDS,
        FormValues("Thandi", "12/30", {"number": "card_number_checksum"}, saved_card="new"),
    ),
    "saved cards, expired": ({**CARDS, "shown_card_ids": ("crd_03",)}, None),
    "saved cards, among ways": ({**CARDS, "payment_method_ids": ()}, None),
    "saved cards, declined": (
        {**CARDS, "last_attempt": LastAttempt("tra_1", "expired_card", waits=False)},
        None,
    ),
    "a card to save": ({"mode": "save", "amount": RAND_2, "items": ()}, None),
    "a card saved": ({"mode": "save", "amount": RAND_2, "state": State.COMPLETED}, None),
    "a card to save for nothing": ({"mode": "save", "amount": RAND_0, "items": ()}, None),
    "a card saved for nothing": (
        {"mode": "save", "amount": RAND_0, "items": (), "state": State.COMPLETED},
        None,
    ),
    "recurring": (MONTHLY, None),
    "recurring, to an end": (
        {
            "mode": "recurring",
            "recurring": Wanted(Interval.YEARLY, end=date(2040, 1, 31)),
            "merchant_name": LONG,
            "has_cards": True,
        },
        None,
    ),
    "recurring, paid": ({**MONTHLY, "state": State.COMPLETED, "payment_id": "pay_01"}, None),
}
STATES = {
    **AT_BANK_STATES,
    **SAVED_STATES,
    "open, who pays": ({"customer_id": None}, None),
    "open, all about who pays": ({"customer_id": None, "customer_fields": ALL_FIELDS}, None),
    "faults in who pays": (
        {"customer_id": None, "customer_fields": ALL_FIELDS},
        FormValues(
            customer={"customer.email": "thandi@gmial.com", "customer.person_name": "Thandi"},
            faults={
                "customer.person_surname": "missing",
                "customer.email": "suggested",
                "customer.id_number": "wrong",
                "customer.billing_address.postal_or_zip_code": "wrong",
                "number": "card_number_checksum",
            },
        ),
    ),
    "open": ({}, None),
    "open, long names": ({"merchant_name": LONG, "order_reference": "R" * 35}, None),
    "faults": ({}, ALL_FAULTS),
    "declined": (
        {"last_attempt": LastAttempt("tra_1", "risk_blocked", waits=False), "attempts": 4},
        None,
    ),
    "declined by the issuer": (
        {
            "last_attempt": LastAttempt(
                "tra_1", "authentication_failed", waits=False, cardholder_text="Call us. " * 14
            )
        },
        None,
    ),
    "code": (
        {
            "state": State.PENDING,
            "last_attempt": LastAttempt("tra_1", None, waits=False, phase=Phase.CODE),
        },
        None,
    ),
    "code, faults": (
        {
            "state": State.PENDING,
            "last_attempt": LastAttempt("tra_1", None, waits=False, phase=Phase.CODE),
        },
        FormValues(faults={"security_code": "security_code_length"}),
    ),
    "processing": ({"state": State.PENDING}, None),
    "waiting": (
        {"state": State.PENDING, "last_attempt": LastAttempt("tra_1", None, waits=True)},
        None,
    ),
    "paid": ({"state": State.COMPLETED, "merchant_name": LONG}, None),
    "failed": ({"state": State.FAILED}, None),
    "cancelled": ({"state": State.CANCELLED}, None),
    "expired": ({"state": State.EXPIRED}, None),
}

# The pages of a recurring payment; their places are fields of it, or whether it asks to be stopped.
PLANS = {
    "plan": {},
    "plan, long name": {"name": LONG},
    "plan, declined": {
        "decline_reason": "insufficient_funds",
        "try_number": 2,
        "charge_at": datetime(2026, 12, 23, 4, 0, tzinfo=UTC),
    },
    "plan, paused": {"state": PlanState.PAUSED},
    "plan, to be stopped": {"asks": True},
    "plan, ended": {"state": PlanState.CANCELLED},
}


class Shop:
    """A browser's window whose every request is answered here, with the page's own headers."""

    def __init__(self, browser: Browser, **options) -> None:
        self.html = ""
        self.state = "open"
        self.posts: list[tuple[str, str]] = []
        self.visited: list[str] = []
        self.complaints: list[str] = []
        # Beside the page: what is at these addresses, with which headers.
        self.places: dict[str, tuple[str, dict[str, str]]] = {}
        self.context = browser.new_context(viewport={"width": 320, "height": 640}, **options)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))
        self.page.route("**/*", self._answer)

    def show(self, html: str) -> Page:
        self.html = html
        self.state = re.search(r'data-page="(\w+)"', html)[1]
        self.page.goto(ORIGIN + BASE)
        return self.page

    def _answer(self, route: Route) -> None:
        request = route.request
        if request.method == "POST":
            self.posts.append((request.url.removeprefix(ORIGIN), request.post_data or ""))
        if request.url in self.places:
            body, sent = self.places[request.url]
            route.fulfill(status=200, headers=sent, body=body)
        elif request.method == "POST":
            route.fulfill(status=200, body="")
        elif request.url == f"{ORIGIN}{BASE}/state":
            route.fulfill(json={"page": self.state})
        elif request.url.startswith(ORIGIN):
            route.fulfill(status=200, headers=headers("nonce-of-this-page"), body=self.html)
        else:
            self.visited.append(request.url)
            route.fulfill(status=200, body="")


@pytest.fixture
def shop(chromium) -> Iterator[Shop]:
    opened = Shop(chromium)
    yield opened
    opened.context.close()


def assert_fit_for_all(shop: Shop) -> None:
    page = shop.page
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    # Looked at first: axe speaks to all frames, and to those of others in vain.
    assert shop.complaints == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_card_is_typed_and_posted(shop, checkout, html):
    page = shop.show(html(checkout()))
    page.get_by_label("Card number").press_sequentially("4242424242424242")
    page.get_by_label("Expiry date").press_sequentially("1230")
    page.get_by_label("Security code").press_sequentially("123")
    page.get_by_label("Name on card").fill("Thandi Nkosi")
    page.get_by_role("button", name="Pay R1 200.00").click()
    expect(page).to_have_url(f"{ORIGIN}{BASE}/pay")
    ((path, posted),) = shop.posts
    assert path == f"{BASE}/pay"
    fields = dict(parse_qsl(posted))
    seen = json.loads(fields.pop("browser"))
    assert seen == page.evaluate(
        """() => ({
            java: navigator.javaEnabled(), language: navigator.language,
            color_depth: screen.colorDepth, time_zone: new Date().getTimezoneOffset(),
            screen_width: screen.width, screen_height: screen.height,
            window_width: innerWidth, window_height: innerHeight,
        })"""
    )
    assert fields == {
        "attempt": "attempt-token",
        "card_number": "4242 4242 4242 4242",
        "card_expiry": "12 / 30",
        "card_security_code": "123",
        "card_name": "Thandi Nkosi",
    }


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("state", STATES)
def test_each_page_is_fit_for_all(shop, checkout, html, state, theme):
    changes, form = STATES[state]
    custom = Customization(theme=theme, brand_primary="#ffd400")
    shop.show(html(checkout(**changes, customization=custom), form))
    for more in shop.page.locator("details").all():
        more.locator("summary").click()
    assert_fit_for_all(shop)


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("locale", ["auto", "ar"])
@pytest.mark.parametrize("state", PLANS)
def test_each_page_of_a_recurring_payment_is_fit_for_all(shop, state, locale, theme):
    custom = Customization(locale=locale, theme=theme, brand_primary="#ffd400")
    page = shop.show(plan_html(**PLANS[state], custom=custom))
    assert_fit_for_all(shop)
    for target in page.locator("main a, main button").all():
        assert target.bounding_box()["height"] >= 44


@pytest.mark.parametrize("name", [PageName.MISSING, PageName.TROUBLE])
def test_pages_without_a_checkout_are_fit_for_all(shop, name):
    shop.show(render(name, bare_view(ENGLISH, "nonce-of-this-page")))
    assert_fit_for_all(shop)


def test_it_fits_a_wide_window_too(shop, checkout, html):
    shop.page.set_viewport_size({"width": 1280, "height": 800})
    page = shop.show(html(checkout()))
    expect(page.get_by_text("Hand grinder, steel")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_it_pays_and_cancels_without_script(chromium, checkout, html):
    shop = Shop(chromium, java_script_enabled=False)
    page = shop.show(html(checkout()))
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_role("button", name="Pay").click()
    page.goto(ORIGIN + BASE)
    page.get_by_role("button", name="Cancel").click()
    assert [path for path, _ in shop.posts] == [f"{BASE}/pay", f"{BASE}/cancel"]
    assert shop.posts[1][1] == "cancel=cancel-token"
    shop.context.close()


NUMBERS = {
    "4242 4242 4242 4242": "visa",
    "3782 822463 10005": "amex",
    "5555 5555 5555 4444": "mastercard",
    "2223 0031 2200 3222": "mastercard",
    "6011 1111 1111 1117": None,
}


@pytest.mark.parametrize("shown", NUMBERS)
def test_a_number_is_grouped_and_its_brand_shown(shop, checkout, html, shown):
    page = shop.show(html(checkout()))
    number = page.get_by_label("Card number")
    number.press_sequentially(shown.replace(" ", ""))
    expect(number).to_have_value(shown)
    assert page.locator(".marks").get_attribute("data-brand") == NUMBERS[shown]


def test_the_caret_stays_where_the_payer_mends_a_digit(shop, checkout, html):
    page = shop.show(html(checkout()))
    number = page.get_by_label("Card number")
    number.press_sequentially("42424242")
    for _ in range(5):
        number.press("ArrowLeft")
    number.press_sequentially("99")
    expect(number).to_have_value("4242 9942 42")
    assert number.evaluate("(input) => input.selectionStart") == 7
    number.press("Backspace")
    number.press("Backspace")
    expect(number).to_have_value("4242 4242")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1230", "12 / 30"),
        ("12/30", "12 / 30"),
        ("12 / 30", "12 / 30"),
        ("122030", "12 / 2030"),
        ("330", "03 / 30"),
        ("1/30", "01 / 30"),
        ("12", "12 / "),
    ],
)
def test_an_expiry_is_spaced_as_it_is_typed(shop, checkout, html, typed, shown):
    expiry = shop.show(html(checkout())).get_by_label("Expiry date")
    expiry.press_sequentially(typed)
    expect(expiry).to_have_value(shown)


def test_an_expiry_can_be_deleted(shop, checkout, html):
    expiry = shop.show(html(checkout())).get_by_label("Expiry date")
    expiry.press_sequentially("1230")
    for _ in range(7):
        expiry.press("Backspace")
    expect(expiry).to_have_value("")


def test_a_month_filled_in_as_html_writes_it_is_left_alone(shop, checkout, html):
    expiry = shop.show(html(checkout())).get_by_label("Expiry date")
    expiry.fill("2030-12")
    expect(expiry).to_have_value("2030-12")


def test_two_presses_are_one_post(shop, checkout, html):
    page = shop.show(html(checkout()))
    posts = page.evaluate("""() => {
        let posts = 0;
        document.addEventListener("submit", (event) => {
            if (!event.defaultPrevented) posts += 1;
            event.preventDefault();
        });
        const [pay, cancel] = document.querySelectorAll(".card-form button, .cancel-form button");
        pay.click();
        pay.click();
        cancel.click();
        return posts;
    }""")
    assert posts == 1
    expect(page.locator(".card-form button")).to_have_text("Processing…")
    expect(page.get_by_role("status")).to_have_text("Processing…")


def test_a_test_card_fills_the_form_when_it_is_pressed(shop, checkout, html):
    page = shop.show(html(checkout()))
    page.get_by_text("Test cards").click()
    page.get_by_role("button", name="3782 822463 10005").click()
    expect(page.get_by_label("Card number")).to_have_value("3782 822463 10005")
    expect(page.get_by_label("Security code")).to_have_value("1234")
    expect(page.get_by_label("Expiry date")).not_to_have_value("")


def test_faults_are_brought_to_the_reader(shop, checkout, html):
    page = shop.show(html(checkout(), ALL_FAULTS))
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="This is a test checkout").click()
    expect(page.get_by_label("Card number")).to_be_focused()


def test_a_payment_in_progress_goes_on_by_itself(shop, checkout, html):
    page = shop.show(html(checkout(state=State.PENDING)))
    shop.html = html(checkout(state=State.COMPLETED))
    shop.state = "paid"
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()


def test_a_paid_page_counts_down_and_goes_to_the_shop(shop, checkout, html):
    shop.page.clock.install()
    page = shop.show(html(checkout(state=State.COMPLETED)))
    page.clock.run_for(2000)
    expect(page.get_by_text("in 3 s")).to_be_visible()
    page.clock.run_for(3500)
    page.wait_for_url("https://shop.example/**")
    assert shop.visited == ["https://shop.example/thanks?order=42&by=card"]


def test_a_payer_may_stay_on_the_paid_page(shop, checkout, html):
    shop.page.clock.install()
    page = shop.show(html(checkout(state=State.COMPLETED)))
    page.get_by_role("button", name="Stay on this page").click()
    page.clock.run_for(10_000)
    assert shop.visited == []
    expect(page.get_by_role("link", name="Continue to Karoo Coffee Roasters")).to_be_visible()


NONCE = "nonce-of-this-page"
FRAME = f"{ORIGIN}{BASE}/authentication/challenge"
ISSUER = "https://issuer.example/challenge"
HERE = authentication_headers(NONCE, [ISSUER])
ALONE = bounce_headers(NONCE, ISSUER, is_framed=False)
WAY = fill("bounce", BounceView.of(ENGLISH, NONCE, ISSUER, {"creq": "eyJ9"}))
WAY_HEADERS = bounce_headers(NONCE, ISSUER, is_framed=True)
BACK = fill("returned", ReturnedView.of(ENGLISH, NONCE, BASE))
BANK = "<!doctype html><title>Bank</title><h1>The bank</h1>"
DOCUMENTS = {
    "authenticating": ("authenticating", HERE, {}),
    "challenge": ("challenge", HERE, {}),
    "challenge, whole": ("challenge", HERE, {"width": "", "height": ""}),
    "challenge, wider than the window": ("challenge", HERE, {"width": "500", "height": "600"}),
    "challenge_full": ("challenge_full", ALONE, {}),
    "leave": ("leave", headers(NONCE), {}),
}
# Chromium says so of the sandbox that the protocol asks for.
WARNING = "An iframe which has both allow-scripts and allow-same-origin"


def show_document(shop, html: str, sent: dict[str, str]) -> Page:
    """A document of an authentication, whose frame holds the way to the issuer."""
    shop.state = "challenge"
    shop.places |= {
        f"{ORIGIN}{BASE}/authentication": (html, sent),
        FRAME: (WAY, WAY_HEADERS),
        ISSUER: (BANK, {"Content-Type": "text/html"}),
    }
    shop.page.goto(f"{ORIGIN}{BASE}/authentication")
    return shop.page


def without_warning(shop) -> None:
    shop.complaints[:] = [said for said in shop.complaints if not said.startswith(WARNING)]


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_of_an_authentication_is_fit_for_all(
    shop, checkout, issuer_html, name, theme
):
    template, sent, changes = DOCUMENTS[name]
    custom = Customization(theme=theme, brand_primary="#ffd400")
    page = checkout(customization=custom, merchant_name=LONG)
    show_document(shop, issuer_html(template, page, **changes), sent)
    if template == "challenge":
        frame = shop.page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="The bank")).to_be_visible()
    without_warning(shop)
    assert_fit_for_all(shop)
    for target in shop.page.locator("main a, main button").all():
        assert target.bounding_box()["height"] >= 44


@pytest.mark.parametrize(
    ("html", "sent"),
    [(WAY, ALONE), (BACK, returned_headers(NONCE))],
    ids=["to the issuer", "back"],
)
def test_the_documents_on_the_way_are_fit_for_all_without_script(chromium, html, sent):
    shop = Shop(chromium, java_script_enabled=False)
    shop.places[f"{ORIGIN}/way"] = (html, sent)
    page = shop.page
    # It refreshes itself before long, which is looked at elsewhere; here that leads nowhere.
    page.route(f"{ORIGIN}{BASE}", lambda route: route.fulfill(status=204))
    page.goto(f"{ORIGIN}/way", wait_until="commit")
    expect(page.get_by_role("heading")).to_be_visible()
    target = page.get_by_role("link" if "<a " in html else "button", name="Continue")
    assert target.bounding_box()["height"] >= 44
    assert shop.complaints == []
    shop.context.close()


def test_the_documents_on_the_way_post_and_lead_on_by_themselves(shop, checkout, issuer_html):
    page = show_document(shop, issuer_html("challenge", checkout()), HERE)
    expect(page.frame_locator("iframe").get_by_role("heading", name="The bank")).to_be_visible()
    assert shop.posts == [(ISSUER, "creq=eyJ9")]
    shop.html = issuer_html("leave", checkout())
    shop.places[ISSUER] = (BACK, returned_headers(NONCE))
    # By full page it leads to the page itself, without any help of a parent.
    page.goto(ISSUER.replace("challenge", "other"))
    shop.places[f"{ORIGIN}/3ds/return"] = (BACK, returned_headers(NONCE))
    page.goto(f"{ORIGIN}/3ds/return", wait_until="commit")
    page.wait_for_url(ORIGIN + BASE)


def test_the_page_goes_on_when_its_frame_is_back(shop, checkout, issuer_html, html):
    shop.html = html(checkout(state=State.COMPLETED))
    page = show_document(shop, issuer_html("challenge", checkout()), HERE)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="The bank")).to_be_visible()
    shop.places[f"{ORIGIN}/3ds/return"] = (BACK, returned_headers(NONCE))
    frame.locator("html").evaluate("(_, to) => { location = to; }", f"{ORIGIN}/3ds/return")
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()


def test_who_comes_back_to_a_challenge_finds_it_in_its_frame(shop, checkout, issuer_html):
    page = show_document(shop, issuer_html("challenge", checkout()), HERE)
    bank = page.frame_locator("iframe").get_by_role("heading", name="The bank")
    expect(bank).to_be_visible()
    page.goto(f"{ORIGIN}/elsewhere")
    page.go_back()
    expect(bank).to_be_visible()


FORGERIES = {
    "from the issuer's origin": ("frame", "'paydesk:changed'"),
    "from another window": ("page", "'paydesk:changed'"),
    "other data": ("own frame", "'paydesk:paid'"),
    "an object": ("own frame", "{ type: 'paydesk:changed' }"),
    "an array": ("own frame", "['paydesk:changed']"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_message_of_nobody_we_know_has_no_effect(shop, checkout, issuer_html, name):
    sender, data = FORGERIES[name]
    page = show_document(shop, issuer_html("challenge", checkout()), HERE)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="The bank")).to_be_visible()
    if sender == "own frame":
        shop.places[f"{ORIGIN}/quiet"] = ("<!doctype html><h1>Quiet</h1>", WAY_HEADERS)
        frame.locator("html").evaluate("(_, to) => { location = to; }", f"{ORIGIN}/quiet")
        expect(frame.get_by_role("heading", name="Quiet")).to_be_visible()
    # It is heard behind the page's own script, and a question to the server comes after that.
    page.evaluate("""() => {
        window.heard = new Promise((done) => addEventListener("message", done, { once: true }))
            .then(() => fetch(document.documentElement.dataset.base + "/state"));
    }""")
    if sender == "page":
        page.evaluate(f"postMessage({data}, location.origin)")
    else:
        frame.locator("html").evaluate(f"() => parent.postMessage({data}, '*')")
    page.evaluate("() => window.heard.then(() => true)")
    assert page.url == f"{ORIGIN}{BASE}/authentication"
    assert page.evaluate("'heard' in window")


def test_the_issuer_is_asked_when_the_methods_time_is_up(shop, checkout, issuer_html, html):
    page = show_method(shop, checkout, issuer_html, html)
    page.clock.run_for(9_900)
    assert asked(shop) == []
    page.clock.run_for(200)
    page.wait_for_url(ORIGIN + BASE)
    assert asked(shop) == [(f"{BASE}/authentication/continue", "continue=continue-token")]


def test_the_issuer_is_asked_once_as_soon_as_its_method_reports(shop, checkout, issuer_html, html):
    page = show_method(shop, checkout, issuer_html, html)
    reported = fill("returned", ReturnedView.of(ENGLISH, NONCE, ""))
    shop.places[f"{ORIGIN}/3ds/method"] = (reported, returned_headers(NONCE))
    page.frames[1].evaluate("(to) => { location = to; }", f"{ORIGIN}/3ds/method")
    page.wait_for_url(ORIGIN + BASE)
    assert asked(shop) == [(f"{BASE}/authentication/continue", "continue=continue-token")]


def show_method(shop, checkout, issuer_html, html) -> Page:
    """The document with the method's frame in which the issuer is, and its time stands still."""
    shop.page.clock.install(time=0)
    shop.page.clock.pause_at(1)
    shop.html = html(checkout(state=State.PENDING))
    page = show_document(shop, issuer_html("authenticating", checkout()), HERE)
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("The bank")
    return page


def asked(shop) -> list[tuple[str, str]]:
    return [(path, body) for path, body in shop.posts if path.startswith(BASE)]


FAULTY = {
    "Card number": ("4242 4242 4242 4243", "one of its digits", "4242 4242 4242 4242"),
    "Expiry date": ("01 / 20", "This date has passed", "12 / 34"),
    "Security code": ("12", "3 digits, or 4", "123"),
    "Name on card": ("4242424242424242", "not a number from the card", "Thandi Nkosi"),
}


@pytest.mark.parametrize("label", FAULTY)
def test_a_fault_is_told_when_its_field_is_left(shop, checkout, html, label):
    typed, told, right = FAULTY[label]
    page = shop.show(html(checkout()))
    field = page.get_by_label(label)
    field.fill(typed)
    expect(page.get_by_text(told)).to_have_count(0)
    field.press("Tab")
    expect(page.locator(".error", has_text=told)).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert_fit_for_all(shop)
    field.fill(right)
    expect(page.locator(".error")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("number", "code", "is_right"),
    [
        ("3782 822463 10005", "1234", True),
        ("3782 822463 10005", "123", False),
        ("5555 5555 5555 4444", "1234", False),
    ],
)
def test_a_code_is_as_long_as_its_brand_has_it(shop, checkout, html, number, code, is_right):
    page = shop.show(html(checkout()))
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Security code").fill(code)
    page.get_by_label("Security code").press("Tab")
    expect(page.locator(".error")).to_have_count(0 if is_right else 1)


@pytest.mark.parametrize("typed", ["12/34", "1234", "12 / 2034", "2034-12", "1/34", "12.34"])
def test_a_common_way_to_write_an_expiry_is_no_fault(shop, checkout, html, typed):
    page = shop.show(html(checkout()))
    expiry = page.get_by_label("Expiry date")
    expiry.fill(typed)
    expiry.press("Tab")
    page.wait_for_timeout(200)
    expect(page.locator(".error")).to_have_count(0)


def test_a_fault_the_server_told_goes_when_it_is_mended(shop, checkout, html):
    page = shop.show(html(checkout(), ALL_FAULTS))
    page.get_by_label("Security code").fill("123")
    expect(page.locator("#card-security-code-error")).to_have_count(0)
    expect(page.locator("#card-number-error")).to_have_count(1)


def test_an_empty_field_is_left_in_peace(shop, checkout, html):
    page = shop.show(html(checkout()))
    page.get_by_label("Card number").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    expect(page.locator(".error")).to_have_count(0)
