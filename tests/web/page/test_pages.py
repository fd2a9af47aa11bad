import gzip
import re
import traceback
from dataclasses import dataclass
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest
from minijinja import TemplateError

from paydesk.checkouts.model import Customization, LastAttempt, Phase, Redirects, Standing
from paydesk.checkouts.states import State
from paydesk.kit.money import Currency, Money
from paydesk.languages import ENGLISH, Language, Words
from paydesk.orders import Item
from paydesk.web.page import pages
from paydesk.web.page.forms import FormValues
from paydesk.web.page.pages import PageName, fill, page_of, pieces_of, render
from paydesk.web.page.pieces import gzipped, joined
from paydesk.web.page.view import BounceView, ReturnedView, bare_view

DECLINED = LastAttempt("tra_1", "insufficient_funds", waits=False)
WAITS = LastAttempt("tra_1", None, waits=True)


def phase(phase: Phase, *, waits: bool = False) -> LastAttempt:
    return LastAttempt("tra_1", None, waits=waits, phase=phase)


PAGES = [
    (PageName.OPEN, {}),
    (PageName.OPEN, {"last_attempt": LastAttempt("tra_1", None, waits=False)}),
    (PageName.DECLINED, {"last_attempt": DECLINED, "attempts": 1}),
    (PageName.EXPIRED, {"has_expired": True}),
    (PageName.EXPIRED, {"has_expired": True, "last_attempt": DECLINED}),
    (PageName.PROCESSING, {"state": State.PENDING}),
    (PageName.PROCESSING, {"state": State.PENDING, "has_expired": True}),
    (PageName.WAITING, {"state": State.PENDING, "last_attempt": WAITS}),
    (PageName.AUTHENTICATING, {"state": State.PENDING, "last_attempt": phase(Phase.METHOD)}),
    (PageName.CHALLENGE, {"state": State.PENDING, "last_attempt": phase(Phase.CHALLENGE)}),
    (PageName.CODE, {"state": State.PENDING, "last_attempt": phase(Phase.CODE)}),
    (PageName.BANK, {"state": State.PENDING, "last_attempt": phase(Phase.BANK)}),
    (PageName.SCAN, {"state": State.PENDING, "last_attempt": phase(Phase.SCAN, waits=True)}),
    (PageName.TRANSFER, {"state": State.PENDING, "last_attempt": phase(Phase.TRANSFER)}),
    (
        PageName.WAITING,
        {"state": State.PENDING, "last_attempt": phase(Phase.RETURNED_LONG_AGO, waits=True)},
    ),
    (PageName.UNPAYABLE, {"standing": Standing.TAKEN}),
    (PageName.UNPAYABLE, {"standing": Standing.WITHDRAWN, "last_attempt": DECLINED}),
    (PageName.PROCESSING, {"state": State.PENDING, "standing": Standing.TAKEN}),
    (PageName.PAID, {"state": State.COMPLETED}),
    (PageName.PAID, {"state": State.COMPLETED, "is_hold": True}),
    (PageName.PAID, {"state": State.COMPLETED, "last_attempt": DECLINED, "has_expired": True}),
    (PageName.FAILED, {"state": State.FAILED, "last_attempt": DECLINED}),
    (PageName.CANCELLED, {"state": State.CANCELLED}),
    (PageName.EXPIRED, {"state": State.EXPIRED}),
]
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}{0}"
REFUSED = FormValues("Thandi Nkosi", "11 / 24", {"number": "card_number_checksum"})


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text outside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside not in {"style", "script"}:
            self.text += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        wanted = attributes.items()
        return [have for name, have in self.tags if name == tag and wanted <= have.items()]


def test_an_open_checkout_shows_the_card_form(checkout, html):
    page = Elements(html(checkout()))
    (form,) = page.all("form", action="/checkout/cs_test_abc/pay")
    assert form["method"] == "post"
    for purpose in ("cc-number", "cc-exp", "cc-csc", "cc-name"):
        assert len(page.all("input", autocomplete=purpose)) == 1
    assert page.all("input", name="attempt", value="attempt-token")
    assert page.all("input", name="cancel", value="cancel-token")
    assert "Pay R1\N{NO-BREAK SPACE}200.00" in page.text
    assert "Cancel and return to Karoo Coffee Roasters" in page.text


@pytest.mark.parametrize(("name", "changes"), PAGES)
def test_each_state_has_its_page(checkout, html, name, changes):
    page = checkout(**changes)
    assert page_of(page) is name
    elements = Elements(html(page))
    assert elements.all("html", lang="en-ZA", dir="ltr")[0]["data-page"] == name
    assert len(elements.all("h1")) == 1
    assert elements.all("meta", name="robots", content="noindex, nofollow")


@pytest.mark.parametrize("name", [PageName.MISSING, PageName.TROUBLE])
def test_a_page_without_a_checkout_tells_of_none(name):
    page = Elements(render(name, bare_view(ENGLISH, "nonce")))
    assert len(page.all("h1")) == 1
    assert not page.all("form")


def test_a_declined_checkout_holds_the_form_again_with_advice(checkout, html):
    page = Elements(html(checkout(last_attempt=DECLINED, attempts=4)))
    assert page.all("input", autocomplete="cc-number")
    assert "There isn’t enough money available on this card" in page.text
    assert "You can try 1 more time." in page.text
    assert page.all("div", role="alert")


def test_a_fault_is_named_in_the_summary_by_the_field_and_in_the_title(checkout, html):
    page = Elements(html(checkout(), REFUSED))
    assert page.all("a", href="#card-number")
    number = page.all("input", id="card-number")[0]
    assert number["aria-invalid"] == "true"
    assert number["aria-describedby"] == "card-number-error"
    assert page.all("p", id="card-number-error")
    assert re.search(r"<title>Error: Pay R1.200\.00", html(checkout(), REFUSED))


def test_a_refused_form_keeps_the_name_and_the_expiry_but_no_number_and_no_code(checkout, html):
    page = Elements(html(checkout(), REFUSED))
    assert page.all("input", id="card-name", value="Thandi Nkosi")
    assert page.all("input", id="card-expiry", value="11 / 24")
    assert "value" not in page.all("input", id="card-number")[0]
    assert "value" not in page.all("input", id="card-security-code")[0]


@pytest.mark.parametrize("changes", [{}, {"last_attempt": WAITS}], ids=["processing", "waiting"])
def test_a_page_that_waits_refreshes_itself_without_script(checkout, html, changes):
    page = html(checkout(state=State.PENDING, **changes))
    assert (
        '<noscript><meta http-equiv="refresh" content="2; url=/checkout/cs_test_abc"></noscript>'
        in page
    )


@pytest.mark.parametrize(("seconds", "warned"), [(7200, "warn 0s 6900s"), (200, None)])
def test_a_page_without_script_reloads_itself_at_its_end_only(checkout, html, seconds, warned):
    head = re.search("<noscript>(.*)</noscript>", html(checkout(seconds_left=seconds)))[1]
    assert f'content="{seconds + 1}; url=/checkout/cs_test_abc"' in head
    assert (warned in head) if warned else ("<style" not in head)


@pytest.mark.parametrize(
    ("state", "address"),
    [
        (State.COMPLETED, "https://shop.example/thanks?order=42&by=card"),
        (State.CANCELLED, "https://shop.example/cart?keep=1&order=42"),
    ],
)
def test_paid_and_cancelled_pages_lead_to_the_unchanged_address(checkout, html, state, address):
    page = Elements(html(checkout(state=state, is_acknowledged=True)))
    assert page.all("a", href=address)
    assert page.all("meta", content=f"5; url={address}")


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_failed_and_expired_pages_lead_back_but_do_not_push(checkout, html, state):
    page = Elements(html(checkout(state=state)))
    assert page.all("a", href="https://shop.example/cart?keep=1&order=42")
    assert not page.all("meta", **{"http-equiv": "refresh"})


@pytest.mark.parametrize("state", State)
def test_a_test_checkout_says_so_on_every_page_and_a_live_one_on_none(checkout, html, state):
    assert "Test checkout" in html(checkout(state=state))
    assert "Test checkout" not in html(checkout(state=state, is_live=True))
    assert "4242 4242" not in html(checkout(state=state, is_live=True))


def test_money_that_is_only_authorised_is_not_told_as_taken(checkout, html):
    assert "reserved on your card now" in html(checkout(is_hold=True))
    assert "reserved" not in html(checkout())
    done = html(checkout(state=State.COMPLETED, is_hold=True))
    assert "Payment authorised" in done
    for page in (html(checkout(is_hold=True)), done):
        assert "until 29\N{NO-BREAK SPACE}November 2026 at the latest" in page
    assert "Payment received" not in done


@pytest.mark.parametrize(
    ("standing", "heading"),
    [
        (Standing.TAKEN, "This order is paid elsewhere"),
        (Standing.WITHDRAWN, "This order can’t be paid here any more"),
    ],
)
def test_an_order_that_can_t_be_paid_here_has_no_form_and_says_why(
    checkout, html, standing, heading
):
    page = Elements(html(checkout(standing=standing)))
    assert heading in page.text
    assert "You have not been charged" in page.text
    assert not page.all("input")


def test_a_hidden_total_still_stands_on_the_button(checkout, html):
    hidden = Customization(display_cart=False, display_total=False, display_cancel_button=False)
    text = Elements(html(checkout(customization=hidden))).text
    assert text.count("R1\N{NO-BREAK SPACE}200.00") == 2  # the button and the window's title
    assert "Hand grinder" not in text
    assert "Cancel" not in text


def test_words_of_merchants_and_payers_stay_words(checkout, html):
    hostile = HOSTILE
    plain = Elements(html(checkout(), FormValues("x", "y", {"name": "name_missing"})))
    price = Money(1, Currency("ZAR", 2))
    page = checkout(
        merchant_name=hostile,
        order_reference=hostile,
        order_description=hostile,
        items=(Item(hostile, hostile, 2, price, None, None, None),) * 2,
        redirects=Redirects(f"https://x.example/{hostile}", f"https://x.example/{hostile}", ""),
    )
    shown = Elements(html(page, FormValues(hostile, hostile, {"name": "name_missing"})))
    assert [tag for tag, _ in shown.tags if tag in {"script", "img"}] == ["script"]
    assert len(shown.all("script")) == len(plain.all("script"))
    assert hostile in shown.text
    for state in State:
        tags = Elements(html(checkout(state=state, merchant_name=hostile))).tags
        assert not [tag for tag, _ in tags if tag == "img"]


@pytest.mark.parametrize("changes", [changes for _, changes in PAGES])
def test_style_and_script_carry_the_nonce_and_nothing_is_inline_or_foreign(checkout, html, changes):
    page = Elements(html(checkout(**changes)))
    for tag in ("style", "script"):
        assert {have["nonce"] for have in page.all(tag)} == {"nonce-of-this-page"}
    for tag, have in page.tags:
        assert "style" not in have, tag
        assert not [name for name in have if name.startswith("on")], tag
        assert not str(have.get("src", "")), tag


@pytest.mark.parametrize("changes", [changes for _, changes in PAGES])
def test_a_first_view_weighs_little(checkout, view, changes):
    page = checkout(**changes)
    pieces = pieces_of(page_of(page), view(page, REFUSED))
    html = joined(pieces)
    assert html.decode() == render(page_of(page), view(page, REFUSED))
    assert len(html) <= 60_000
    sent = gzipped(pieces)
    assert gzip.decompress(sent) == html
    # What is fixed is compressed better, and what is between is cut a little shorter.
    assert len(sent) <= min(15_000, len(gzip.compress(html, 1)))


class Sharp(NullTranslations):
    def gettext(self, message):
        return f"<&> {message}"


def test_a_translation_is_text_too(checkout, html, monkeypatch):
    monkeypatch.setattr(pages, "words_of", lambda _language: Words(Sharp()))
    page = html(checkout(), REFUSED)
    assert "<&>" not in page
    assert "&lt;&amp;&gt; Card number</label>" in page


def test_a_fault_of_a_template_tells_nothing_of_its_view():
    view = BrokenView(
        language=ENGLISH,
        base_path="/checkout/cs_test_secret",
        merchant_name="Karoo Coffee Roasters",
    )
    with pytest.raises(TemplateError) as broken:
        fill("open", view)
    told = "".join(traceback.format_exception(broken.value))
    assert re.search(r"undefined value \(in [\w/]+\.html", told)
    assert "cs_test_secret" not in told
    assert "Karoo" not in told


def test_the_code_alone_is_asked_for_again(checkout, html):
    page = Elements(html(checkout(state=State.PENDING, last_attempt=phase(Phase.CODE))))
    assert page.all("form", action="/checkout/cs_test_abc/code", method="post")
    assert page.all("input", autocomplete="cc-csc")
    assert not page.all("input", autocomplete="cc-number")
    assert page.all("input", name="attempt", value="attempt-token")
    assert "You have not been charged yet." in page.text


def test_a_wrong_code_is_named_beside_its_field_and_in_the_title(checkout, html):
    faults = FormValues(faults={"security_code": "security_code_length"})
    shown = html(checkout(state=State.PENDING, last_attempt=phase(Phase.CODE)), faults)
    page = Elements(shown)
    assert page.all("a", href="#card-security-code")
    (code,) = page.all("input", id="card-security-code")
    assert code["aria-invalid"] == "true"
    assert "card-security-code-error" in code["aria-describedby"]
    assert "<title>Error: " in shown


def test_a_challenge_stands_in_a_frame_that_can_do_no_more_than_it_must(checkout, issuer_html):
    page = Elements(issuer_html("challenge", checkout()))
    (frame,) = page.all("iframe")
    assert frame["src"] == "/checkout/cs_test_abc/authentication/challenge"
    assert (frame["width"], frame["height"]) == ("250", "400")
    assert frame["sandbox"] == "allow-forms allow-scripts allow-same-origin allow-pointer-lock"
    assert frame["allow"] == "payment *; publickey-credentials-get *"
    assert frame["title"]
    assert not page.all("form")
    assert not page.all("input")
    # Whoever has no script by now goes on by full page.
    assert page.all("meta", content="0; url=/checkout/cs_test_abc/authentication/full")


def test_a_frame_as_large_as_can_be_has_no_size_of_its_own(checkout, issuer_html):
    (frame,) = Elements(issuer_html("challenge", checkout(), width="", height="")).all("iframe")
    assert frame["class"] == "whole"
    assert not {"width", "height"} & frame.keys()


def test_by_full_page_the_form_itself_goes_to_the_issuer(checkout, issuer_html):
    page = Elements(issuer_html("challenge_full", checkout()))
    assert page.all("form", action="https://issuer.example/challenge?a=1&b=2", method="post")
    assert page.all("input", type="hidden", name="creq", value="eyJ9")
    assert page.all("input", type="hidden", name="threeDSSessionData", value="c2Vzc2lvbg")
    assert not page.all("iframe")


def test_the_method_frame_is_out_of_sight_and_of_reach(checkout, issuer_html):
    page = Elements(issuer_html("authenticating", checkout()))
    (frame,) = page.all("iframe")
    assert (frame["class"], frame["tabindex"], frame["aria-hidden"]) == ("unseen", "-1", "true")
    assert (frame["data-method"], frame["data-token"]) == ("10", "continue-token")
    assert "sandbox" not in frame  # it would break issuers' scripts


def test_who_leaves_may_go_back_take_another_card_or_cancel(checkout, issuer_html):
    page = Elements(issuer_html("leave", checkout()))
    assert page.all("a", href="/checkout/cs_test_abc")
    assert page.all("form", action="/checkout/cs_test_abc/authentication/leave", method="post")
    assert page.all("input", name="leave", value="leave-token")
    assert page.all("form", action="/checkout/cs_test_abc/cancel")
    hidden = Customization(display_cancel_button=False)
    page = Elements(issuer_html("leave", checkout(customization=hidden)))
    assert not page.all("form", action="/checkout/cs_test_abc/cancel")


def test_a_document_on_the_way_posts_itself_or_is_posted_by_hand():
    view = BounceView.of(ENGLISH, "nonce", "https://issuer.example/?a=1&b=2", {"creq": "eyJ9"})
    page = Elements(fill("bounce", view))
    assert page.all("form", action="https://issuer.example/?a=1&b=2", method="post")
    assert page.all("input", type="hidden", name="creq", value="eyJ9")
    assert len(page.all("button")) == 1


def test_a_document_on_the_way_back_leads_on_and_none_leads_on_from_the_method():
    page = Elements(fill("returned", ReturnedView.of(ENGLISH, "nonce", "/checkout/cs_test_abc")))
    assert page.all("a", href="/checkout/cs_test_abc")
    assert page.all("meta", content="1; url=/checkout/cs_test_abc")
    page = Elements(fill("returned", ReturnedView.of(ENGLISH, "nonce", "")))
    assert not page.all("a")
    assert not page.all("meta", **{"http-equiv": "refresh"})


def test_words_of_issuers_stay_words(checkout, html, issuer_html):
    said = LastAttempt("tra_1", "authentication_failed", waits=False, cardholder_text=HOSTILE)
    for state in (State.OPEN, State.FAILED):
        page = Elements(html(checkout(state=state, last_attempt=said)))
        assert HOSTILE in page.text
        assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == ["script"]
    address = f"https://issuer.example/{HOSTILE}"
    full = issuer_html("challenge_full", checkout(), post_url=address, inputs=(("creq", HOSTILE),))
    bounce = fill("bounce", BounceView.of(ENGLISH, "nonce", address, {"creq": HOSTILE}))
    for page in map(Elements, (full, bounce)):
        assert page.all("form", action=address)
        assert page.all("input", name="creq", value=HOSTILE)
        assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == ["script"]


@pytest.mark.parametrize("name", ["authenticating", "challenge", "challenge_full", "leave"])
def test_documents_of_an_authentication_weigh_little(checkout, issuer_html, name):
    assert len(issuer_html(name, checkout()).encode()) <= 36_000


@dataclass(frozen=True, slots=True)
class BrokenView:
    """A view that lacks most of what a page shows."""

    language: Language
    base_path: str
    merchant_name: str
