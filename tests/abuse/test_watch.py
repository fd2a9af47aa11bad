"""What the guard makes of real attempts: counted in the database, in the transactions that pay."""

from dataclasses import replace
from itertools import count

import pytest

from paydesk import abuse, checkouts, limits, merchants, transactions
from paydesk.abuse import Guard
from paydesk.app import open_desk
from paydesk.merchants import GuardLevel
from workshop import KEY, NO_SCRIPT
from world import with_check_digit

pytestmark = pytest.mark.anyio
ADDRESSES = (f"198.18.{number // 250}.{number % 250 + 1}" for number in count())

KNOWN = {
    "reference": "CLN-known",
    "person_name": "Jo",
    "person_surname": "Doe",
    "email": "known@mail.example",
}


@pytest.fixture
async def watched(shop):
    """The workshop with the guard on, at a moment when it has seen nothing."""
    shop.guard = Guard(KEY, watches_tests=True)
    await shop.owner.execute("truncate card_attempts, guard_levels, guard_turns, guard_proofs")
    return shop


def number(nth, *, f1=1):
    """The nth of many different cards; they are declined, or approved with f1 0."""
    return with_check_digit(f"40000012{f1}00{nth:04}")


async def attempt(shop, nth, *, page=None, address=None, f1=1):
    """One attempt with the nth card: the page afterwards."""
    page = page or await shop.create()
    browser = replace(NO_SCRIPT, ip=address or next(ADDRESSES))
    begun = await shop.begin(page, number(nth, f1=f1), browser=browser)
    if begun is not None:
        await checkouts.finish(shop.db, shop.acquiring, begun)
    return await shop.page(page.id)


async def asked(shop, page):
    """How often the acquirer was asked about a checkout."""
    ids = [
        row["id"]
        for row in await shop.db.rows("select id from transactions where checkout_id = $1", page.id)
    ]
    return sum(line["reference"] in ids for line in shop.programs.acquirer_log())


async def level(shop):
    async with shop.db.connection() as connection:
        record = await merchants.show_merchant(connection, shop.account.id)
    return record.card_guard.level


async def test_an_honest_payer_is_not_kept(watched):
    page = await attempt(watched, 1, f1=0)
    assert page.state == "completed"
    assert await watched.db.value("select count(*) from card_attempts where outcome is null") == 1
    assert await level(watched) is GuardLevel.NORMAL


async def test_one_address_has_so_many_cards_and_no_more(watched):
    for nth in range(limits.GUARD_ADDRESS_CARDS_MAX):
        page = await attempt(watched, nth, address="198.51.100.7")
        assert await asked(watched, page) == 1
        await attempt(watched, 1000 + nth, f1=0)  # others pay meanwhile
    page = await attempt(watched, 99, address="198.51.100.7")
    assert page.state == "open"
    assert page.last_attempt.decline_reason == "risk_blocked"
    assert await asked(watched, page) == 0
    assert await watched.events(page) == ["checkout.failed"]
    # Its neighbour is not concerned.
    page = await attempt(watched, 99, address="198.51.100.8", f1=0)
    assert page.state == "completed"


async def test_where_many_pay_the_declined_ones_stop_nobody(watched):
    """A mobile network: its payers share an address, and one in five is declined."""
    for nth in range(5 * limits.GUARD_ADDRESS_CARDS_MAX + 1):
        page = await attempt(watched, nth, address="198.51.100.7", f1=1 if nth % 5 == 0 else 0)
        assert await asked(watched, page) == 1


async def test_the_same_card_again_is_no_other_card(watched):
    for _ in range(limits.GUARD_ADDRESS_CARDS_MAX + 1):
        page = await attempt(watched, 5, address="198.51.100.7")
        assert page.last_attempt.decline_reason == "declined_generic"


async def test_one_card_fails_so_often_and_no_more(watched):
    for _ in range(limits.GUARD_CARD_FAILURES_MAX):
        page = await attempt(watched, 5)
        assert page.last_attempt.decline_reason == "declined_generic"
    page = await attempt(watched, 5)
    assert page.last_attempt.decline_reason == "risk_blocked"
    assert await asked(watched, page) == 0


async def test_a_checkout_that_is_stopped_twice_is_cancelled_as_a_fraud(watched):
    address = "198.51.100.7"
    for nth in range(limits.GUARD_ADDRESS_CARDS_MAX):
        await attempt(watched, nth, address=address)
    page = await attempt(watched, 98, address=address)
    page = await attempt(watched, 99, page=page, address=address)
    assert page.state == "cancelled"
    assert page.is_fraud
    assert await watched.events(page) == ["checkout.failed", "checkout.cancelled"]
    assert await asked(watched, page) == 0
    body = await watched.db.value(
        "select body from events where checkout_id = $1 and type = 'checkout.cancelled'", page.id
    )
    assert b'"cancellation_reason":"fraud"' in body
    assert (await attempt(watched, 1, page=page)).attempts == 2


async def test_the_20th_bad_attempt_has_the_level_raised_at_once(watched):
    seen = []
    for nth in range(20):
        page = await attempt(watched, nth)
        seen.append(await level(watched))
    assert seen[-1] is GuardLevel.AUTHENTICATION
    assert seen == sorted(seen)
    # Nobody of this acquirer can be authenticated, so it is as a pause.
    page = await attempt(watched, 50, f1=0)
    assert page.last_attempt.decline_reason == "risk_blocked"
    assert page.guard_level is GuardLevel.AUTHENTICATION


async def test_a_level_falls_back_by_itself(watched):
    for nth in range(20):
        await attempt(watched, nth)
    await watched.owner.execute("update card_attempts set at = at - interval '601 seconds'")
    await watched.owner.execute("update guard_levels set until = until - interval '601 seconds'")
    assert await level(watched) is GuardLevel.NORMAL
    page = await attempt(watched, 50, f1=0)
    assert page.state == "completed"


async def test_a_card_that_has_paid_here_before_is_taken_on_every_level(watched):
    page = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 7, page=page, f1=0)).state == "completed"
    async with watched.db.connection() as connection:
        await abuse.store.raise_levels(
            connection, [watched.account.id], GuardLevel.NEW_CARDS_PAUSED
        )
    again = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 7, page=again, f1=0)).state == "completed"
    other = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 8, page=other, f1=0)).state == "open"


async def test_a_known_card_needs_no_challenge_where_no_level_is_raised(watched, monkeypatch):
    page = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 7, page=page, f1=0)).state == "completed"
    # So many are under way from this address that whoever comes next is to be challenged.
    monkeypatch.setattr(limits, "GUARD_ADDRESS_OPEN_MAX", 0)
    again = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 7, page=again, f1=0)).state == "completed"
    other = await watched.create(customer=KNOWN)
    assert (await attempt(watched, 8, page=other, f1=0)).state == "open"


@pytest.mark.parametrize(
    ("reason", "is_raised", "outcomes"),
    [
        ("provider_unavailable", False, []),
        ("provider_unavailable", True, []),
        ("expired", False, []),
        ("cancelled_by_payer", False, []),
        # Who tests cards leaves the bank's step, having no other way.
        ("expired", True, ["unproven"]),
        ("cancelled_by_payer", True, ["unproven"]),
        ("authentication_failed", False, ["unproven"]),
        ("risk_blocked", False, ["stopped"]),
    ],
)
async def test_what_is_nobodys_fault_is_not_counted(watched, reason, is_raised, outcomes):
    page = await attempt(watched, 1)
    if is_raised:
        async with watched.db.connection() as connection:
            await abuse.store.raise_levels(
                connection, [watched.account.id], GuardLevel.AUTHENTICATION
            )
    await watched.owner.execute("update card_attempts set outcome = null")
    transaction = (
        await watched.db.rows("select id from transactions where checkout_id = $1", page.id)
    )[0]["id"]

    async def learn(connection):
        found = await transactions.lock(connection, watched.account.id, transaction)
        await abuse.learn(connection, found, reason, was_asked=False)

    await watched.db.transact(learn)
    rows = await watched.db.rows("select outcome from card_attempts")
    assert [row["outcome"] for row in rows] == outcomes


async def test_a_tester_who_spreads_over_merchants_is_found_everywhere(watched):
    """Three merchants with few failures each; the attempts of two are written by hand."""
    for nth in range(16):
        await attempt(watched, nth, f1=1 if nth < 4 else 0)
    assert await level(watched) is GuardLevel.NORMAL
    await watched.owner.execute(
        """
        insert into card_attempts (account_id, transaction_id, checkout_id, is_live, card, bin,
            expires_on, outcome)
        select 1000 + n % 2, 'tra_' || n, 'chk_' || n, false, n, '4' || n, 200000 + n, 'declined'
        from generate_series(1, 40) n
        """
    )
    await attempt(watched, 60)
    rows = await watched.db.rows("select account_id, level from guard_levels order by account_id")
    assert [tuple(row) for row in rows] == [
        (watched.account.id, GuardLevel.AUTHENTICATION),
        (1000, GuardLevel.AUTHENTICATION),
        (1001, GuardLevel.AUTHENTICATION),
    ]


async def test_a_proof_of_work_is_taken_once(watched):
    proof = abuse.work.Proof(b"n" * 16, 2_000_000_000)
    assert await abuse.take_proof(watched.db, proof)
    assert [await abuse.take_proof(watched.db, proof) for _ in range(3)] == [False] * 3


async def test_turns_come_one_after_the_other_and_a_queue_has_an_end(watched):
    turns = [await abuse.take_turn(watched.db, 1) for _ in range(limits.TURNS_WAITING_MAX + 2)]
    assert turns[-2:] == [None, None]
    waits = turns[:-2]
    assert all(
        (nth + 1) * limits.TURN_SECONDS - 3 < wait <= (nth + 1) * limits.TURN_SECONDS
        for nth, wait in enumerate(waits)
    )
    assert await abuse.take_turn(watched.db, 2) <= limits.TURN_SECONDS


async def test_what_nothing_looks_at_is_forgotten(watched):
    for nth in range(8):
        await attempt(watched, nth)
    await abuse.take_proof(watched.db, abuse.work.Proof(b"o" * 16, 1_000_000_000))
    await abuse.take_turn(watched.db, 1)
    await abuse.forget(watched.db)
    assert await counts(watched) == (8, 1, 1, 0)
    kept = limits.GUARD_KEPT_SECONDS + 1
    await watched.owner.execute(f"update card_attempts set at = at - interval '{kept} seconds'")
    await watched.owner.execute(f"update guard_levels set until = until - interval '{kept} s'")
    await watched.owner.execute(f"update guard_turns set next_at = next_at - interval '{kept} s'")
    await abuse.forget(watched.db)
    assert await counts(watched) == (0, 0, 0, 0)


async def counts(shop):
    tables = ("card_attempts", "guard_levels", "guard_turns", "guard_proofs")
    return tuple([await shop.db.value(f"select count(*) from {table}") for table in tables])


async def test_of_a_thousand_replayed_or_foreign_proofs_none_is_taken(watched):
    level, now_seconds = GuardLevel.PROOF_OF_WORK, 1_760_000_000

    def read(answer, checkout_id="chk_1"):
        return abuse.read_answer(KEY, checkout_id, level, answer, now_seconds=now_seconds)

    challenge = abuse.new_challenge(KEY, "chk_1", level, now_seconds=now_seconds)
    answer = abuse.work.solve(challenge)
    assert await abuse.take_proof(watched.db, read(answer))
    replayed = [await abuse.take_proof(watched.db, read(answer)) for _ in range(500)]
    foreign = [read(answer, f"chk_{nth}") for nth in range(2, 502)]
    assert not any(replayed)
    assert not any(foreign)


async def test_counts_are_exact_after_ten_restarts(watched):
    """Each life of the program adds one failure; at the bound the next is stopped."""
    for nth in range(10):
        if nth < limits.GUARD_ADDRESS_CARDS_MAX - 1:
            page = await attempt(watched, nth, address="198.51.100.9")
            assert page.last_attempt.decline_reason == "declined_generic"
        await watched.desk.close()
        watched.desk = await open_desk(watched.programs.settings, connections_max=10)
    page = await attempt(watched, 40, address="198.51.100.9")
    assert page.last_attempt.decline_reason == "declined_generic"
    page = await attempt(watched, 41, address="198.51.100.9")
    assert page.last_attempt.decline_reason == "risk_blocked"
