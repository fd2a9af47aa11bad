"""Somebody tests stolen cards, seen from outside: what they get, and what honest payers notice."""

import asyncio
import re

import asyncpg
import pytest

import cardtesting
from cardtesting import Person
from paydesk import limits
from paydesk.merchants import GuardLevel
from world import DECLINED, Payer, Server, eventually


@pytest.fixture(scope="module")
def guarded(open_folder):
    """A whole Paydesk that watches test accounts as live ones."""
    running = Server(open_folder() / "data", settings=cardtesting.GUARDED).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def shop(guarded):
    """A merchant at whom nobody has tested cards yet."""
    return guarded.merchant_with(guarded.new_merchant("A shop")["test"])


def execute(server, sql, *values):
    async def work():
        connection = await asyncpg.connect(server.database_url())
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    return asyncio.run(work())


def raise_level(server, shop, level):
    execute(
        server,
        """
        insert into guard_levels (account_id, level, until)
        select account_id, $2, now() + interval '10 minutes' from api_keys where api_key = $1
        on conflict (account_id) do update set level = excluded.level
        """,
        shop.credentials["api_key"],
        level,
    )


def test_the_pause_between_attempts_grows_1_2_4_8_seconds(guarded, shop):
    checkout = shop.create()
    payer = Payer(checkout).open()
    for tries_left in range(limits.FAILED_ATTEMPTS_MAX - 1, 0, -1):
        payer.pay(number=DECLINED)
        assert payer.state == "declined"
        told = re.search(r"You can try again in (\d) seconds?\.", payer.page.text)
        assert 1 <= int(told[1]) <= 2 ** (limits.FAILED_ATTEMPTS_MAX - 1 - tries_left)
    # Each came too early and was waited for; none was refused.
    payer.pay(number=DECLINED)
    assert payer.state == "failed"
    rows = execute(
        guarded,
        """
        select extract(epoch from created_at - lag(status_changed_at) over (order by attempt))
        from transactions where checkout_id = $1 order by attempt
        """,
        checkout["id"],
    )
    pauses = [float(row[0]) for row in rows[1:]]
    assert all(pause >= least for pause, least in zip(pauses, (1, 2, 4, 8), strict=True)), pauses


def test_a_payer_without_script_is_slowed_down_and_not_walled_out(guarded, shop):
    raise_level(guarded, shop, GuardLevel.PROOF_OF_WORK)
    payer = Payer(shop.create()).open()
    assert " data-work" in payer.page.text
    assert payer.pay().state in {"paid", "processing"}
    eventually(lambda: payer.open().state == "paid")


def test_the_merchant_sees_the_level(guarded, shop):
    assert shop.http.get("/merchant").json()["result"]["card_guard"] == {
        "level": "normal",
        "since": None,
        "until": None,
    }
    raise_level(guarded, shop, GuardLevel.AUTHENTICATION)
    shown = shop.http.get("/merchant").json()["result"]["card_guard"]
    assert shown["level"] == "authentication"
    assert shown["since"] < shown["until"]


def test_a_challenge_is_given_only_while_it_is_asked_for(guarded, shop):
    payer = Payer(shop.create()).open()
    assert cardtesting.httpx2.get(f"{payer.url}/work").json() == {}
    raise_level(guarded, shop, GuardLevel.PROOF_OF_WORK)
    told = cardtesting.httpx2.get(f"{payer.url}/work")
    assert told.headers["cache-control"] == "no-store"
    assert told.json()["challenge"].split(".")[1] == "13"


def test_a_stopped_attempt_looks_like_a_declined_one(guarded, shop):
    def page(checkout):
        """The page with what is about this checkout alone taken out."""
        text = Payer(checkout).open().page.text
        return re.sub(r'(nonce|value|action|content|data-base|data-time)="[^"]*"', "", text)

    declined, stopped = shop.create(), shop.create()
    Payer(declined).open().pay(number=DECLINED)
    raise_level(guarded, shop, GuardLevel.NEW_CARDS_PAUSED)
    Payer(stopped).open().pay(number=DECLINED)
    # The pause of the first is over, and the shop as it was.
    execute(guarded, "delete from guard_levels")
    changed = "update transactions set status_changed_at = now() - interval '1 minute'"
    execute(guarded, changed)
    words = [re.sub(r"\d\d:\d\d|\d+s\b", "", page(one)) for one in (declined, stopped)]
    assert words[0] == words[1]
    reasons = [
        row["decline_reason"]
        for row in execute(
            guarded,
            "select decline_reason from transactions where checkout_id = any($1) order by id",
            [declined["id"], stopped["id"]],
        )
    ]
    assert reasons == ["declined_generic", "risk_blocked"]


def test_a_merchant_and_the_operator_see_why_a_checkout_was_cancelled(guarded):
    shop = guarded.merchant()
    checkout = shop.create()
    raise_level(guarded, shop, GuardLevel.NEW_CARDS_PAUSED)
    tester = Person(checkout, "198.18.200.7", solves=True, http=cardtesting.httpx2).open()
    for nth in range(2):
        tester.pay(number=cardtesting.tested_card(nth))
    assert tester.state == "failed"  # as if its tries were used up
    assert shop.show(checkout)["cancellation_reason"] == "fraud"
    records = shop.http.get("/transactions", params={"checkout_id": checkout["id"]}).json()
    assert [one["unpaid_reason"] for one in records["transactions"]] == ["risk_blocked"] * 2
    first, *attempts, last = guarded.command("checkout", "show", checkout["id"]).stdout.splitlines()
    assert first.endswith("cancelled (fraud)")
    assert all(line.endswith("DECLINED  risk_blocked") for line in attempts)
    assert len(attempts) == 2
    assert "The guard against card testing has cancelled it" in last
    told = guarded.command("doctor").stdout
    assert "stolen cards are being tried out" in told
    assert "(test): level new_cards_paused until" in told
    execute(guarded, "delete from guard_levels")
    assert "stolen cards" not in guarded.command("doctor").stdout


def test_testers_who_come_by_the_form_are_counted_the_same(guarded, shop):
    site = "https://merchant.example"
    shop.http.post("/merchant", json={"allowed_origins": [site]}).raise_for_status()
    form = {
        "public_key": shop.credentials["public_key"],
        "mode": "one-off",
        "amount": "1.00",
        "currency": "ZAR",
        "order_description": "A donation",
        "redirects_success_url": f"{site}/thanks",
        "redirects_cancel_url": f"{site}/donate",
        "redirects_notify_url": f"{site}/hook",
    }
    for nth in range(limits.GUARD_ADDRESS_CARDS_MAX + 1):
        made = cardtesting.httpx2.post(f"{guarded.base_url}/checkout/form", data=form)
        tester = Person(
            {"page_url": made.headers["location"]},
            "198.18.201.7",
            solves=True,
            http=cardtesting.httpx2,
        ).open()
        assert tester.pay(number=cardtesting.tested_card(nth)).state == "declined"
    records = shop.http.get("/transactions", params={"limit": 10}).json()["transactions"]
    reasons = [one["unpaid_reason"] for one in records]
    assert reasons == ["risk_blocked", *["insufficient_funds"] * limits.GUARD_ADDRESS_CARDS_MAX]


def test_testers_are_stopped_and_honest_payers_are_not(guarded):
    addresses, shops = 12, 3
    figures = cardtesting.run(
        guarded, cards=120, addresses=addresses, shops=shops, honest=20, seconds=300
    )
    assert figures.complaints == []
    assert figures.tried == 120
    assert (figures.honest, figures.paid) == (20, 20)
    # At each shop the eighth raises the level, and who was under way by then gets through.
    assert figures.reached <= shops * limits.GUARD_WORK_CARDS + addresses
