"""Hostile texts in every place of every page, in Chromium: nothing runs, nothing leads away.

Each is shown twice: under the page's policy, which would stop what the escaping let through, and
without, so that the escaping is seen to hold by itself.
"""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from attacks import XSS
from paydesk.checkouts.model import Customization, LastAttempt, Phase, Redirects
from paydesk.checkouts.states import State
from paydesk.kit.money import Currency, Money
from paydesk.merchants import PageType
from paydesk.orders import Item
from paydesk.web.page.embed import EmbedView
from paydesk.web.page.forms import FormValues
from paydesk.web.page.headers import headers
from paydesk.web.page.pages import page_of, render

pytestmark = pytest.mark.browser

PLACE = "http://127.0.0.1:9/checkout/cs_test_abc"
ALL = " ".join(XSS)
EACH = tuple(Item(text, text, 2, Money(100, Currency("ZAR", 2)), None, None, None) for text in XSS)
URL = "https://shop.example/?x=" + "".join(
    text for text in XSS if " " not in text and "\\" not in text and text.isprintable()
)
STATES = {
    "open": {},
    "declined": {"last_attempt": LastAttempt("tra_1", "risk_blocked", False, None, ALL)},
    "code": {
        "state": State.PENDING,
        "last_attempt": LastAttempt("tra_1", None, False, Phase.CODE, ALL),
    },
    "failed": {
        "state": State.FAILED,
        "last_attempt": LastAttempt("tra_1", "risk_blocked", False, None, ALL),
    },
    "paid": {"state": State.COMPLETED},
    "cancelled": {"state": State.CANCELLED},
    "expired": {"state": State.EXPIRED},
    "processing": {"state": State.PENDING},
    "waiting": {"state": State.PENDING, "last_attempt": LastAttempt("tra_1", None, True)},
}


def test_there_are_many():
    assert len(set(XSS)) >= 60


@pytest.fixture
def window(chromium):
    context = chromium.new_context(viewport={"width": 800, "height": 800})
    page = context.new_page()
    page.heard, page.body, page.sent = [], "", {}

    def answer(route):
        if route.request.url == PLACE:
            route.fulfill(status=200, headers=page.sent, body=page.body)
        elif route.request.url.endswith("/state"):
            # As it is, so that a page that waits stays.
            route.fulfill(json={"page": re.search(r'data-page="(\w+)"', page.body)[1]})
        else:
            page.heard.append(route.request.url)
            route.fulfill(status=204, body="")

    page.route("**/*", answer)
    page.on("dialog", lambda dialog: (page.heard.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: page.heard.append(said.text))
    page.on("pageerror", lambda fault: page.heard.append(str(fault)))
    yield page
    context.close()


def shape(page):
    """What a page is built of, its texts aside."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")].map((one) =>
            `${one.tagName} ${[...one.attributes].map((had) => had.name).sort()}`)"""
    )


@pytest.mark.parametrize("under", ["policy", "no policy"])
@pytest.mark.parametrize("embedded", [False, True], ids=["page", "embed"])
@pytest.mark.parametrize("state", STATES)
def test_a_hostile_text_is_a_text(window, checkout, view, state, embedded, under):
    window.sent = headers("nonce-of-this-page")
    if under == "no policy":
        window.sent = {"Content-Type": window.sent["Content-Type"]}
    harmless = tuple(replace(item, name="x", sku="x") for item in EACH)
    shapes = []
    for text, items, url in (("x", harmless, "https://shop.example/"), (ALL, EACH, URL)):
        changes = dict(STATES[state])
        if text == "x" and "last_attempt" in changes:
            last = changes["last_attempt"]
            changes["last_attempt"] = replace(last, cardholder_text=last.cardholder_text and "x")
        made = checkout(
            **changes,
            merchant_name=text,
            order_reference=text,
            order_description=text,
            items=items,
            redirects=Redirects(url, url, url),
            customization=Customization(type=PageType.EMBED if embedded else PageType.PAGE),
        )
        shown = view(made, FormValues(text, text, {"number": "card_number_checksum"}))
        if embedded:
            shown = replace(shown, embed=EmbedView("https://shop.example", made.id, url))
        window.body = render(page_of(made), shown)
        window.goto(PLACE)
        window.wait_for_timeout(250)
        shapes.append(shape(window))
    assert window.heard == []
    assert shapes[0] == shapes[1]
    if state == "open":
        names = window.locator(".cart .name > bdi:first-child")
        assert names.count() == len(XSS)
        for number, text in enumerate(XSS):
            # What is shown is the text itself, so none was cut out before it could run.
            assert names.nth(number).text_content() == text
        expect(window.get_by_label("Name on card")).to_have_value(ALL)
