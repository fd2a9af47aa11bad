"""The puzzle that comes with a card while somebody tests cards at a shop, in Chromium."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from playwright.sync_api import expect

import cardtesting
from paydesk.merchants import GuardLevel
from windows import Window
from world import APPROVED, Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def guarded(open_folder):
    running = Server(open_folder() / "data", settings=cardtesting.GUARDED).start()
    yield running
    assert running.stop() == 0


def ask(server, sql, *values):
    async def work():
        connection = await asyncpg.connect(server.database_url())
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    # The test's own thread has a loop, that of the browser.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work()).result()


@pytest.mark.parametrize("level", [GuardLevel.PROOF_OF_WORK, GuardLevel.AUTHENTICATION])
def test_the_page_s_script_solves_it_and_the_payer_pays(chromium, guarded, level):
    made = guarded.merchant().create()
    ask(guarded, "truncate guard_proofs, guard_turns, guard_levels")
    sql = "insert into guard_levels (account_id, level, until) values (1, $1, 'infinity')"
    ask(guarded, sql, level)
    window = Window(chromium)
    try:
        window.page.goto(made["page_url"])
        window.fill(APPROVED)
        window.press_pay()
        expect(window.page.get_by_role("heading", name="Payment received")).to_be_visible(
            timeout=30_000
        )
    finally:
        window.close()
    assert window.complaints == []
    assert ask(guarded, "select count(*) from guard_proofs") == 1
    assert ask(guarded, "select count(*) from guard_turns") == 0
