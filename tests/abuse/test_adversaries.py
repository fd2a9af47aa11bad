"""Testers who know the guard: what they get out of it, by a real database with time moved on.

Every card of theirs is a stolen one: it fails with the acquirer if that is asked, and nobody passes
its issuer's challenge. docs/card-testing.md tells what the guard can't do.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

import pytest

from paydesk import abuse, limits, merchants
from paydesk.abuse import Guard, Verdict
from paydesk.cards import CardID, KeptCard
from paydesk.connectors.contract import DeclineReason
from paydesk.kit.sealing import Sealer
from paydesk.merchants import GuardLevel
from workshop import KEY, Programs, open_workshop

pytestmark = pytest.mark.anyio

GUARD = Guard(KEY, watches_tests=True)
SHOPS = 20
MINUTES_A_DAY = 24 * 60
# What one shop lets through before issuers are asked: there is no telling earlier.
ONE_SHOP = limits.GUARD_AUTHENTICATION_CARDS
# All shops together, and then each one's first.
ALL_SHOPS = limits.GUARD_SPREAD_WORK_CARDS + SHOPS
_ids = count()


@dataclass
class Attempt:
    """An attempt and the checkout it is to pay, by their ids."""

    account_id: int
    id: str
    customer_id: str | None = None


@dataclass
class Street:
    """Shops, and how often their acquirers were asked about a stolen card."""

    db: object
    owner: object
    shops: list
    asked: int = 0

    async def try_card(self, nth, *, shop=0, address=None, checkout=None, **card):
        """What the guard says to the nth stolen card; it learns what comes of it."""
        account_id = self.shops[shop % len(self.shops)]
        made = next(_ids)
        checkout = checkout or f"chk_{made}"
        attempt = Attempt(account_id, f"tra_{made}")

        async def work(connection):
            verdict = await abuse.judge_attempt(
                connection,
                GUARD,
                Attempt(account_id, checkout),
                stolen(nth, **card),
                attempt.id,
                is_live=False,
                address=address,
            )
            was_asked = verdict is Verdict.GO
            await abuse.learn(connection, attempt, REASONS[verdict], was_asked=was_asked)
            return verdict

        verdict = await self.db.transact(work)
        self.asked += verdict is Verdict.GO
        return verdict

    async def pass_seconds(self, seconds):
        """Has so much time pass, and the worker look once."""
        for table, columns in (("card_attempts", ("at",)), ("guard_levels", ("since", "until"))):
            earlier = ", ".join(f"{one} = {one} - interval '{seconds} seconds'" for one in columns)
            await self.db.execute(f"update {table} set {earlier}")
        await abuse.forget(self.db)


REASONS = {
    Verdict.GO: DeclineReason.INSUFFICIENT_FUNDS,
    Verdict.CHALLENGE: DeclineReason.AUTHENTICATION_FAILED,
    Verdict.STOP: DeclineReason.RISK_BLOCKED,
    Verdict.END: DeclineReason.RISK_BLOCKED,
}


def stolen(nth, **changes):
    """The nth card of a bought list, whose BINs and expiry dates differ."""
    card = KeptCard(
        id=CardID(f"crd_{nth}"),
        brand="VISA",
        bin=f"4{nth % 971:07}",
        ending="0000",
        expire_month=nth % 12 + 1,
        expire_year=2027 + nth % 7,
        fingerprint=f"{nth:064x}",
        token="",
    )
    return replace(card, **changes)


@pytest.fixture(scope="module")
def programs(postgres):
    """A database alone: nobody here gets as far as the vault or an acquirer."""
    made = Programs(postgres)
    yield made
    made.stop()


@pytest.fixture
async def street(programs, anyio_backend):
    workshop = await open_workshop(programs)
    for nth in range(SHOPS - await workshop.db.value("select count(*)::int from merchants")):
        await merchants.create_merchant(workshop.owner, Sealer(KEY), name=f"Shop {nth}")
    await workshop.owner.execute("truncate card_attempts, guard_levels, mails")
    rows = await workshop.db.rows("select id from accounts where not is_live order by id")
    yield Street(workshop.db, workshop.owner, [row["id"] for row in rows])
    await workshop.owner.close()
    await workshop.desk.close()


def address(nth):
    return f"198.{18 + nth // 65536}.{nth // 256 % 256}.{nth % 256}"


async def test_a_tester_at_200_addresses_with_a_checkout_for_each_card(street):
    for nth in range(200):
        await street.try_card(nth, address=address(257 * (nth % 200)))
    assert street.asked == ONE_SHOP


async def test_a_tester_at_200_addresses_and_20_shops(street):
    for nth in range(300):
        await street.try_card(nth, shop=nth * 7, address=address(257 * (nth % 200)))
    assert limits.GUARD_SPREAD_WORK_CARDS <= street.asked <= ALL_SHOPS


async def test_a_range_that_is_run_through_is_noticed_earlier(street):
    for nth in range(100):
        await street.try_card(nth, bin="40000012", address=address(257 * nth))
    assert street.asked == limits.GUARD_WORK_CARDS


@pytest.mark.parametrize(
    ("addresses", "shops", "minutes", "asked_max"),
    [
        (1, 1, 120, limits.GUARD_ADDRESS_CARDS_MAX),
        (1, SHOPS, 120, limits.GUARD_ADDRESS_CARDS_MAX),
        (200, 1, 120, ONE_SHOP),
        (200, SHOPS, MINUTES_A_DAY, ALL_SHOPS),
    ],
)
async def test_a_tester_who_tries_a_card_a_minute(street, addresses, shops, minutes, asked_max):
    for nth in range(minutes):
        from_address = address(257 * (nth % addresses))
        await street.try_card(nth, shop=nth % shops, address=from_address)
        await street.pass_seconds(60)
    assert 0 < street.asked <= asked_max


async def test_a_tester_who_hops_within_a_64_has_one_address(street):
    for nth in range(50):
        await street.try_card(nth, shop=nth, address=f"2001:db8:7:7::{nth + 1:x}")
    assert street.asked == limits.GUARD_ADDRESS_CARDS_MAX


async def test_a_tester_who_hops_among_64s_is_found_by_their_48(street):
    for nth in range(50):
        await street.try_card(nth, address=f"2001:db8:7:{nth:x}::1")
    # Half of what a network has, for by then the shop's level is raised.
    assert street.asked == limits.GUARD_NETWORK_CARDS_MAX // 2


async def test_what_is_under_way_does_not_hide_what_has_failed(street):
    """Testers who are challenged go on to the next card, and their attempts stay open."""
    for nth in range(limits.GUARD_WORK_CARDS - 1):
        await street.try_card(nth, address=address(257 * nth))
    await street.pass_seconds(60)
    await street.owner.execute(
        """
        insert into card_attempts (account_id, transaction_id, checkout_id, is_live, card, bin,
            expires_on)
        select $1, 'tra_open' || n, 'chk_open' || n, false, n, '4' || n, 200000 + n
        from generate_series(1, 2 * $2::int) n
        """,
        street.shops[0],
        limits.GUARD_SPREAD_SAMPLE,
    )
    await street.try_card(99, address=address(60_000))
    raised = await street.db.rows("select account_id, level from guard_levels")
    assert [tuple(row) for row in raised] == [(street.shops[0], GuardLevel.PROOF_OF_WORK)]


async def test_in_an_attack_on_many_shops_each_other_lets_its_first_card_through(street):
    for nth in range(30):
        await street.try_card(nth, shop=nth % 5, address=address(257 * nth))
    seen = Counter()
    for nth in range(30, 60):
        seen[await street.try_card(nth, shop=nth % SHOPS, address=address(257 * nth))] += 1
    assert seen == {Verdict.GO: SHOPS - 5, Verdict.CHALLENGE: 30 - (SHOPS - 5)}


async def test_a_shop_joins_those_attacked_until_their_levels_end_and_no_longer(street):
    for nth in range(30):
        await street.try_card(nth, shop=nth % 5, address=address(257 * nth))
    await street.pass_seconds(300)
    # From now on nothing but a card here and there fails.
    await street.db.execute("update card_attempts set at = at - interval '2 hours'")
    assert await street.try_card(100, shop=9, address=address(60_000)) is Verdict.GO
    assert await street.try_card(101, shop=9, address=address(61_000)) is Verdict.CHALLENGE
    await street.pass_seconds(301)
    assert await street.try_card(102, shop=9, address=address(62_000)) is Verdict.GO


async def test_the_merchant_is_told_once_a_day(street):
    await street.db.execute("update accounts set email = 'shop@mail.example'")
    for nth in range(100):
        await street.try_card(nth, shop=nth % 4, address=address(257 * nth))
        await street.pass_seconds(5)
    told = await street.db.rows("select account_id, kind, recipient from mails")
    assert sorted(row["account_id"] for row in told) == sorted(street.shops[:4])
    assert {(row["kind"], row["recipient"]) for row in told} == {
        ("card_testing", "shop@mail.example")
    }
