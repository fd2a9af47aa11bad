"""Checkouts in merchants' own pages, in Chromium: frames, dialogs, strangers, the issuer's step."""

import gzip
import re
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import expect

from embedding import faults, mounting
from images import data_uri
from issuing import CODE
from windows import NO_CARDS, Shop, Window
from world import APPROVED, DECLINED, UNHURRIED, Receiver, Server, eventually, with_check_digit

pytestmark = pytest.mark.browser

CHALLENGED = with_check_digit("400000120001172")
PATIENCE_MILLISECONDS = 30_000


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
    pages = Shop()
    yield pages
    pages.close()


@pytest.fixture(scope="module")
def stranger():
    pages = Shop()
    yield pages
    pages.close()


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def open_window(chromium, world, shop, stranger):
    opened = []

    def make(**options):
        opened.append(Window(chromium, **options))
        opened[-1].context.set_default_timeout(PATIENCE_MILLISECONDS)
        return opened[-1]

    yield make
    for window in opened:
        window.close()
    for window in opened:
        assert window.complaints == []
        # The sandbox's issuers too are on this machine.
        assert {urlsplit(url).hostname for _, _, url in window.asked} <= {"127.0.0.1", None}


@pytest.fixture
def checkout(world, shop, listener):
    """Makes a checkout that may be framed by the shop, whose addresses it leads back to."""
    merchant = world.merchant()

    def make(**customization):
        body = merchant.body(listener.url)
        redirects = {
            "success_url": f"{shop.url}/paid?order=1&a=%2C",
            "cancel_url": f"{shop.url}/cart",
            "notify_url": listener.url,
        }
        look = {**body["customization"], "type": "embed", **customization}
        made = merchant.create(
            listener.url, redirects=redirects, customization=look, cards=NO_CARDS
        )
        return {**made, "merchant": merchant, "redirects": redirects}

    return make


def framed(page):
    return page.frame_locator("iframe")


def heard(page):
    """The types of the events that the shop heard, those of its height aside."""
    return [event["type"] for event in page.evaluate("heard") if event["type"] != "resize"]


def frame_height(page):
    return page.locator("iframe").first.evaluate("frame => frame.getBoundingClientRect().height")


def content_height(page):
    return framed(page).locator("html").evaluate("html => html.getBoundingClientRect().height")


def expect_heading(place, text):
    expect(place.get_by_role("heading", name=text)).to_be_visible(timeout=PATIENCE_MILLISECONDS)


def expect_snug(page):
    """The frame is as high as what stands in it."""
    eventually(lambda: abs(frame_height(page) - content_height(page)) <= 1)


def test_a_payer_pays_in_the_shops_own_page(window, world, shop, checkout, listener):
    made = checkout()
    window.page.goto(shop.put("/mount", mounting(made, world.base_url)))
    frame = framed(window.page)
    expect(frame.get_by_label("Card number")).to_be_visible()
    expect_snug(window.page)
    window.fill(DECLINED, page=frame)
    window.press_pay(page=frame)
    expect(frame.get_by_role("alert")).to_contain_text("You have not been charged.")
    expect_snug(window.page)
    window.fill(APPROVED, page=frame)
    window.press_pay(page=frame)
    window.page.wait_for_url(f"{shop.url}/paid**")
    assert window.page.url == made["redirects"]["success_url"]
    assert made["merchant"].status(made) == "completed"
    eventually(lambda: "checkout.completed" in listener.events(made["id"]))


def test_a_handler_keeps_the_payer_where_it_is_done(window, world, shop, checkout):
    made = checkout()
    body = mounting(made, world.base_url, prevents=["onCompleted"])
    window.page.goto(shop.put("/stay", body))
    frame = framed(window.page)
    window.fill(APPROVED, page=frame)
    window.press_pay(page=frame)
    expect_heading(frame, "Payment received")
    eventually(lambda: "completed" in heard(window.page))
    told = [one for one in window.page.evaluate("heard") if one["type"] == "completed"]
    assert [(one["checkout"], one["state"]) for one in told] == [(made["id"], "paid")]
    # The link leads the whole window on, not the frame; nothing goes on by itself.
    link = frame.get_by_role("link", name="Continue to")
    assert link.get_attribute("target") == "_top"
    expect(frame.locator("[data-countdown]")).to_have_count(0)
    link.click()
    window.page.wait_for_url(f"{shop.url}/paid**")


def test_a_payer_cancels_in_the_page(window, world, shop, checkout):
    made = checkout()
    window.page.goto(shop.put("/cancel", mounting(made, world.base_url)))
    framed(window.page).get_by_role("button", name=re.compile("^Cancel")).click()
    window.page.wait_for_url(made["redirects"]["cancel_url"])
    assert made["merchant"].status(made) == "cancelled"


def test_a_dialog_keeps_the_focus_and_gives_it_back(window, world, shop, checkout):
    made = checkout()
    body = mounting(made, world.base_url, how="open", style="body { height: 4000px }")
    page = window.page
    page.goto(shop.put("/dialog", body))
    asked = []
    answers = ["dismiss", "accept"]

    def answer(dialog):
        asked.append(dialog.message)
        getattr(dialog, answers.pop(0))()

    page.on("dialog", answer)
    pay = page.get_by_role("button", name="Pay now")
    pay.click()
    dialog = page.get_by_role("dialog", name="Checkout")
    expect(dialog).to_be_visible()
    frame = framed(page)
    expect(frame.get_by_label("Card number")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    assert faults(page) == []
    # Escape asks, in the frame as around it; what stays open keeps what was typed.
    frame.get_by_label("Name on card").fill("Thandi Nkosi")
    with page.expect_event("dialog"):
        frame.get_by_label("Name on card").press("Escape")
    expect(dialog).to_be_visible()
    expect(frame.get_by_label("Name on card")).to_have_value("Thandi Nkosi")
    dialog.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert asked == ["Close the checkout? What you have typed is not kept."] * 2
    expect(pay).to_be_focused()
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") != "hidden"
    eventually(lambda: heard(page) == ["ready", "closed"])
    assert made["merchant"].status(made) == "open"


def test_a_dialog_has_no_ground_of_its_own_and_a_round_cross(window, world, shop, checkout):
    made = checkout(theme="dark")
    style = "body { background: #fff } button { padding: 2rem; min-height: 9rem; width: 100% }"
    page = window.page
    page.goto(shop.put("/bar", mounting(made, world.base_url, how="open", style=style)))
    page.get_by_role("button", name="Pay now").click()
    dialog = page.get_by_role("dialog", name="Checkout")
    expect(framed(page).get_by_label("Card number")).to_be_visible()
    ground, around = dialog.evaluate(
        "dialog => [getComputedStyle(dialog).backgroundColor, getComputedStyle(dialog).boxShadow]"
    )
    assert around.startswith(ground)
    # Beside the cross, where the dialog ends: the shop behind is as dim on both sides.
    left, top = dialog.bounding_box()["x"], dialog.bounding_box()["y"]
    sides = page.screenshot(clip={"x": left - 8, "y": top + 4, "width": 16, "height": 16})
    assert len(colours(page, sides)) == 1
    cross = dialog.get_by_role("button", name="Close").bounding_box()
    assert (cross["width"], cross["height"]) == (44, 44)


def colours(page, png):
    """The colours of a picture, as Chromium decodes it."""
    return page.evaluate(
        """async (uri) => {
            const picture = await createImageBitmap(await (await fetch(uri)).blob());
            const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
            context.drawImage(picture, 0, 0);
            const { data } = context.getImageData(0, 0, picture.width, picture.height);
            return [...new Set(new Uint32Array(data.buffer))];
        }""",
        data_uri(png),
    )


def test_paying_in_a_dialog_leads_on_and_cancelling_closes_it(window, world, shop, checkout):
    page = window.page
    made = checkout()
    page.goto(shop.put("/dialog2", mounting(made, world.base_url, how="open")))
    page.get_by_role("button", name="Pay now").click()
    framed(page).get_by_role("button", name=re.compile("^Cancel")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    eventually(lambda: heard(page)[-2:] == ["cancelled", "closed"])
    made = checkout()
    page.goto(shop.put("/dialog3", mounting(made, world.base_url, how="open")))
    page.get_by_role("button", name="Pay now").click()
    window.fill(APPROVED, page=framed(page))
    window.press_pay(page=framed(page))
    page.wait_for_url(f"{shop.url}/paid**")


FORGING = """<script>
for (const type of ["ready", "completed", "failed", "cancelled", "expired", "escape"])
  for (const target of [parent, top])
    target.postMessage({ paydesk: 1, type, checkout: "chk_x", next: "URL/stolen" }, "*");
addEventListener("message", (event) => {
  if (event.source !== window) document.title = "heard " + JSON.stringify(event.data);
});
const hello = () => {
  for (let at = 0; at < parent.frames.length; at += 1)
    parent.frames[at].postMessage({ paydesk: 1, type: "hello" }, "*");
};
setInterval(hello, 50);
</script>"""


def test_a_strangers_messages_do_nothing(window, world, shop, stranger, checkout):
    made = checkout()
    forger = stranger.put("/forger", FORGING.replace("URL", stranger.url))
    body = mounting(made, world.base_url, extra=f'<iframe src="{forger}"></iframe>')
    page = window.page
    page.goto(shop.put("/forged", body))
    expect(framed(page).first.get_by_label("Card number")).to_be_visible()
    eventually(lambda: heard(page) == ["ready"])
    # The shop's own window, with the right origin and the wrong source, is no page either.
    page.evaluate("postMessage({ paydesk: 1, type: 'completed', next: '/stolen' }, '*')")
    page.wait_for_timeout(500)
    assert heard(page) == ["ready"]
    assert page.url == f"{shop.url}/forged"
    assert next(f for f in page.frames if f.url == forger).title() == "Shop"
    assert "/stolen" not in stranger.visited + shop.visited


def test_a_script_from_elsewhere_is_not_put_into_a_frame(window, world, shop, checkout):
    made = checkout()
    page = window.page
    page.goto(shop.put("/foreign", mounting(made, world.base_url)))
    for url in [
        "javascript:alert(1)",
        "https://evil.example/",
        "//evil.example",
        "data:text/html,x",
    ]:
        assert "is not a page of" in page.evaluate(
            "url => { try { Paydesk.mount('#pay', url) } catch (fault) { return fault.message } }",
            url,
        )


# Width and height of the frame; what the issuer's step is shown in. Source: threeds/window.py.
SIZES = {
    "250 x 400": ((290, 0), "250"),
    "390 x 400": ((560, 500), "390"),
    "500 x 600": ((560, 0), "500"),
    "600 x 400": ((700, 500), "600"),
    "full": ((400, 0), None),
}


@pytest.mark.parametrize("size", SIZES)
def test_the_issuer_asks_in_the_frame_or_on_a_page_of_its_own(
    open_window, world, shop, checkout, size
):
    (width, height), shown = SIZES[size]
    window = open_window(viewport={"width": 1000, "height": 900})
    made = checkout()
    body = mounting(
        made,
        world.base_url,
        prevents=["onCompleted"],
        # A height that does not follow is how a shop's own frame would be.
        style=f"#pay {{ width: {width}px }}"
        + (f"iframe {{ height: {height}px !important }}" if height else ""),
    )
    page = window.page
    page.goto(shop.put("/challenge", body))
    frame = framed(page)
    expect(frame.get_by_label("Card number")).to_be_visible()
    window.fill(CHALLENGED, page=frame)
    window.press_pay(page=frame)
    if shown is None:
        onward = frame.get_by_role("button", name="Continue to your bank")
        expect(onward).to_be_visible()
        assert faults(page) == []
        onward.click()
        confirm(page)
        expect_heading(page, "Payment received")
        page.wait_for_url(f"{shop.url}/paid**", timeout=PATIENCE_MILLISECONDS)
    else:
        issuer = frame.locator("iframe[data-challenge]")
        expect(issuer).to_have_attribute("width", shown)
        expect(issuer.content_frame.get_by_label("Code")).to_be_visible()
        assert faults(page) == []
        confirm(frame.frame_locator("iframe[data-challenge]"))
        expect_heading(frame, "Payment received")
        eventually(lambda: "completed" in heard(page))
    assert made["merchant"].status(made) == "completed"


def test_a_payer_breaks_out_of_the_frame_by_choice(open_window, world, shop, checkout):
    window = open_window(viewport={"width": 1000, "height": 900})
    made = checkout()
    page = window.page
    page.goto(shop.put("/out", mounting(made, world.base_url)))
    window.fill(CHALLENGED, page=framed(page))
    window.press_pay(page=framed(page))
    framed(page).get_by_role("link", name="Use full window").click()
    page.get_by_role("button", name="Continue to your bank").click()
    confirm(page)
    expect_heading(page, "Payment received")
    # A page by itself again, which goes on as one.
    assert page.locator("html").get_attribute("data-embed") is None
    page.wait_for_url(f"{shop.url}/paid**", timeout=PATIENCE_MILLISECONDS)


def confirm(place):
    place.get_by_label("Code").fill(CODE)
    place.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize("number", [APPROVED, CHALLENGED], ids=["frictionless", "challenged"])
def test_without_script_the_frame_works_and_the_step_breaks_out(
    open_window, world, shop, checkout, number
):
    window = open_window(java_script_enabled=False, viewport={"width": 1000, "height": 900})
    made = checkout()
    body = f'<iframe src="{made["page_url"]}" width="600" height="900" title="Checkout"></iframe>'
    page = window.page
    page.goto(shop.put("/plain", body))
    frame = framed(page)
    window.fill(number, page=frame)
    window.press_pay(page=frame)
    if number == CHALLENGED:
        frame.get_by_role("button", name="Continue to your bank").click()
        confirm(page)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("heading", name="Payment received").wait_for()
        page.wait_for_url(f"{shop.url}/paid**", timeout=PATIENCE_MILLISECONDS)
    else:
        frame.get_by_role("link", name="Continue to").click()
        page.wait_for_url(f"{shop.url}/paid**")
    assert made["merchant"].status(made) == "completed"


def test_without_script_a_link_is_left_in_the_element(open_window, world, shop, checkout):
    window = open_window(java_script_enabled=False)
    made = checkout()
    window.page.goto(shop.put("/link", mounting(made, world.base_url)))
    window.page.get_by_role("link", name="Pay on a page of its own").click()
    expect(window.page.get_by_label("Card number")).to_be_visible()
    # By itself, it is laid out as any page.
    assert window.page.locator("html").get_attribute("data-embed") is None


def test_the_script_is_small_and_kept(world):
    answer = httpx2.get(f"{world.base_url}/embed.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content)) <= 2048
    again = httpx2.get(
        f"{world.base_url}/embed.js", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
