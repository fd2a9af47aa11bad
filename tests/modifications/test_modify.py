"""Captures, voids and refunds: what takes effect, and that nothing goes above what is left."""

import asyncio
import random

import pytest

from paydesk import ledger, limits, modifications, transactions
from paydesk.connectors.contract import Approved
from paydesk.modifications import (
    AmountAboveRest,
    NothingLeft,
    TransactionMissing,
    TransactionNotApproved,
    VoidIsWhole,
)
from paydesk.modifications.acquire import submit
from world import card

pytestmark = pytest.mark.anyio

WHOLE = 120_000


async def sums(shop, transaction):
    found = await shop.found(transaction)
    return found.status, found.captured, found.voided, found.refunded


async def test_a_sale_is_refunded_whole(shop):
    sale = await shop.sale()
    done = await shop.modify(sale, "refund")
    assert (done.status, done.amount.minor) == ("COMPLETED", WHOLE)
    assert await sums(shop, sale) == ("REFUNDED", WHOLE, 0, WHOLE)
    assert await shop.order_status(sale) == "REFUNDED"
    assert await shop.facts(sale) == ["approval", "refund"]
    await shop.assert_books_are_right()


async def test_a_sale_is_refunded_in_parts(shop):
    sale = await shop.sale()
    await shop.modify(sale, "refund", 20_000)
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 20_000)
    assert await shop.order_status(sale) == "PAID"
    await shop.modify(sale, "refund", 30_000)
    rest = await shop.modify(sale, "refund")
    assert rest.amount.minor == 70_000
    assert await sums(shop, sale) == ("REFUNDED", WHOLE, 0, WHOLE)
    with pytest.raises(NothingLeft):
        await shop.modify(sale, "refund")
    await shop.assert_books_are_right()


async def test_a_hold_is_pending_until_it_is_captured(shop):
    hold = await shop.hold()
    assert await sums(shop, hold) == ("PENDING", 0, 0, 0)
    assert (await shop.found(hold)).capture_before is not None
    assert await shop.facts(hold) == []
    assert await shop.order_status(hold) == "PENDING"
    await shop.modify(hold, "capture")
    assert await sums(shop, hold) == ("PAID", WHOLE, 0, 0)
    assert (await shop.found(hold)).capture_before is None
    assert await shop.facts(hold) == ["capture"]
    assert await shop.order_status(hold) == "PAID"
    await shop.assert_books_are_right()


async def test_a_hold_is_captured_in_parts_and_the_rest_voided(shop):
    hold = await shop.hold()
    await shop.modify(hold, "capture", 50_000)
    assert await shop.order_status(hold) == "PARTIALLY_PAID"
    await shop.modify(hold, "capture", 10_000)
    rest = await shop.modify(hold, "void")
    assert rest.amount.minor == 60_000
    assert await sums(shop, hold) == ("PAID", 60_000, 60_000, 0)
    await shop.modify(hold, "refund")
    assert await sums(shop, hold) == ("REFUNDED", 60_000, 60_000, 60_000)
    assert await shop.order_status(hold) == "REFUNDED"
    await shop.assert_books_are_right()


async def test_a_hold_that_is_voided_leaves_nothing_in_the_books(shop):
    hold = await shop.hold()
    await shop.modify(hold, "void")
    assert await sums(shop, hold) == ("CANCELLED", 0, WHOLE, 0)
    assert await shop.order_status(hold) == "CANCELLED"
    assert await shop.facts(hold) == []
    await shop.assert_books_are_right()


@pytest.mark.parametrize(
    ("kind", "amount", "refusal"),
    [
        ("capture", None, NothingLeft),
        ("void", None, NothingLeft),
        ("refund", WHOLE + 1, AmountAboveRest),
    ],
)
async def test_of_a_sale_no_more_can_be_done_than_refunding_it(shop, kind, amount, refusal):
    sale = await shop.sale()
    with pytest.raises(refusal):
        await shop.modify(sale, kind, amount)


@pytest.mark.parametrize(
    ("kind", "amount", "refusal"),
    [
        ("capture", WHOLE + 1, AmountAboveRest),
        ("void", WHOLE, VoidIsWhole),
        ("void", 1, VoidIsWhole),
        ("refund", None, NothingLeft),
    ],
)
async def test_of_a_hold_nothing_can_be_refunded_nor_too_much_captured(shop, kind, amount, refusal):
    hold = await shop.hold()
    with pytest.raises(refusal):
        await shop.modify(hold, kind, amount)


async def test_what_is_not_approved_can_t_be_modified(shop):
    declined = await shop.pay(await shop.create(), card(f1=1))
    with pytest.raises(TransactionNotApproved):
        await shop.modify(declined, "refund")


async def test_another_accounts_transaction_is_a_missing_one(shop):
    sale = await shop.sale()
    for account_id, id_ in ((sale.account_id + 1, sale.id), (sale.account_id, "tra_none")):
        with pytest.raises(TransactionMissing):
            await shop.db.transact(
                lambda connection, account_id=account_id, id_=id_: modifications.begin(
                    connection, account_id, id_, "refund", due_seconds=1
                )
            )


async def test_a_declined_refund_gives_back_nothing_and_may_be_tried_again(shop):
    sale = await shop.sale(card(f3=5))
    done = await shop.modify(sale, "refund", 5_000)
    assert (done.status, done.decline_reason) == ("DECLINED", "declined_generic")
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 0)
    assert await shop.facts(sale) == ["approval"]
    assert (await shop.modify(sale, "refund")).amount.minor == WHOLE
    await shop.assert_books_are_right()


OUTCOMES = [
    # what the acquirer does with the card's modifications, and what is known at the end
    (6, "approved"),  # done, and the answer lost: the inquiry finds it
    (7, "reversed"),  # never arrived: fenced
    (9, "reversed"),  # arrives after the inquiry was told that it had not: undone
]


@pytest.mark.parametrize(("f3", "state"), OUTCOMES)
@pytest.mark.parametrize("kind", ["refund", "capture", "void"])
async def test_an_unknown_outcome_is_found_out_and_never_repeated(shop, f3, state, kind):
    number = card(f3=f3)
    transaction = await (shop.sale(number) if kind == "refund" else shop.hold(number))
    begun = await shop.modify(transaction, kind, None if kind == "void" else 5_000)
    assert begun.status == "PENDING"
    assert await shop.look_at_modification_until_settled(begun) == state
    done = 1 if state == "approved" else 0
    found = await shop.found(transaction)
    amount = begun.amount.minor
    before = WHOLE if kind == "refund" else 0
    assert (found.captured - before, found.voided, found.refunded) == (
        amount * done * (kind == "capture"),
        amount * done * (kind == "void"),
        amount * done * (kind == "refund"),
    )
    await shop.assert_books_are_right()


async def test_what_the_acquirer_will_not_undo_waits_for_a_person_and_counts_as_used(shop):
    sale = await shop.sale(card(f2=3, f3=7))
    begun = await shop.modify(sale, "refund", 20_000)
    assert await shop.look_at_modification_until_settled(begun) == "manual"
    with pytest.raises(AmountAboveRest):
        await shop.modify(sale, "refund", 100_001)
    await shop.assert_books_are_right()


@pytest.mark.parametrize("kind", ["refund", "capture", "void"])
async def test_a_crash_before_anything_is_sent_is_fenced(shop, kind):
    transaction = await (shop.sale() if kind == "refund" else shop.hold())
    begun = await shop.begin_modification(transaction, kind)
    with pytest.raises(NothingLeft):  # until it is known, it counts as used
        await shop.begin_modification(transaction, kind)
    assert await shop.look_at_modification_until_settled(begun) == "reversed"
    assert (await shop.modify(transaction, kind)).status == "COMPLETED"
    await shop.assert_books_are_right()


async def test_a_crash_after_the_answer_is_found_by_inquiry(shop):
    sale = await shop.sale()
    begun = await shop.begin_modification(sale, "refund", 5_000)
    await submit(shop.acquiring, await shop.found(sale), begun)
    assert await shop.look_at_modification_until_settled(begun) == "approved"
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 5_000)
    await shop.assert_books_are_right()


async def test_an_outcome_told_twice_counts_once(shop):
    sale = await shop.sale()
    done = await shop.modify(sale, "refund", 5_000)
    await modifications.finish(shop.db, shop.acquiring, done)
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 5_000)
    await shop.assert_books_are_right()


async def test_parallel_modifications_never_go_above_what_is_left(shop):
    """MON-7 on a few; `tests/journeys/test_collisions.py` does it over the API."""
    chance = random.Random(7)
    held = [await shop.hold() for _ in range(4)] + [await shop.sale() for _ in range(4)]
    asked = [
        (transaction, chance.choice(["capture", "void", "refund"]), chance.randint(1, 70_000))
        for transaction in held
        for _ in range(10)
    ]

    async def one(transaction, kind, amount):
        try:
            await shop.modify(transaction, kind, None if kind == "void" else amount)
        except (NothingLeft, AmountAboveRest):
            return 0
        return 1

    done = await asyncio.gather(*(one(*each) for each in asked))
    assert 0 < sum(done) < len(asked)
    # The acquirer keeps a balance of its own, and was never asked for more than there was.
    assert not [line for line in shop.programs.acquirer_log() if line.get("code") == "61"]
    await shop.assert_books_are_right()


async def test_what_is_not_captured_in_time_is_let_go_of(shop):
    hold = await shop.hold()
    await shop.modify(hold, "capture", 20_000)
    await shop.db.execute("update transactions set lapse_at = now() where id = $1", hold.id)
    assert await modifications.void_lapsed(shop.db, shop.acquiring) == 1
    assert await sums(shop, hold) == ("PAID", 20_000, 100_000, 0)
    assert await modifications.void_lapsed(shop.db, shop.acquiring) == 0
    await shop.assert_books_are_right()


LAPSE = "update transactions set lapse_at = now() where id = $1"


async def test_a_hold_that_can_t_be_let_go_of_is_tried_again_later_and_not_for_ever(shop):
    hold = await shop.hold(card(f3=5))
    for _ in range(limits.LAPSE_TRIES_MAX):
        assert hold.id not in [one.id for one in await transactions.not_lapsed(shop.db)]
        await shop.db.execute(LAPSE, hold.id)
        assert await modifications.void_lapsed(shop.db, shop.acquiring) == 1
        assert await modifications.void_lapsed(shop.db, shop.acquiring) == 0
    assert await sums(shop, hold) == ("PENDING", 0, 0, 0)
    assert hold.id in [one.id for one in await transactions.not_lapsed(shop.db)]
    await modifications.void_by_person(shop.db, shop.acquiring, hold, was_done=False)
    assert await modifications.void_lapsed(shop.db, shop.acquiring) == 1


async def test_a_person_who_had_a_hold_voided_says_so(shop):
    hold = await shop.hold()
    await modifications.void_by_person(shop.db, shop.acquiring, hold, was_done=True)
    assert await sums(shop, hold) == ("CANCELLED", 0, WHOLE, 0)


async def test_a_capture_that_waits_for_a_person_does_not_hold_up_the_rest(shop):
    hold = await shop.hold(card(f2=3, f3=7))
    stuck = await shop.modify(hold, "capture", 1_000)
    assert await shop.look_at_modification_until_settled(stuck) == "manual"
    await shop.db.execute(LAPSE, hold.id)
    assert await modifications.void_lapsed(shop.db, shop.acquiring) == 1
    (void,) = [one for one in await shop.modifications(hold) if one.kind == "void"]
    assert void.amount.minor == WHOLE - 1_000


async def test_a_late_answer_is_not_taken_for_a_person_s_word(shop):
    sale = await shop.sale(card(f2=3, f3=7))
    stuck = await shop.modify(sale, "refund", 1_000)
    assert await shop.look_at_modification_until_settled(stuck) == "manual"
    await modifications.settle(shop.db, shop.acquiring, stuck, Approved("acq_1"), was_asked=False)
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 0)
    await modifications.settle(
        shop.db, shop.acquiring, stuck, Approved("acq_1"), was_asked=False, by_person=True
    )
    assert await sums(shop, sale) == ("PAID", WHOLE, 0, 1_000)


async def test_the_ledger_s_verifier_finds_nothing_wrong(shop):
    verdict = await ledger.verify(shop.owner)
    assert verdict.wrong == ()
    assert verdict.entries > 0


async def test_the_ledger_s_verifier_finds_sums_that_were_tampered_with(shop):
    sale = await shop.sale()
    done = await shop.modify(sale, "refund", 5_000)
    tampered = "update transactions set refunded = $2 where id = $1"
    await shop.owner.execute(tampered, sale.id, 4_000)
    assert sale.id in " ".join((await ledger.verify(shop.owner)).wrong)
    await shop.owner.execute(tampered, sale.id, 5_000)
    assert done.status == "COMPLETED"
