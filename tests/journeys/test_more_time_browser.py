"""A page near its end, in Chromium: the warning, more time, and a payer who only reads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import asyncpg
import pytest
from playwright.sync_api import expect

from windows import NO_CARDS, Window
from world import APPROVED, Payer

pytestmark = pytest.mark.browser

QUARTER = timedelta(minutes=15)


@pytest.fixture
def open_window(chromium):
    opened = []

    def make(**options):
        opened.append(Window(chromium, **options))
        return opened[-1]

    yield make
    for window in opened:
        window.close()
        assert window.complaints == []


@pytest.fixture
def near_end(merchant):
    """A checkout that is warned of from the start."""

    def make(**customization):
        body = merchant.body()
        look = {**body["customization"], **customization}
        return merchant.create(expires_in_minutes=5, customization=look, cards=NO_CARDS)

    return make


def end_of(merchant, made):
    return datetime.fromisoformat(merchant.show(made)["expires_at"])


def execute(server, sql, *values):
    async def work():
        connection = await asyncpg.connect(server.database_url())
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    # The test's own thread has a loop, that of the browser.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work()).result()


def test_more_time_keeps_what_is_typed(open_window, merchant, near_end):
    made, window = near_end(), open_window()
    before = end_of(merchant, made)
    page = window.page
    page.goto(made["page_url"])
    time = page.get_by_role("region", name="Time left")
    expect(time.get_by_role("status")).to_have_text("The time to pay here runs out soon.")
    expect(time.get_by_role("timer")).to_contain_text("4:")
    window.fill(APPROVED)
    time.get_by_role("button", name="I need more time").click()
    expect(time).to_be_hidden()
    expect(page.locator("[data-until]")).to_be_focused()
    expect(page.get_by_label("Card number")).to_have_value(APPROVED)
    assert end_of(merchant, made) == before + QUARTER
    window.press_pay()
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()


def test_without_script_more_time_is_a_form(open_window, merchant, near_end):
    made, window = near_end(), open_window(java_script_enabled=False)
    before = end_of(merchant, made)
    page = window.page
    page.goto(made["page_url"])
    expect(page.get_by_role("status").first).to_have_text("The time to pay here runs out soon.")
    expect(page.get_by_text("type them again afterwards")).to_be_visible()
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_label("Card number")).to_be_visible()
    expect(page.get_by_role("button", name="I need more time")).to_have_count(0)
    assert end_of(merchant, made) == before + QUARTER


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_without_script_the_warning_comes_and_nothing_typed_is_lost(open_window, merchant, motion):
    made = merchant.create(cards=NO_CARDS)
    window = open_window(java_script_enabled=False, reduced_motion=motion)
    page = window.page
    page.goto(made["page_url"])
    time = page.get_by_role("region", name="Time left")
    button = page.locator(".time button")
    expect(time).to_have_count(0)
    expect(page.locator(".time")).to_have_css("height", "0px")
    window.fill(APPROVED)
    button.focus()
    expect(button).not_to_be_focused()
    # Two hours less five minutes, as if they were over.
    (waits,) = page.locator(".time").evaluate(
        """warning => warning.getAnimations().map((one) => {
            const { delay } = one.effect.getComputedTiming();
            one.currentTime = delay;
            return delay;
        })"""
    )
    assert 6800 * 1000 < waits <= 6900 * 1000
    expect(time.get_by_role("status")).to_have_text("The time to pay here runs out soon.")
    expect(time).to_contain_text("type them again afterwards")
    button.focus()
    expect(button).to_be_focused()
    expect(page.get_by_label("Card number")).to_have_value(APPROVED)
    refresh = page.locator("meta[http-equiv=refresh]").get_attribute("content")
    assert waits / 1000 + 301 == int(refresh.split(";")[0])


def test_the_warning_comes_while_the_page_is_open(open_window, merchant, near_end):
    made, window = merchant.create(cards=NO_CARDS), open_window()
    page = window.page
    page.clock.install()
    page.goto(made["page_url"])
    time = page.get_by_role("region", name="Time left")
    expect(time).to_be_hidden()
    # A server that is asked would say how much there really is.
    page.route("**/state", lambda route: route.abort())
    page.clock.fast_forward("01:56:00")
    page.clock.run_for(2000)
    expect(time).to_be_visible()
    expect(time.get_by_role("status")).to_have_text("The time to pay here runs out soon.")
    window.complaints.clear()  # of the answers that were kept from it


def test_who_reads_is_still_there(open_window, server, merchant):
    made, window = merchant.create(cards=NO_CARDS), open_window()
    page = window.page
    page.clock.install()
    page.goto(made["page_url"])
    seen = "last_seen_at > now() - interval '30 seconds'"
    of = "from sessions where checkout_id = $1"
    execute(
        server,
        "update sessions set last_seen_at = now() - interval '1 hour' where checkout_id = $1",
        made["id"],
    )
    with page.expect_response("**/state") as heard:
        page.clock.run_for(61_000)
    told = heard.value.json()
    assert told["page"] == "open"
    assert told["until"].startswith("You can pay here until")
    assert execute(server, f"select {seen} {of}", made["id"])


def test_a_stranger_s_form_gives_no_time(merchant, near_end):
    made = near_end()
    payer = Payer(made).open()
    action, hidden = payer.form("I need more time")
    before = end_of(merchant, made)
    for token in ("", "x", hidden["extend"][:-1]):
        payer.page = payer.post(f"{made['page_url']}/extend", {"extend": token})
        assert payer.page.status_code == 200
    assert end_of(merchant, made) == before
    # A form sent twice, as by going back and on, is one.
    for _ in range(2):
        payer.page = payer.post(f"{made['page_url']}/extend", hidden)
    assert action.endswith("/extend")
    assert end_of(merchant, made) == before + QUARTER


def test_after_ten_times_the_page_says_so(server, merchant, near_end):
    made = near_end()
    for _ in range(10):
        execute(
            server,
            "update checkouts set expires_at = now() + interval '1 minute' where id = $1",
            made["id"],
        )
        payer = Payer(made).open()
        payer.page = payer.post(f"{made['page_url']}/extend", payer.form("I need more time")[1])
    execute(
        server,
        "update checkouts set expires_at = now() + interval '1 minute' where id = $1",
        made["id"],
    )
    payer.open()
    assert "I need more time" not in payer.page.text
    assert "be extended any more" in payer.page.text
