"""What takes effect when an acquirer's word arrives, and what no longer does."""

import itertools

import pytest

from paydesk.checkouts.model import State
from paydesk.checkouts.settle import settle
from paydesk.connectors.contract import (
    Approved,
    Declined,
    DeclineReason,
    NotFound,
    Pending,
    Unknown,
)
from world import card

pytestmark = pytest.mark.anyio

NO = Declined(DeclineReason.INSUFFICIENT_FUNDS, "51")


async def told(shop, begun, *findings):
    for finding in findings:
        await settle(shop.db, shop.acquiring, begun.transaction, finding, was_asked=False)
    return await shop.state(begun.transaction)


async def test_a_yes_completes_the_checkout_and_pays_the_order(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    assert await told(shop, begun, Approved("acq_1", "123456")) == "approved"
    row = await shop.db.row(
        """
        select c.state, c.transaction_id, c.card_id, c.completed_at, o.status
        from checkouts c join orders o on o.id = c.order_id where c.id = $1
        """,
        page.id,
    )
    assert (row["state"], row["transaction_id"]) == ("completed", begun.transaction.id)
    assert (row["card_id"], row["status"]) == (begun.transaction.card_id, "PAID")
    assert row["completed_at"] is not None


async def test_a_no_opens_it_again(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    assert await told(shop, begun, NO) == "declined"
    page = await shop.page(page.id)
    assert (page.state, page.last_attempt.decline_reason) == (State.OPEN, "insufficient_funds")
    assert await shop.facts(begun.transaction) == []


async def test_the_fifth_no_is_the_last(shop):
    page = await shop.create()
    for _ in range(5):
        page = await shop.page(page.id)
        await told(shop, await shop.begin(page), NO)
    assert (await shop.page(page.id)).state is State.FAILED
    assert await shop.events(page) == ["checkout.failed"] * 5
    assert await shop.begin(await shop.page(page.id)) is None


async def test_what_is_known_is_never_unlearnt(shop):
    for first, state in [(Approved("acq_1"), "approved"), (NO, "declined")]:
        begun = await shop.begin(await shop.create())
        later = [Unknown("late"), NotFound(), Pending(), NO, Approved("acq_2")]
        assert await told(shop, begun, first, *later) == state


async def test_it_is_told_once_that_an_attempt_waits(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    assert await told(shop, begun, Unknown("lost"), Pending("acq_1"), Unknown("lost")) == "review"
    assert await shop.events(page) == ["checkout.pending"]
    assert (await shop.page(page.id)).last_attempt.waits
    assert await told(shop, begun, Approved("acq_1")) == "approved"
    assert await shop.events(page) == ["checkout.pending", "checkout.completed"]


FINDINGS = [Approved("acq_1"), Unknown("lost"), Pending("acq_1"), Unknown("reset")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_any_order_of_arrival_ends_the_same(shop, order):
    page = await shop.create()
    begun = await shop.begin(page)
    twice = [FINDINGS[n] for n in order for _ in range(2)]
    assert await told(shop, begun, *twice) == "approved"
    assert await shop.facts(begun.transaction) == ["approval"]
    events = await shop.events(page)
    assert events[-1] == "checkout.completed"
    assert events in (["checkout.completed"], ["checkout.pending", "checkout.completed"])


async def test_a_yes_that_comes_after_the_end_is_given_back(shop):
    page = await shop.create()
    begun = await shop.begin(page, card(f1=3))
    # No way of ours leads here; somebody has been at the database.
    await shop.owner.execute("update checkouts set state = 'open' where id = $1", page.id)
    await shop.owner.execute("update checkouts set state = 'cancelled' where id = $1", page.id)
    assert await told(shop, begun, Approved("acq_1")) == "reversing"
    await shop.look(begun.transaction)
    assert await shop.state(begun.transaction) == "reversed"
    assert await shop.facts(begun.transaction) == ["approval", "reversal"]
    assert (await shop.page(page.id)).state is State.CANCELLED


async def test_a_failed_attempt_of_the_outbox_takes_the_state_back(shop, monkeypatch):
    page = await shop.create()
    begun = await shop.begin(page)
    await shop.owner.execute("alter table events add constraint none check (false) not valid")
    try:
        with pytest.raises(Exception, match="none"):
            await told(shop, begun, Approved("acq_1"))
    finally:
        await shop.owner.execute("alter table events drop constraint none")
    assert await shop.state(begun.transaction) == "submitting"
    assert (await shop.page(page.id)).state is State.PENDING
