"""Changing a checkout while others pay it, cancel it, or change it too."""

import asyncio
from dataclasses import replace

import pytest

from paydesk import checkouts, limits
from paydesk.checkouts import ChangesUsedUp, CheckoutEnded, OrderClosed
from paydesk.checkouts.model import Standing, State
from paydesk.errors import Invalid
from paydesk.kit.money import Currency, Money
from paydesk.orders import OrderInPayment
from paydesk.payment_methods import MethodType
from workshop import CARD
from world import card

pytestmark = pytest.mark.anyio

TERMS = checkouts.Terms(
    is_live=False, loopback_allowed=True, payment_methods=(CARD,), life_seconds=7200
)


async def change(shop, page, body, terms=TERMS):
    async def work(connection):
        before = await checkouts.hold_to_change(connection, page.account_id, page.id)
        command = checkouts.read_change(body, before, terms)
        await checkouts.change_checkout(connection, shop.account, before, command)

    await shop.db.transact(work)


async def test_a_changed_checkout_is_paid_as_changed(shop):
    page = await shop.create()
    await change(shop, page, {"amount": "50.00"})
    page = await shop.page(page.id)
    assert (page.amount.text(), page.amounts.total.text()) == ("50.00", "50.00")
    attempt = await shop.pay(page)
    assert attempt.amount.text() == "50.00"
    assert await shop.events(page) == ["checkout.completed"]


ZAR = Currency("ZAR", 2)
UP_TO_1500 = replace(CARD, item_limit=Money(150000, ZAR))
BANK = replace(CARD, id="pam_2", type=MethodType.INSTANT_EFT)


@pytest.mark.parametrize(
    ("methods", "changes"),
    [
        ((UP_TO_1500,), {}),
        ((UP_TO_1500, BANK), {"payment": {"payment_methods_ids": [CARD.id]}}),
        ((UP_TO_1500, BANK), {"payment": {"payment_type": "PRE_AUTHORIZATION"}}),
    ],
    ids=["too much", "too much for the one named", "too much to hold"],
)
async def test_an_amount_that_no_way_to_pay_takes_is_refused(shop, methods, changes):
    page = await shop.create(**changes)
    terms = replace(TERMS, payment_methods=methods)
    with pytest.raises(Invalid) as refused:
        await change(shop, page, {"amount": "1500.01"}, terms)
    assert [(fault.path, fault.rule) for fault in refused.value.faults()] == [
        ("amount", "no_payment_method")
    ]
    assert (await shop.page(page.id)).amount.text() == "1200.00"
    await change(shop, page, {"amount": "1500.00"}, terms)


async def test_another_way_to_pay_takes_what_is_too_much_for_one(shop):
    page = await shop.create()
    terms = replace(TERMS, payment_methods=(UP_TO_1500, BANK))
    await change(shop, page, {"amount": "1500.01"}, terms)
    assert (await shop.page(page.id)).amount.text() == "1500.01"


async def test_a_limit_that_came_later_leaves_other_changes_alone(shop):
    page = await shop.create()
    terms = replace(TERMS, payment_methods=(replace(UP_TO_1500, item_limit=Money(1, ZAR)),))
    await change(shop, page, {"expires_in_minutes": 60}, terms)


@pytest.mark.parametrize(
    "body", [{"customization": {"theme": "dark"}}, {"expires_in_minutes": 60}], ids=str
)
async def test_a_change_of_looks_or_time_leaves_an_order_alone_that_has_moved_on(shop, body):
    page = await shop.create()
    await shop.owner.execute(
        "update orders set amount_total = 80000"
        " where id = (select order_id from checkouts where id = $1)",
        page.id,
    )
    await change(shop, page, body)
    page = await shop.page(page.id)
    assert page.amounts.total.text() == "800.00"
    assert page.standing is Standing.WITHDRAWN


@pytest.mark.parametrize("column", ["amount_total = 80000", "currency = 'USD'"])
async def test_an_order_that_has_other_money_is_not_put_back_by_a_change_of_its_words(shop, column):
    page = await shop.create()
    order = "(select order_id from checkouts where id = $1)"
    await shop.owner.execute(f"update orders set {column} where id = {order}", page.id)
    with pytest.raises(Invalid) as refused:
        await change(shop, page, {"order": {"description": "new words"}})
    assert [fault.rule for fault in refused.value.faults()] == ["order_total"]
    assert (await shop.page(page.id)).standing is Standing.WITHDRAWN


async def test_a_new_amount_says_what_an_order_that_has_moved_on_is_to_cost(shop):
    page = await shop.create()
    order = "(select order_id from checkouts where id = $1)"
    await shop.owner.execute(f"update orders set amount_total = 80000 where id = {order}", page.id)
    await change(shop, page, {"amount": "800.00"})
    assert (await shop.page(page.id)).standing is Standing.PAYABLE


async def test_a_closed_order_is_not_changed_through_its_checkout(shop):
    page = await shop.create()
    order = "(select order_id from checkouts where id = $1)"
    await shop.owner.execute(f"update orders set status = 'CANCELLED' where id = {order}", page.id)
    with pytest.raises(OrderClosed):
        await change(shop, page, {"amount": "800.00"})


async def test_history_keeps_each_change_and_no_event_tells_of_it(shop):
    page = await shop.create()
    for amount in ("50.00", "60.00"):
        await change(shop, page, {"amount": amount})
    moves = await shop.owner.fetch(
        "select sequence, from_state, to_state, step, event from checkout_moves"
        " where checkout_id = $1 order by sequence",
        page.id,
    )
    assert [tuple(move) for move in moves] == [
        (1, "open", "open", "change", None),
        (2, "open", "open", "change", None),
    ]
    assert await shop.events(page) == []


async def test_a_page_read_before_the_change_begins_nothing(shop):
    page = await shop.create()
    await change(shop, page, {"amount": "50.00"})
    assert await shop.begin(page) is None
    assert (await shop.page(page.id)).attempts == 0


async def test_a_checkout_that_is_being_paid_is_not_changed(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    with pytest.raises(CheckoutEnded):
        await change(shop, page, {"amount": "50.00"})
    await shop.look_until_settled(begun.transaction)
    await change(shop, page, {"amount": "50.00"})


async def test_an_expired_checkout_is_not_prolonged(shop):
    page = await shop.create()
    await shop.owner.execute("update checkouts set expires_at = now() where id = $1", page.id)
    with pytest.raises(CheckoutEnded):
        await change(shop, page, {"expires_in_minutes": 60})


async def test_a_checkout_of_a_deleted_order_is_not_changed(shop):
    page = await shop.create()
    await shop.owner.execute(
        "update orders set deleted_at = now()"
        " where id = (select order_id from checkouts where id = $1)",
        page.id,
    )
    with pytest.raises(CheckoutEnded):
        await change(shop, page, {"expires_in_minutes": 60})


async def test_an_order_that_is_being_paid_elsewhere_keeps_its_content(shop):
    page = await shop.create()
    other = await shop.create()
    await shop.owner.execute(
        "update checkouts set order_id = (select order_id from checkouts where id = $1)"
        " where id = $2",
        page.id,
        other.id,
    )
    begun = await shop.begin(page)
    with pytest.raises(OrderInPayment):
        await change(shop, other, {"amount": "50.00"})
    await change(shop, other, {"expires_in_minutes": 60})
    await shop.look_until_settled(begun.transaction)


async def test_changes_have_an_end(shop):
    page = await shop.create()
    await shop.owner.execute(
        "update checkouts set moves = $2 where id = $1", page.id, limits.CHECKOUT_MOVES_MAX
    )
    with pytest.raises(ChangesUsedUp):
        await change(shop, page, {"amount": "50.00"})
    await shop.owner.execute("update checkouts set moves = 0 where id = $1", page.id)


async def test_paying_and_changing_at_once_is_never_the_old_amount_under_a_new_one(shop):
    for number in range(10):
        page = await shop.create()
        amount = f"{50 + number}.00"
        begun, changed = await asyncio.gather(
            shop.begin(page), change(shop, page, {"amount": amount}), return_exceptions=True
        )
        after = await shop.page(page.id)
        if begun is None:
            assert changed is None
            assert (after.state, after.amount.text()) == (State.OPEN, amount)
        else:
            assert isinstance(changed, CheckoutEnded)
            assert begun.transaction.amount == after.amount
            await shop.look_until_settled(begun.transaction)


async def test_eight_changes_at_once_are_eight_changes(shop):
    page = await shop.create()
    await asyncio.gather(*(change(shop, page, {"amount": f"{n}.00"}) for n in range(1, 9)))
    after = await shop.page(page.id)
    assert after.amount == after.amounts.total
    moves = "select moves from checkouts where id = $1"
    assert await shop.owner.fetchval(moves, page.id) == 8


async def test_a_declined_checkout_is_changed_and_paid(shop):
    page = await shop.create()
    await shop.pay(page, card(f1=1))
    await change(shop, page, {"amount": "50.00"})
    await shop.pay(await shop.page(page.id))
    assert await shop.events(page) == ["checkout.failed", "checkout.completed"]


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
