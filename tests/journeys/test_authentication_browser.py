"""Payers in Chromium on their way through 3-D Secure: every kind of answer, and every detour.

The matrix of all combinations is walked by hand elsewhere; here the frames, the policies and the
scripts are real. What is marked ON_BOTH is gone through on a page by itself and in a frame of the
shop's; what only a frame of the shop's has is in test_embed_browser.py. Times are looked at only
where the protocol sets them, within wide bounds.
Source: reliability paper A.3, A.5, A.8, A.11 and A.12.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import oracle
from embedding import mounting
from issuing import CODE
from windows import NO_CARDS, Shop, Window, assert_kept_to_itself
from world import UNHURRIED, Receiver, Server, eventually, with_check_digit

pytestmark = pytest.mark.browser

PREFIXES = {"visa": "40000012", "mastercard": "52000012"}
VERSIONS = {"2.2": 1, "2.3": 2}
PATIENCE_MILLISECONDS = 30_000
TRIES_MAX = 3  # of codes, at the sandbox's issuer

PAID = "Payment received"
FAILED = "Your bank couldn’t confirm that it was you"
AWAY = "Your bank’s security check isn’t available"
STOPPED = "The payment was stopped at your bank’s step"
TOO_LONG = "The payment took too long"


def number_of(scheme="visa", version="2.2", d="072"):
    """A card by its scheme, its version, and d2, d3 and d4."""
    return with_check_digit(f"{PREFIXES[scheme]}000{VERSIONS[version]}{d}")


BY_HAND = number_of(d="172")
KINDS = ["page", "embed"]
ON_BOTH = pytest.mark.parametrize("kind", KINDS)


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
def shop():
    opened = Shop()
    yield opened
    opened.close()


@pytest.fixture
def open_window(chromium, world, shop):
    """Opens windows; when the test is over, none of them may have asked anybody but these."""
    opened = []

    def make(**options):
        opened.append(Window(chromium, **options))
        opened[-1].context.set_default_timeout(PATIENCE_MILLISECONDS)
        return opened[-1]

    yield make
    for window in opened:
        window.close()
    for window in opened:
        assert_kept_to_itself(window, world.base_url, shop.url, *issuers(world))


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def checkout(world, shop, listener):
    merchant = world.merchant()

    def make(server=world, heard_by=listener, **customization):
        ours = merchant if server is world else server.merchant()
        body = ours.body(heard_by.url)
        redirects = {
            "success_url": f"{shop.url}/paid",
            "cancel_url": f"{shop.url}/cart",
            "notify_url": heard_by.url,
        }
        look = {**body["customization"], **customization}
        made = ours.create(heard_by.url, redirects=redirects, customization=look, cards=NO_CARDS)
        return {**made, "merchant": ours, "shown_at": shown_at(made, server, look)}

    def shown_at(made, server, look):
        if look.get("type") != "embed":
            return made["page_url"]
        staying = ["onCompleted", "onCancelled"]
        return shop.put(f"/{made['id']}", mounting(made, server.base_url, prevents=staying))

    return make


def place_of(window, made):
    """The frame with the checkout's document: the shop's frame of it, or the window's main one."""
    if made["shown_at"] == made["page_url"]:
        return window.page.main_frame
    return window.page.locator("main iframe").element_handle().content_frame()


def open_checkout(window, made):
    """The card document, which holds no frame."""
    with window.context.expect_event(
        "response", lambda answer: answer.url == made["page_url"]
    ) as answered:
        window.page.goto(made["shown_at"])
    assert "frame-src 'none'" in answered.value.headers["content-security-policy"]
    place = place_of(window, made)
    expect(place.get_by_label("Card number")).to_be_visible()
    expect(place.locator("iframe")).to_have_count(0)
    return place


def pay(window, made, number=BY_HAND):
    """Pays on the card document; the place where the payer goes on."""
    place = open_checkout(window, made)
    window.fill(number, page=place)
    window.press_pay(page=place)
    return place


def bank(place):
    """The issuer's page in its frame."""
    return place.frame_locator("iframe[data-challenge]")


def type_codes(place, *codes):
    """Types each code on the document that the one before led to, not on the one it leaves."""
    for before, code in enumerate(codes):
        if before:
            expect(place.get_by_text(f"Tries left: {TRIES_MAX - before}.")).to_be_visible()
        place.get_by_label("Code").fill(code)
        place.get_by_role("button", name="Confirm").click()


def expect_heading(place, text):
    expect(place.get_by_role("heading", name=text)).to_be_visible(timeout=PATIENCE_MILLISECONDS)


def expect_paid(window, world, made):
    """Paid, by one authorisation and no more."""
    expect_heading(place_of(window, made), PAID)
    assert made["merchant"].status(made) == "completed"
    assert approvals(world, made) == 1


def expect_declined(window, world, made, title):
    alert = place_of(window, made).get_by_role("alert")
    expect(alert).to_contain_text(title, timeout=PATIENCE_MILLISECONDS)
    expect(alert).to_contain_text("You have not been charged.")
    assert made["merchant"].status(made) == "open"
    assert approvals(world, made) == 0


def approvals(world, made):
    rows = select(world, "select id from transactions where checkout_id = $1", made["id"])
    ours = {row["id"] for row in rows}
    log = [line for line in world.acquirer_log() if line["outcome"] == "approved"]
    return len([line for line in log if line["reference"] in ours])


def select(world, sql, *values):
    """Rows of the database; read on another thread, for the browser's holds this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(oracle.select, world, sql, *values).result()


def issuers(world):
    """Where the issuer's pages are, as its own messages say."""
    rows = select(world, "select method_url, challenge_url from authentications")
    return {url for row in rows for url in row.values() if url}


def asked(world, made):
    """The authentications of a checkout: each a row, and its messages by kind."""
    rows = select(
        world,
        """
        select a.* from authentications a join transactions t on t.id = a.transaction_id
        where t.checkout_id = $1 order by a.created_at
        """,
        made["id"],
    )
    messages = select(world, "select * from authentication_messages order by sequence")
    return [
        (
            row,
            {
                message["kind"]: json.loads(message["body"])
                for message in messages
                if message["authentication_id"] == row["id"]
            },
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Way:
    """A card and what its payer does; ends is the heading, or the decline's title."""

    scheme: str
    version: str
    d: str  # d2, d3 and d4
    ends: str
    codes: tuple = ()
    completion: str = "Y"
    says: str = ""

    @property
    def number(self):
        return number_of(self.scheme, self.version, self.d)


WAYS = {
    "Y": Way("visa", "2.2", "000", PAID),
    "Y, no method": Way("mastercard", "2.3", "100", PAID, completion="U"),
    "N": Way("visa", "2.3", "010", FAILED, says="Please call the number on your card."),
    "A": Way("mastercard", "2.2", "020", PAID),
    "R": Way("visa", "2.2", "130", FAILED, completion="U", says="does not allow this payment"),
    "I": Way("mastercard", "2.3", "040", AWAY),
    "U": Way("visa", "2.3", "150", AWAY, completion="U"),
    "no answer": Way("mastercard", "2.2", "060", AWAY),
    "Erro": Way("visa", "2.2", "080", AWAY),
    "malformed": Way("mastercard", "2.3", "090", AWAY),
    "passes by itself": Way("visa", "2.2", "070", PAID),
    "passes by itself, no method": Way("mastercard", "2.3", "170", PAID, completion="U"),
    "fails by itself": Way("mastercard", "2.2", "071", FAILED),
    "right code": Way("visa", "2.3", "072", PAID, (CODE,)),
    "right code at last": Way("mastercard", "2.2", "172", PAID, ("1", "", CODE), "U"),
    "wrong codes": Way("visa", "2.2", "072", FAILED, ("1", "2", "3")),
    "issuer's time-out": Way("mastercard", "2.3", "073", TOO_LONG),
    "payer cancels": Way("visa", "2.2", "174", STOPPED, completion="U"),
    "CRes before RReq": Way("mastercard", "2.2", "176", PAID, completion="U"),
    "RReq twice": Way("visa", "2.3", "077", PAID),
    "CRes Y, RReq N": Way("mastercard", "2.3", "178", FAILED, completion="U"),
    "method's id wrong": Way("mastercard", "2.3", "471", FAILED, completion="N"),
}


@ON_BOTH
@pytest.mark.parametrize("name", WAYS)
def test_it_ends_as_the_issuer_says(window, world, checkout, name, kind):
    way, made = WAYS[name], checkout(type=kind)
    place = pay(window, made, way.number)
    type_codes(bank(place), *way.codes)
    if way.ends == PAID:
        expect_paid(window, world, made)
    else:
        expect_declined(window, world, made, way.ends)
    if way.says:
        expect(place.get_by_role("alert")).to_contain_text(way.says)
    ((row, messages),) = asked(world, made)
    assert messages["AReq"]["threeDSCompInd"] == way.completion
    assert row["version"].startswith(way.version)


@ON_BOTH
@pytest.mark.parametrize(("scheme", "version"), [("visa", "2.2"), ("mastercard", "2.3")])
def test_an_issuer_can_not_take_over_the_window(window, world, checkout, scheme, version, kind):
    made = checkout(type=kind)
    place = pay(window, made, number_of(scheme, version, "179"))
    expect(bank(place).get_by_label("Code")).to_be_visible()
    eventually(lambda: window.complaints)
    (complaint,) = window.complaints
    assert complaint.startswith("Unsafe attempt to initiate navigation")
    window.complaints.clear()
    assert urlsplit(place.url).path.endswith("/authentication")
    type_codes(bank(place), CODE)
    expect_paid(window, world, made)
    assert not [url for _, _, url in window.asked if url.endswith("/escaped")]


@pytest.mark.parametrize(("version", "limit"), [("2.2", 10), ("2.3", 5)])
def test_a_silent_method_is_waited_for_as_long_as_its_version_says(
    open_window, world, checkout, version, limit
):
    # Both kinds wait at once.
    windows = [(open_window(), checkout(type=kind)) for kind in KINDS]
    for window, made in windows:
        place = pay(window, made, number_of("visa", version, "200"))
        expect_heading(place, "Checking with your bank")
    for window, made in windows:
        expect_paid(window, world, made)
        began, ended = (
            next(at for at, _, url in window.asked if url.endswith(end))
            for end in ("/authentication/method", "/authentication/continue")
        )
        # The upper bound still tells 5 from 10.
        assert limit - 0.5 < ended - began < limit + 4.5
        ((_, messages),) = asked(world, made)
        assert messages["AReq"]["threeDSCompInd"] == "N"


SIZES = {
    "01": ({"width": 280, "height": 600}, "light", (250, 400)),
    "02": ({"width": 560, "height": 600}, "dark", (390, 400)),
    "03": ({"width": 1280, "height": 900}, "light", (500, 600)),
    "04": ({"width": 700, "height": 600}, "dark", (600, 400)),
    "05": ({"width": 400, "height": 800}, "light", (400, None)),
}


@pytest.mark.parametrize("code", SIZES)
def test_the_frame_is_as_large_as_the_issuer_was_told(open_window, world, checkout, code):
    viewport, theme, (width, height) = SIZES[code]
    window = open_window(viewport=viewport)
    made = checkout(theme=theme)
    pay(window, made)
    page = window.page
    expect(bank(page).get_by_label("Code")).to_be_visible()
    inside = bank(page).locator("html").evaluate("() => [innerWidth, innerHeight]")
    assert inside[0] == width
    # As large as can be is all that the words around it leave.
    assert inside[1] == height if height else inside[1] > viewport["height"] / 2
    ((row, _),) = asked(world, made)
    assert row["challenge_window"] == code
    assert_fit_for_all(page, viewport["width"])
    assert_keys_reach_everything(page)
    type_codes(bank(page), CODE)
    expect_paid(window, world, made)


def assert_fit_for_all(place, width):
    assert place.evaluate("document.documentElement.scrollWidth") == width
    # Inside the frame is the issuer, whose page is looked at alone.
    found = Axe().run(place, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()
    for target in place.locator("main a:visible, main button:visible").all():
        assert target.bounding_box()["height"] >= 44, target.inner_text()


def assert_keys_reach_everything(page):
    """In order: the issuer's code and its two buttons, then our two links."""
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.tagName")
        place = bank(page).locator(":focus") if focused == "IFRAME" else page.locator(":focus")
        reached.append(place.evaluate("(focused) => focused.textContent.trim() || focused.id"))
    assert reached == ["code", "Confirm", "Cancel", "Use full window", "Another card or cancel"]


NO_SCRIPT = {
    "frictionless": (number_of(d="000"), (), PAID),
    "right code": (number_of(d="072"), (CODE,), PAID),
    "wrong codes": (number_of("mastercard", "2.3", "172"), ("1", "2", "3"), FAILED),
}


@pytest.mark.parametrize("name", NO_SCRIPT)
def test_it_works_without_script(open_window, world, checkout, name):
    number, codes, ends = NO_SCRIPT[name]
    window, made = open_window(java_script_enabled=False), checkout()
    pay(window, made, number)
    if codes:
        continue_to_bank(window)
        type_codes(window.page, *codes)
        window.page.get_by_role("button", name="Continue").click()
    if ends == PAID:
        expect_paid(window, world, made)
    else:
        expect_declined(window, world, made, ends)
    ((_, messages),) = asked(world, made)
    assert messages["AReq"]["browserJavascriptEnabled"] is False
    assert not {"browserScreenWidth", "browserTZ"} & messages["AReq"].keys()


def continue_to_bank(window):
    """The one Continue that leads to the issuer by full page."""
    expect_heading(window.page, "Confirm with your bank that it is you")
    expect(window.page.locator("iframe")).to_have_count(0)
    window.page.get_by_role("button", name="Continue").click()
    expect_heading(window.page, "Confirm your payment")


def test_the_full_window_is_there_for_whom_the_frame_does_not_work(window, world, checkout):
    made = checkout()
    pay(window, made)
    window.page.get_by_role("link", name="Use full window").click()
    continue_to_bank(window)
    type_codes(window.page, CODE)
    expect_paid(window, world, made)


@ON_BOTH
def test_the_issuer_is_told_what_the_browser_truly_has(open_window, world, checkout, kind):
    window = open_window(
        locale="en-ZA",
        timezone_id="Africa/Johannesburg",
        viewport={"width": 1111, "height": 777},
        screen={"width": 1600, "height": 1000},
    )
    made = checkout(type=kind)
    with window.context.expect_event("request", lambda request: request.url.endswith("/pay")) as to:
        place = pay(window, made, number_of("visa", "2.3", "000"))
    sent = to.value.all_headers()
    expect_paid(window, world, made)
    true = place.evaluate("""() => ({
        java: navigator.javaEnabled(), language: navigator.language, agent: navigator.userAgent,
        languages: [...navigator.languages], depth: screen.colorDepth,
        width: screen.width, height: screen.height, zone: new Date().getTimezoneOffset(),
    })""")
    assert (true["width"], true["height"], true["zone"]) == (1600, 1000, -120)
    ((_, messages),) = asked(world, made)
    told = messages["AReq"]
    assert {name: told[name] for name in told if name.startswith(("browser", "accept"))} == {
        "browserAcceptHeader": sent["accept"],
        "browserUserAgent": true["agent"],
        "browserIP": "127.0.0.1",
        "browserJavascriptEnabled": True,
        "browserJavaEnabled": true["java"],
        "browserLanguage": true["language"],
        "acceptLanguage": [part.split(";")[0] for part in sent["accept-language"].split(",")],
        "browserColorDepth": str(true["depth"]),
        "browserScreenWidth": str(true["width"]),
        "browserScreenHeight": str(true["height"]),
        "browserTZ": str(true["zone"]),
    }
    assert told["acceptLanguage"][0] in true["languages"]


@ON_BOTH
def test_reloading_during_a_method_that_is_late_asks_the_issuer_once(window, world, checkout, kind):
    made = checkout(type=kind)
    expect_heading(pay(window, made, number_of("visa", "2.3", "300")), "Checking with your bank")
    window.page.reload()
    expect_heading(place_of(window, made), "Checking with your bank")
    expect_paid(window, world, made)
    ((_, messages),) = asked(world, made)
    assert messages["AReq"]["threeDSCompInd"] == "N"


@ON_BOTH
def test_reloading_during_the_challenge_resumes_it(window, world, checkout, kind):
    made = checkout(type=kind)
    place = pay(window, made)
    type_codes(bank(place), "1")
    expect(bank(place).get_by_role("alert")).to_contain_text("Tries left: 2")
    window.page.reload()
    type_codes(bank(place_of(window, made)), CODE)
    expect_paid(window, world, made)
    ((_, messages),) = asked(world, made)
    assert messages["RReq"]["interactionCounter"] == "02"


def test_going_back_from_the_challenge_leads_to_it_again(window, world, checkout):
    made = checkout()
    pay(window, made)
    expect(bank(window.page).get_by_label("Code")).to_be_visible()
    # Whether the frame alone goes back, or the page: the issuer is opened anew.
    with window.page.expect_event("framenavigated", is_issuers):
        window.page.evaluate("history.back()")
    type_codes(bank(window.page), CODE)
    expect_paid(window, world, made)
    window.page.get_by_role("button", name="Stay on this page").click()
    window.page.go_back()
    expect(window.page.get_by_label("Card number")).to_have_count(0)
    assert len(asked(world, made)) == 1


def is_issuers(frame):
    return urlsplit(frame.url).path == "/challenge"


def test_a_challenge_may_be_gone_through_in_a_second_tab(window, world, checkout):
    made = checkout()
    pay(window, made)
    expect(bank(window.page).get_by_label("Code")).to_be_visible()
    other = window.context.new_page()
    other.goto(made["page_url"])
    type_codes(bank(other), CODE)
    expect_heading(other, PAID)
    # The first tab goes on by itself.
    expect_paid(window, world, made)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_closed_tab_is_resumed_by_the_link(open_window, world, checkout, script):
    first, made = open_window(), checkout()
    pay(first, made)
    expect(bank(first.page).get_by_label("Code")).to_be_visible()
    first.page.close()
    then = open_window(java_script_enabled=script, viewport={"width": 400, "height": 800})
    then.page.goto(made["page_url"])
    if script:
        assert then.page.evaluate("document.documentElement.scrollWidth") == 400
        type_codes(bank(then.page), CODE)
    else:
        continue_to_bank(then)
        type_codes(then.page, CODE)
        then.page.get_by_role("button", name="Continue").click()
    expect_paid(then, world, made)


@ON_BOTH
def test_a_payer_leaves_the_challenge_and_cancels(open_window, world, shop, checkout, kind):
    window, made = open_window(viewport={"width": 320, "height": 640}), checkout(type=kind)
    place = pay(window, made)
    leave(place)
    assert_fit_for_all(place, 320)
    place.get_by_role("button", name=re.compile("^Cancel and return")).click()
    expect_heading(place, "Payment cancelled")
    assert made["merchant"].status(made) == "cancelled"
    assert approvals(world, made) == 0


@ON_BOTH
def test_a_payer_leaves_the_challenge_goes_back_and_then_takes_another_card(
    window, world, checkout, kind
):
    made = checkout(type=kind)
    place = pay(window, made)
    leave(place)
    place.get_by_role("link", name="Back to your bank").click()
    type_codes(bank(place), "1")
    leave(place)
    place.get_by_role("button", name="Use another card").click()
    expect_declined(window, world, made, STOPPED)
    window.fill(number_of("mastercard", "2.3", "172"), page=place)
    window.press_pay(page=place)
    type_codes(bank(place), CODE)
    expect_paid(window, world, made)
    assert [row["status"] for row, _ in asked(world, made)] == ["C", "C"]


def leave(place):
    place.get_by_role("link", name="Another card or cancel").click()
    expect_heading(place, "Stop confirming with your bank?")


@ON_BOTH
def test_two_presses_are_one_authentication(window, world, checkout, kind):
    made = checkout(type=kind)
    place = open_checkout(window, made)
    window.fill(BY_HAND, page=place)
    place.get_by_role("button", name=re.compile(r"^Pay ")).dblclick()
    type_codes(bank(place), CODE)
    expect_paid(window, world, made)
    assert len(asked(world, made)) == 1


def test_no_foreign_page_may_frame_any_of_ours(window, world, shop, checkout):
    made = checkout()
    pay(window, made)
    expect(bank(window.page).get_by_label("Code")).to_be_visible()
    foreign = window.context.new_page()
    foreign.goto(shop.url)
    below = ("", "/authentication", "/authentication/challenge", "/authentication/full")
    for path in (*below, "/authentication/leave"):
        frame = foreign.evaluate_handle(
            """(url) => {
                const frame = Object.assign(document.createElement("iframe"), { src: url });
                document.body.append(frame);
                return new Promise((done) => frame.addEventListener("load", () => done(frame)));
            }""",
            made["page_url"] + path,
        )
        assert frame.as_element().content_frame().url == "chrome-error://chromewebdata/"
    assert len(window.complaints) == 5, window.complaints
    assert all("frame-ancestors" in said for said in window.complaints), window.complaints
    window.complaints.clear()
    type_codes(bank(window.page), CODE)
    expect_paid(window, world, made)


def test_a_challenge_without_an_end_is_ended_by_us(chromium, open_folder, shop, checkout):
    # Of its own: what it hears of another Paydesk is in no other's books.
    receiver = Receiver()
    quick = {**UNHURRIED, "PAYDESK_CHALLENGE_SECONDS": "3"}
    server = Server(open_folder() / "data", settings=quick).start()
    try:
        # One issuer never reports, though its page says that all went well; with the other the
        # payer does nothing.
        windows = [(Window(chromium), checkout(server, receiver)) for _ in range(2)]
        for (window, made), number in zip(windows, (number_of(d="175"), BY_HAND), strict=True):
            pay(window, made, number)
        for window, made in windows:
            expect_declined(window, server, made, TOO_LONG)
            window.close()
            assert_kept_to_itself(window, server.base_url, shop.url, *issuers(server))
    finally:
        assert server.stop() == 0
        receiver.close()


def test_all_is_well_in_the_end(world, listener):
    with ThreadPoolExecutor(1) as thread:
        thread.submit(oracle.assert_all_is_well, world, listener).result()
