"""The issuer's pages in a real browser: narrow, without script, and where they try to break out."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RETURN = "http://127.0.0.1:8000/3ds/return/Zk3v"
# Reliability paper A.5: what a challenge's frame must not allow is left out.
FRAME = '<iframe name="bank" width="390" height="400" sandbox="{allows}"></iframe>'


@pytest.fixture
def opened(chromium, scheme):
    """Opens a challenge by form, as the bounce page does, in the window or in its frame."""
    contexts = []

    def open_challenge(number, *, width=320, script=True, allows=None):
        challenge = scheme.challenge(number)
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 640}, java_script_enabled=script
            )
        )
        page = contexts[-1].new_page()
        page.route(f"{RETURN}", lambda route: route.fulfill(body="back", content_type="text/plain"))
        creq = scheme.encoded(challenge.creq())
        frame = "" if allows is None else FRAME.format(allows=allows)
        target = "" if allows is None else 'target="bank"'
        page.set_content(
            f'<form method="post" action="{challenge.ares["acsURL"]}" {target}>'
            f'<input name="creq" value="{creq}"><button>Go</button></form>{frame}'
        )
        page.get_by_role("button", name="Go").click()
        return challenge, page

    yield open_challenge
    for context in contexts:
        context.close()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [250, 320])
def test_a_person_types_the_code(opened, card, script, width):
    challenge, page = opened(card(d="1072"), width=width, script=script)

    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Confirm").click()
    if not script:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(RETURN)

    assert [rreq["transStatus"] for rreq in challenge.results()] == ["Y"]


@pytest.mark.parametrize("script", [True, False])
def test_a_challenge_that_goes_by_itself_needs_no_hand_where_there_is_script(opened, card, script):
    challenge, page = opened(card(d="1070"), script=script)

    for _ in range(0 if script else 2):
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(RETURN)

    assert [rreq["transStatus"] for rreq in challenge.results()] == ["Y"]


def test_the_code_page_is_accessible(opened, card):
    _, page = opened(card(d="1072"))
    page.get_by_label("Code").wait_for()
    assert Axe().run(page).violations_count == 0

    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("alert").wait_for()
    assert Axe().run(page).violations_count == 0


def test_a_page_that_breaks_out_takes_the_window_where_its_frame_allows_it(scheme, opened, card):
    _, page = opened(card(d="1079"), allows="allow-scripts allow-forms allow-top-navigation")

    page.wait_for_url(f"{scheme.issuer}/escaped")


def test_a_page_that_may_not_break_out_works_in_its_frame(opened, card):
    challenge, page = opened(card(d="1079"), allows="allow-scripts allow-forms allow-same-origin")

    bank = page.frame_locator("iframe")
    bank.get_by_label("Code").fill("123456")
    bank.get_by_role("button", name="Confirm").click()
    bank.get_by_text("back").wait_for()

    assert page.url == "about:blank"
    assert [rreq["transStatus"] for rreq in challenge.results()] == ["Y"]
