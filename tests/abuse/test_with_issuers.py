"""Attempts whose issuers are asked: what the guard makes of a crowd's, and of those left open."""

import asyncio
from collections import Counter
from dataclasses import replace

import httpx2
import pytest

from issuing import CODE, issued_card, submit
from paydesk import checkouts, limits, threeds
from paydesk.abuse import Guard
from paydesk.merchants import GuardLevel
from workshop import KEY, SCRIPTED, Programs, open_workshop

pytestmark = pytest.mark.anyio

PAYERS = 300
AT_ONCE = 30
MISTYPE = 20  # one in so many
SCHOOL = replace(SCRIPTED, ip="203.0.113.7")
# By d1 to d4: the issuer vouches for the payer at once, or challenges them.
FRICTIONLESS, CHALLENGED = "1100", "1172"


@pytest.fixture(scope="module")
def programs(postgres):
    running = Programs(postgres, asks_issuers=True)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def shop(programs, anyio_backend):
    workshop = await open_workshop(programs)
    workshop.guard = Guard(KEY, watches_tests=True)
    await workshop.owner.execute("truncate card_attempts, guard_levels")
    yield workshop
    await workshop.owner.close()
    await workshop.desk.close()


async def test_of_a_crowd_at_one_address_nobody_is_refused_or_kept(shop):
    """A school when a sale begins: hundreds pay at once, and some mistype."""
    seen = []
    for first in range(0, PAYERS, AT_ONCE):
        seen += await pay_at_once(shop, range(first, first + AT_ONCE))
    assert Counter(page.state for page in seen) == {
        "open": PAYERS // MISTYPE,
        "completed": PAYERS - PAYERS // MISTYPE,
    }
    # Whoever mistyped pays with the next try.
    for nth in range(0, PAYERS, MISTYPE):
        page = await pass_bank(shop, await begin(shop, nth, page=seen[nth]))
        assert page.state == "completed"
    # Nobody met the guard, nor a puzzle; some of those who came together, their own bank.
    reasons = await shop.db.rows(
        "select distinct decline_reason from transactions where decline_reason is not null"
    )
    assert [row["decline_reason"] for row in reasons] == ["declined_generic"]
    assert {page.guard_level for page in seen} == {GuardLevel.NORMAL}
    assert await shop.db.value("select count(*) from guard_levels") == 0
    demanded = "select count(*) from authentications where demands_challenge"
    assert (
        0
        < await shop.db.value(demanded)
        <= PAYERS // AT_ONCE * (AT_ONCE - limits.GUARD_ADDRESS_OPEN_MAX)
    )


async def test_a_challenge_that_is_left_open_counts_as_failed_after_a_while(shop):
    for nth in range(limits.GUARD_WORK_CARDS - 1):
        page = await shop.create()
        number = issued_card(CHALLENGED, f=f"0{nth:02}")
        begun = await shop.begin(page, number, browser=from_(f"198.51.{100 + nth}.7"))
        await checkouts.finish(shop.db, shop.acquiring, begun)
    assert await level_after_a_decline(shop, 50) is GuardLevel.NORMAL
    left = f"interval '{limits.GUARD_LEFT_OPEN_SECONDS + 1} seconds'"
    await shop.owner.execute(f"update card_attempts set at = at - {left}")
    assert await level_after_a_decline(shop, 51) is GuardLevel.AUTHENTICATION


async def level_after_a_decline(shop, nth):
    number = issued_card(FRICTIONLESS, f=f"1{nth:02}")
    begun = await shop.begin(await shop.create(), number, browser=from_(f"198.51.{nth}.7"))
    await checkouts.finish(shop.db, shop.acquiring, begun)
    return (await shop.create()).guard_level


def from_(address):
    return replace(SCRIPTED, ip=address)


async def pay_at_once(shop, payers):
    """All press Pay before anybody is through: their pages when all are."""
    begun = await asyncio.gather(*(begin(shop, nth, is_wrong=nth % MISTYPE == 0) for nth in payers))
    return [await pass_bank(shop, attempt) for attempt in begun]


async def pass_bank(shop, begun):
    """The payer does what the bank asks, if it asks anything: the page afterwards."""
    assert begun is not None
    await checkouts.finish(shop.db, shop.acquiring, begun)
    attempt = begun.transaction
    asked = await threeds.of_transaction(shop.db, attempt.account_id, attempt.id)
    if asked.state == "challenge":
        creq = threeds.write_creq(
            question_id=asked.id,
            issuer_id=asked.answer.issuer_id,
            version=asked.version,
            window=asked.challenge_window,
        )
        url = asked.answer.challenge_url
        first = await asyncio.to_thread(httpx2.post, url, data={"creq": creq}, timeout=30)
        await asyncio.to_thread(submit, first, code=CODE)
        await shop.look(attempt)
    return await shop.page(attempt.checkout_id)


async def begin(shop, nth, *, page=None, is_wrong=False):
    customer = {
        "reference": f"PUPIL{nth}",
        "person_name": "Jo",
        "person_surname": "Doe",
        "email": f"pupil{nth}@mail.example",
    }
    page = page or await shop.create(customer=customer)
    prefix = ("40000012", "52000012")[nth // 100 % 2]
    number = issued_card(FRICTIONLESS, prefix=prefix, f=f"{is_wrong:d}{nth % 100:02}")
    return await shop.begin(page, number, browser=SCHOOL)
