"""Is every sentence on the pages one that is translated? A language of brackets tells."""

import re
from html.parser import HTMLParser

import pytest

from paydesk.checkouts.model import LastAttempt, Phase, Standing
from paydesk.checkouts.states import State
from paydesk.languages import ENGLISH
from paydesk.web.page import cards, pages, plans, promise, time_left
from paydesk.web.page.pages import PageName, fill, render
from paydesk.web.page.view import BounceView, ReturnedView, bare_view
from web.page.conftest import SAVED, plan_html
from web.page.test_in_browser import PLANS, STATES

SPOKEN = ("aria-label", "alt", "placeholder", "title")
# What the merchant, the order or the card says is shown as it is.
DATA = {"bdi", "q", "code"}
SILENT = {"style", "script"}


class Brackets:
    """Words that show where they stand."""

    def text(self, message, **values):
        return f"⟦{message.format(**values) if values else message}⟧"

    def plural(self, one, many, count):
        return f"⟦{(one if count == '1' else many).format(count=count)}⟧"


class Spoken(HTMLParser):
    """All that is read out or seen of a page outside the brackets."""

    def __init__(self, html):
        super().__init__()
        self.open, self.unspoken = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag not in {"meta", "link", "input", "img", "path", "circle", "rect", "br", "option"}:
            # A card's number, the first letter of the merchant's name, or a language's own name.
            is_data = "data-card" in known or known.get("class") in {"monogram", "code"}
            is_data |= tag == "button" and "lang" in known
            is_data |= tag == "select" and "country" in known.get("name", "")
            self.open.append((tag, is_data or tag in DATA | SILENT))
        is_logo = tag == "img"
        for name in SPOKEN:
            if known.get(name) and not is_logo:
                self._hear(known[name])
        for name, value in attrs:
            if name.startswith("data-") and value and " " in value:
                self._hear(value)

    def handle_endtag(self, tag):
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data):
        if not any(is_silent for _, is_silent in self.open):
            self._hear(data)

    def _hear(self, text):
        rest = text.replace(SAVED[0].nickname, "")
        # A sentence may stand in another one.
        while rest != (less := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)):
            rest = less
        if re.search(r"[^\W\d_]", rest):
            self.unspoken.append(rest.strip())


@pytest.fixture(autouse=True)
def brackets(monkeypatch):
    for module in (pages, time_left, cards, promise, plans):
        monkeypatch.setattr(module, "words_of", lambda _language: Brackets())


def phase(name):
    return LastAttempt("tra_1", None, waits=False, phase=name)


MORE = {
    "held": ({"is_hold": True}, None),
    "authorised": ({"is_hold": True, "state": State.COMPLETED}, None),
    "taken": ({"standing": Standing.TAKEN}, None),
    "withdrawn": ({"standing": Standing.WITHDRAWN}, None),
}


@pytest.mark.parametrize("state", STATES | MORE)
def test_nothing_is_said_but_in_the_language_of_the_page(checkout, html, state):
    changes, form = (STATES | MORE)[state]
    text = html(checkout(**changes | {"merchant_name": "24/7"}), form)
    assert Spoken(text).unspoken == []


@pytest.mark.parametrize("state", PLANS)
def test_the_pages_of_a_recurring_payment_speak_it_too(state):
    assert Spoken(plan_html(**PLANS[state] | {"name": "24/7"})).unspoken == []


@pytest.mark.parametrize("name", ["authenticating", "challenge", "challenge_full", "leave"])
def test_the_documents_of_an_authentication_speak_it_too(checkout, issuer_html, name):
    page = checkout(state=State.PENDING, last_attempt=phase(Phase.CHALLENGE), merchant_name="24/7")
    assert Spoken(issuer_html(name, page)).unspoken == []


@pytest.mark.parametrize("name", [PageName.MISSING, PageName.TROUBLE])
def test_pages_without_a_checkout_speak_it_too(name):
    assert Spoken(render(name, bare_view(ENGLISH, "nonce"))).unspoken == []


def test_the_ways_to_the_issuer_and_back_speak_it_too():
    bounce = BounceView.of(ENGLISH, "nonce", "https://issuer.example", {"creq": "eyJ9"})
    assert Spoken(fill("bounce", bounce)).unspoken == []
    returned = ReturnedView.of(ENGLISH, "nonce", "/checkout/cs_test_abc")
    assert Spoken(fill("returned", returned)).unspoken == []


def test_a_sentence_outside_the_catalogues_is_found():
    assert Spoken("<p>⟦Pay now⟧ Sale!</p>").unspoken == ["Sale!"]
    assert Spoken('<input placeholder="Name">').unspoken == ["Name"]
