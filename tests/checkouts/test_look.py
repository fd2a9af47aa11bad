"""What the worker makes of attempts whose outcome is not clear."""

import asyncio
from dataclasses import replace

import pytest

from paydesk import checkouts
from paydesk.checkouts.model import State
from paydesk.checkouts.settle import settle
from paydesk.connectors.contract import Unknown
from paydesk.connectors.registry import connectors
from paydesk.db.listing import Page
from world import card, free_port

pytestmark = pytest.mark.anyio


async def lost(shop, f1, f2=0):
    """A checkout whose payment brought no answer."""
    page = await shop.create()
    attempt = await shop.pay(page, card(f1, f2))
    assert await shop.state(attempt) == "unknown"
    return page, attempt


async def test_a_lost_yes_is_found(shop):
    page, attempt = await lost(shop, 3)
    await shop.look(attempt)
    assert await shop.state(attempt) == "approved"
    assert (await shop.page(page.id)).state is State.COMPLETED


async def test_a_pending_checkout_names_the_attempt_under_way(shop):
    page, attempt = await lost(shop, 3)
    async with shop.db.connection() as connection:
        shown = await checkouts.show_checkout(connection, attempt.account_id, page.id)
        listed = await checkouts.list_checkouts(
            connection,
            attempt.account_id,
            checkouts.Filters(order_id=shown.checkout.order_id),
            Page(25),
        )
    assert shown.checkout.state is State.PENDING
    assert (shown.transaction_id, shown.transaction_status) == (attempt.id, "PENDING")
    assert list(listed.checkouts) == [shown]
    await shop.look(attempt)


async def test_what_is_not_due_is_left_alone(shop):
    _, attempt = await lost(shop, 3)
    await shop.owner.execute(
        "update transactions set due_at = now() + interval '1 hour' where id = $1", attempt.id
    )
    await checkouts.look_at_attempt(shop.db, shop.acquiring, attempt.account_id, attempt.id)
    assert await shop.state(attempt) == "unknown"
    await shop.look(attempt)


async def test_what_is_settled_is_left_alone(shop):
    attempt = await shop.pay(await shop.create())
    await shop.look(attempt)
    assert await shop.state(attempt) == "approved"
    assert shop.acquirer_log(attempt) == [("authorise", "approved")]


@pytest.mark.parametrize(("f1", "f2"), [(3, 0), (4, 0), (6, 0), (6, 1), (6, 2), (6, 4), (8, 2)])
async def test_eight_workers_at_once_do_what_one_does(shop, f1, f2):
    page, attempt = await lost(shop, f1, f2)
    for _ in range(8):
        await asyncio.gather(*(shop.look(attempt) for _ in range(8)))
    state = await shop.state(attempt)
    # Where the first is told "not found" and the second "approved", either may be believed.
    assert state in {3: {"approved"}, 6: {"approved", "reversed"}}.get(f1, {"reversed"})
    final = "checkout.completed" if state == "approved" else "checkout.failed"
    assert await shop.events(page) == ["checkout.pending", final]
    taken = ["approval"] if f1 in {3, 6} else []
    given_back = ["reversal"] if taken and state == "reversed" else []
    assert await shop.facts(attempt) == taken + given_back


async def test_a_refused_reversal_waits_for_a_person(shop):
    page, attempt = await lost(shop, 6, 3)
    assert await shop.look_until_settled(attempt) == "manual"
    page = await shop.page(page.id)
    assert (page.state, page.last_attempt.waits) == (State.PENDING, True)
    assert await shop.events(page) == ["checkout.pending"]
    assert await shop.begin(page) is None


async def test_an_acquirer_that_stays_away_is_asked_and_then_left_to_a_person(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    await settle(shop.db, shop.acquiring, begun.transaction, Unknown("lost"), was_asked=False)
    away = replace(
        shop.acquiring, connectors=connectors(f"http://127.0.0.1:{free_port()}"), timeout_seconds=1
    )
    seen = []
    for _ in range(8):
        await shop.owner.execute(
            "update transactions set due_at = now() where id = $1 and due_at is not null",
            begun.transaction.id,
        )
        await checkouts.look_at_attempt(shop.db, away, page.account_id, begun.transaction.id)
        seen.append(await shop.state(begun.transaction))
    # Three questions, then three reversals, each with the pauses of the setting.
    assert seen == [*["unknown"] * 2, "reversing", *["unknown_reversal"] * 3, *["manual"] * 2]
    assert await shop.facts(begun.transaction) == []


async def test_an_answer_during_the_question_is_not_contradicted(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    await shop.look(begun.transaction)
    # The question says "not found", the reversal is decided, and only now the answer is a yes.
    await asyncio.gather(
        checkouts.finish(shop.db, shop.acquiring, begun),
        shop.look(begun.transaction),
        shop.look(begun.transaction),
    )
    state = await shop.look_until_settled(begun.transaction)
    log = shop.acquirer_log(begun.transaction)
    assert (state == "approved") == (("reverse", "approved") not in log)


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
