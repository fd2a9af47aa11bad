"""Many payers, tabs and clocks at once: each checkout is paid once, or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

import oracle
from world import APPROVED, DECLINED, Payer, Receiver, Server, card, eventually

CHECKOUTS = 40
TOGETHER = 8


def post(prepared):
    url, data = prepared
    headers = {"Origin": "null"}
    return httpx2.post(url, data=data, headers=headers, timeout=30, follow_redirects=True)


def post_all(prepared):
    """Sends all of these at once."""
    with ThreadPoolExecutor(len(prepared)) as threads:
        return list(threads.map(post, prepared))


def approvals(server, checkouts):
    """The acquirer's approvals of these checkouts' orders."""
    orders = {checkout["named"] for checkout in checkouts}
    return [
        line
        for line in server.acquirer_log()
        if (line["kind"], line["outcome"]) == ("authorise", "approved") and line["order"] in orders
    ]


def with_own_order(merchant, notify_url, name):
    body = merchant.body(notify_url)
    made = merchant.create(notify_url, order={**body["order"], "reference": name})
    return {**made, "named": name}


def test_forty_checkouts_are_each_paid_once_by_eight_posts_at_once(server, merchant, receiver):
    checkouts = [with_own_order(merchant, receiver.url, f"RACE-{n}") for n in range(CHECKOUTS)]
    posts = []
    for number, checkout in enumerate(checkouts):
        first, second = Payer(checkout).open(), Payer(checkout).open()
        # Every other checkout has one form sent eight times; the rest, two tabs and two cards.
        other = {} if number % 2 else {"number": card(f3=1)}
        posts += [first.prepared()] * (TOGETHER // 2) + [second.prepared(**other)] * (TOGETHER // 2)

    with ThreadPoolExecutor(4 * TOGETHER) as threads:
        answers = list(threads.map(post, posts))

    assert {answer.status_code for answer in answers} == {200}
    assert all('data-page="paid"' in a.text or 'data-page="processing"' in a.text for a in answers)
    eventually(lambda: {merchant.status(checkout) for checkout in checkouts} == {"completed"})
    assert len(approvals(server, checkouts)) == CHECKOUTS
    for checkout in checkouts:
        eventually(lambda id_=checkout["id"]: receiver.events(id_))
        assert receiver.events(checkout["id"]) == ["checkout.completed"]


@pytest.mark.parametrize("number", [card(), card(f1=5)], ids=["quick", "slow"])
def test_cancelling_against_paying_ends_in_one_of_the_two(server, merchant, receiver, number):
    checkouts = [
        with_own_order(merchant, receiver.url, f"CANCEL-{number[8]}-{n}") for n in range(10)
    ]
    for checkout in checkouts:
        payer = Payer(checkout).open()
        action, hidden = payer.form('name="cancel"')
        cancel = (httpx2.URL(payer.url).join(action), hidden)
        answers = post_all([payer.prepared(number=number), cancel, payer.prepared(number=number)])
        assert {answer.status_code for answer in answers} == {200}
        if number == card(f1=5):
            break  # one slow payment says what ten would

    begun = checkouts[: 1 if number == card(f1=5) else None]
    eventually(lambda: all(merchant.status(c) in {"completed", "cancelled", "open"} for c in begun))
    oracle.assert_all_is_well(server, with_webhooks=False)
    paid = [checkout for checkout in begun if merchant.status(checkout) == "completed"]
    held = {line["reference"] for line in approvals(server, begun)}
    held -= {line["reference"] for line in server.acquirer_log() if line["kind"] == "reverse"}
    assert len(held) == len(paid)


def test_a_cancelled_checkout_takes_no_old_form(server, merchant):
    checkout = with_own_order(merchant, "https://merchant.example/hook", "LATE-FORM")
    payer, other = Payer(checkout).open(), Payer(checkout).open()
    assert payer.cancel().state == "cancelled"
    assert other.pay().state == "cancelled"
    assert approvals(server, [checkout]) == []


def test_a_form_from_before_a_decline_pays_nothing(server, merchant, receiver):
    checkout = with_own_order(merchant, receiver.url, "OLD-FORM")
    first, second = Payer(checkout).open(), Payer(checkout).open()
    assert first.pay(number=DECLINED).state == "declined"
    assert second.pay(number=APPROVED).state == "declined"
    assert approvals(server, [checkout]) == []
    assert second.pay(number=APPROVED).state == "paid"
    assert len(approvals(server, [checkout])) == 1


def test_five_declines_are_the_end(server, merchant, receiver):
    checkout = with_own_order(merchant, receiver.url, "FIVE")
    payer = Payer(checkout).open()
    for _ in range(4):
        assert payer.pay(number=DECLINED).state == "declined"
    last = payer.prepared(number=APPROVED)
    assert payer.pay(number=DECLINED).state == "failed"
    assert 'data-page="failed"' in post(last).text
    assert payer.open().state == "failed"
    assert merchant.status(checkout) == "failed"
    assert approvals(server, [checkout]) == []
    eventually(lambda: len(receiver.about(checkout["id"])) == 5)
    heard = receiver.about(checkout["id"])
    assert [one.event for one in heard] == ["checkout.failed"] * 5
    assert [one.checkout["status"] for one in heard] == ["open"] * 4 + ["failed"]


def test_all_races_left_the_books_in_order(server, receiver):
    oracle.assert_all_is_well(server, receiver)


def test_expiry_against_paying_ends_in_one_of_the_two(open_folder):
    receiver = Receiver()
    server = Server(open_folder() / "data", settings={"PAYDESK_CHECKOUT_LIFE_SECONDS": "3"}).start()
    try:
        merchant = server.merchant()

        def pay_late(number):
            checkout = with_own_order(merchant, receiver.url, f"EXPIRE-{number}")
            made_at = time.monotonic()
            prepared = Payer(checkout).open().prepared()
            # Spread around the sweep, from before the end to after it.
            time.sleep(max(0, made_at + 2.5 + number * 0.06 - time.monotonic()))
            return checkout, post(prepared)

        with ThreadPoolExecutor(8) as threads:
            checkouts, answers = zip(*threads.map(pay_late, range(24)), strict=True)
        assert {answer.status_code for answer in answers} == {200}
        ended = {"completed", "expired"}
        # On a slow machine all of them may expire; what holds of each does not depend on that.
        eventually(lambda: {merchant.status(checkout) for checkout in checkouts} <= ended)
        oracle.assert_all_is_well(server, receiver)
        for checkout in checkouts:
            final = f"checkout.{merchant.status(checkout)}"
            assert receiver.events(checkout["id"]) == [final]
            assert len(approvals(server, [checkout])) == (final == "checkout.completed")
    finally:
        assert server.stop() == 0
        receiver.close()
