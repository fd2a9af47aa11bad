"""Paying, step by step, with a crash after each: what the worker then makes of it."""

import asyncio
import sys

import pytest

from paydesk import checkouts, ledger, orders, transactions
from paydesk.cards import CardFaults, CardForm
from paydesk.checkouts.model import State
from paydesk.checkouts.settle import settle
from paydesk.connectors.contract import Approved, Unknown
from world import card

pytestmark = pytest.mark.anyio

AUTHORISED = ("authorise", "approved")
FENCED = ("reverse", "approved")


async def test_a_checkout_is_paid(shop):
    page = await shop.create()
    attempt = await shop.pay(page)
    assert (await shop.page(page.id)).state is State.COMPLETED
    assert await shop.events(page) == ["checkout.completed"]
    assert await shop.facts(attempt) == ["approval"]
    assert shop.acquirer_log(attempt) == [AUTHORISED]


async def test_a_faulty_card_begins_nothing(shop):
    page = await shop.create()
    with pytest.raises(CardFaults):
        await shop.begin(page, "4242 4242 4242 4241")
    assert (await shop.page(page.id)).attempts == 0


async def test_a_form_sent_twice_begins_one_attempt(shop):
    page = await shop.create()
    begun = await asyncio.gather(*(shop.begin(page) for _ in range(8)))
    (only,) = [one for one in begun if one is not None]
    await checkouts.finish(shop.db, shop.acquiring, only)
    assert (await shop.page(page.id)).attempts == 1
    assert await shop.events(page) == ["checkout.completed"]


async def test_an_old_form_begins_nothing(shop):
    page = await shop.create()
    await shop.pay(page, card(f1=1))
    assert await shop.begin(await shop.page(page.id), attempt=1) is None


async def test_a_form_read_before_the_end_begins_nothing_after_it(shop):
    page = await shop.create()
    await shop.cancel(page)
    assert await shop.begin(page) is None


async def test_an_expired_checkout_begins_nothing(shop):
    page = await shop.create(life_seconds=1)
    await shop.owner.execute("update checkouts set expires_at = now() where id = $1", page.id)
    assert page.state is State.OPEN
    assert not page.has_expired
    assert await shop.begin(page) is None


async def test_a_crash_before_the_commit_leaves_nothing(shop):
    page = await shop.create()
    form = CardForm(card(), "12/40", "123", "J Doe")
    await shop.acquiring.vault.keep(
        account_id=page.account_id, is_live=False, connector="sandbox", entry=form
    )
    page = await shop.page(page.id)
    assert (page.state, page.attempts) == (State.OPEN, 0)
    await shop.pay(page)
    assert (await shop.page(page.id)).state is State.COMPLETED


async def test_a_crash_before_anything_was_sent_charges_nothing(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    assert await shop.look_until_settled(begun.transaction) == "reversed"
    assert (await shop.page(page.id)).state is State.OPEN
    assert await shop.events(page) == ["checkout.pending", "checkout.failed"]
    assert await shop.facts(begun.transaction) == []
    # The fence stands: what was on its way can't arrive any more.
    assert shop.acquirer_log(begun.transaction) == [FENCED]


@pytest.mark.parametrize(
    ("f1", "state", "events", "facts"),
    [
        (0, State.COMPLETED, ["checkout.pending", "checkout.completed"], ["approval"]),
        (1, State.OPEN, ["checkout.pending", "checkout.failed"], []),
        (3, State.COMPLETED, ["checkout.pending", "checkout.completed"], ["approval"]),
        (4, State.OPEN, ["checkout.pending", "checkout.failed"], []),
        (6, State.OPEN, ["checkout.pending", "checkout.failed"], ["approval", "reversal"]),
        (8, State.OPEN, ["checkout.pending", "checkout.failed"], []),
        (9, State.COMPLETED, ["checkout.pending", "checkout.completed"], ["approval"]),
    ],
)
async def test_a_crash_with_the_answer_in_hand_ends_as_the_acquirer_decided(
    shop, f1, state, events, facts
):
    page = await shop.create()
    begun = await shop.begin(page, card(f1=f1))
    await transactions.authorise(shop.acquiring, begun.transaction, order_reference="ORD0045")
    await shop.look_until_settled(begun.transaction)
    assert (await shop.page(page.id)).state is state
    assert await shop.events(page) == events
    assert await shop.facts(begun.transaction) == facts


class Crash(Exception):
    """The program ends here."""


@pytest.mark.parametrize(
    "deed",
    [
        (sys.modules["paydesk.transactions.store"], "save_move"),
        (ledger, "post"),
        (orders, "follow"),
        (sys.modules["paydesk.checkouts.follow"], "move"),
    ],
    ids=["attempt", "ledger", "order", "checkout"],
)
async def test_a_crash_amid_settling_leaves_no_half(shop, monkeypatch, deed):
    page = await shop.create()
    begun = await shop.begin(page)
    outcome = await transactions.authorise(
        shop.acquiring, begun.transaction, order_reference="ORD0045"
    )
    place, name = deed
    real = getattr(place, name)

    async def done_and_dead(*arguments, **named):
        await real(*arguments, **named)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(place, name, done_and_dead)
        with pytest.raises(Crash):
            await settle(shop.db, shop.acquiring, begun.transaction, outcome, was_asked=False)

    assert await shop.state(begun.transaction) == "submitting"
    assert (await shop.page(page.id)).state is State.PENDING
    assert await shop.events(page) == await shop.facts(begun.transaction) == []
    await shop.look_until_settled(begun.transaction)
    assert (await shop.page(page.id)).state is State.COMPLETED
    assert await shop.facts(begun.transaction) == ["approval"]


async def test_the_answer_that_comes_after_the_worker_gave_up_on_it_counts(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    outcome = await transactions.authorise(
        shop.acquiring, begun.transaction, order_reference="ORD0045"
    )
    await shop.look(begun.transaction)
    assert await shop.state(begun.transaction) == "unknown"
    await settle(shop.db, shop.acquiring, begun.transaction, outcome, was_asked=False)
    assert (await shop.page(page.id)).state is State.COMPLETED
    assert await shop.events(page) == ["checkout.pending", "checkout.completed"]


async def test_an_answer_told_eight_times_counts_once(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    outcome = await transactions.authorise(
        shop.acquiring, begun.transaction, order_reference="ORD0045"
    )
    tell = (
        settle(shop.db, shop.acquiring, begun.transaction, found, was_asked=False)
        for found in [outcome, Unknown("late"), outcome, Approved("other")] * 2
    )
    await asyncio.gather(*tell)
    assert await shop.state(begun.transaction) == "approved"
    assert await shop.facts(begun.transaction) == ["approval"]
    assert (await shop.events(page))[-1:] == ["checkout.completed"]
    assert len(await shop.events(page)) <= 2


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
