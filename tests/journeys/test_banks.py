"""Paying without a card, over HTTP: at the bank, by a code, and by money sent by hand."""

import asyncio
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from copy import copy

import asyncpg
import httpx2
import pytest

from banking import BOOKED_SUMS, BankPayer, bank_sums
from paydesk import ledger
from world import Payer, Receiver, Server, eventually, faults, free_port

AT_BANK = ("INSTANT_EFT", "SCAN_TO_PAY")


@pytest.fixture(scope="module")
def world(open_folder):
    server = Server(open_folder() / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def shop(world):
    return world.merchant()


@pytest.fixture(scope="module")
def listener():
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture
def checkout(shop, listener):
    """Makes a checkout of a bare amount."""

    def make(amount="100.00", **changes):
        bare = {"order": {"reference": "ORD0045", "description": "Two tickets"}, "amount": amount}
        return shop.create(listener.url, **{**bare, **changes})

    return make


def run(world, deed):
    """What the deed makes of a connection of the owner's."""

    async def work():
        connection = await asyncpg.connect(world.database_url())
        try:
            return await deed(connection)
        finally:
            await connection.close()

    return asyncio.run(work())


def execute(world, sql, *values):
    return run(world, lambda connection: connection.execute(sql, *values))


def attempts(shop, made):
    """The checkout's attempts, oldest first."""
    return list(shop.paydesk.transactions.list(checkout_id=made["id"]).entries)[::-1]


def transfer(shop, made, *, attempt=0):
    return attempts(shop, made)[attempt]["payment_data"]["transfer"]


def becomes(payer, state):
    return eventually(lambda: payer.open().state == state)


# At the bank


@pytest.mark.parametrize("method", AT_BANK)
@pytest.mark.parametrize(
    ("step", "state", "reason", "events"),
    [
        ("approve", "paid", None, ["checkout.pending", "checkout.completed"]),
        ("refuse", "declined", "declined_generic", ["checkout.pending", "checkout.failed"]),
        ("cancel", "declined", "cancelled_by_payer", ["checkout.pending", "checkout.failed"]),
    ],
)
def test_what_the_payer_does_at_the_bank_is_the_outcome(
    shop, checkout, listener, method, step, state, reason, events
):
    made = checkout()
    payer = BankPayer(made).open().pay_by(method)
    assert payer.state == {"INSTANT_EFT": "bank", "SCAN_TO_PAY": "scan"}[method]
    assert payer.come_back(payer.at_bank(step)).state == state
    (attempt,) = attempts(shop, made)
    assert (attempt["payment_method"], attempt["unpaid_reason"]) == (method, reason)
    assert attempt["card_id"] is None
    assert eventually(lambda: listener.events(made["id"]) == events)
    assert {heard.checkout["payment_method"] for heard in listener.about(made["id"])} == {method}


def test_money_that_comes_later_is_waited_for(checkout, listener):
    made = checkout()
    payer = BankPayer(made).open().pay_by("INSTANT_EFT")
    assert payer.come_back(payer.at_bank("later")).state == "waiting"
    assert becomes(payer, "paid")
    assert eventually(lambda: len(listener.events(made["id"])) == 2)


def test_a_payer_who_never_comes_back_has_paid_all_the_same(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("SCAN_TO_PAY")
    payer.at_bank("approve")
    assert eventually(lambda: shop.status(made) == "completed")


@pytest.mark.parametrize(
    ("cents", "state", "reason"),
    [
        ("91", "paid", None),
        ("92", "declined", "declined_generic"),
        ("93", "paid", None),
        ("94", "bank", None),
        ("95", "declined", "provider_unavailable"),
    ],
)
def test_what_the_bank_does_by_itself_or_does_not_say(checkout, shop, cents, state, reason):
    made = checkout(f"100.{cents}")
    payer = BankPayer(made).open().pay_by("INSTANT_EFT")
    assert becomes(payer, state)
    (attempt,) = attempts(shop, made)
    assert attempt["unpaid_reason"] == reason
    if cents == "94":  # the answer was lost, the way to the bank is not
        assert payer.come_back(payer.at_bank("approve")).state == "paid"


def test_a_form_sent_often_at_once_is_one_payment(checkout, world):
    made = checkout()
    payer = BankPayer(made).open()
    url, data = payer.prepared()
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: payer.post(url, {**data, "method": "INSTANT_EFT"}), range(8)))
    asked = [line for line in world.sandbox_log("bank") if line["event"] == "ask"]
    token = payer.open().bank_url.rsplit("/", 1)[1]
    (one,) = [line for line in asked if line["token"] == token]
    assert one["amount"] == 10000
    assert payer.come_back(payer.at_bank("approve")).state == "paid"


def test_a_payer_may_go_back_and_pay_by_card(checkout, shop, world):
    made = checkout()
    payer = BankPayer(made).open().pay_by("INSTANT_EFT")
    page, bank_url = payer.page, payer.bank_url
    assert payer.leave_bank().state == "declined"
    assert payer.pay().state == "paid"
    # What is done at the bank afterwards moves nothing, nor does the form that was left.
    assert "cancelled" in httpx2.post(bank_url, data={"step": "approve"}).text
    payer.page = page
    assert payer.leave_bank().state == "paid"
    left, paid = attempts(shop, made)
    assert (left["transaction_status"], left["unpaid_reason"]) == ("DECLINED", "cancelled_by_payer")
    assert (paid["transaction_status"], paid["payment_method"]) == ("PAID", "CARD")


def test_who_has_paid_at_the_bank_and_then_leaves_has_paid(checkout):
    made = checkout()
    payer = BankPayer(made).open().pay_by("INSTANT_EFT")
    page = payer.page
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.submit(payer.at_bank, "approve").result()
    payer.page = page
    assert payer.leave_bank().state == "paid"


def test_nobody_cancels_what_is_at_the_bank(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("SCAN_TO_PAY")
    answer = shop.http.post(f"/checkout/page/{made['id']}/cancel")
    assert (answer.status_code, faults(answer)) == (409, {"id": "checkout_ended"})
    assert payer.come_back(payer.at_bank("approve")).state == "paid"


def test_what_runs_out_at_the_bank_can_be_paid_anew(checkout, world, shop):
    made = checkout()
    payer = BankPayer(made).open()
    execute(
        world,
        "update checkouts set expires_at = now() + interval '30 seconds' where id = $1",
        made["id"],
    )
    payer.pay_by("INSTANT_EFT")
    execute(world, "update checkouts set expires_at = now() where id = $1", made["id"])
    (attempt,) = attempts(shop, made)
    sql = "select extract(epoch from handover_until - created_at) from transactions where id = $1"
    until = run(world, lambda connection: connection.fetchval(sql, attempt["id"]))
    assert 119 < until < 121  # however soon the checkout ends, there is time to agree
    payer.at_bank("cancel")
    assert becomes(payer, "expired")


# Hints


def test_a_return_that_nobody_was_given_is_unknown(world):
    assert httpx2.get(f"{world.base_url}/bank/return/guess").status_code == 404


def test_a_return_before_anything_was_done_changes_nothing(checkout, world):
    payer = BankPayer(checkout()).open().pay_by("INSTANT_EFT")
    bank_url = payer.bank_url
    asked = [line for line in world.sandbox_log("bank") if line["event"] == "ask"]
    (ours,) = [one for one in asked if one["token"] == bank_url.rsplit("/", 1)[1]]
    assert payer.come_back(ours["return_url"]).state == "bank"
    assert payer.bank_url == bank_url
    assert payer.come_back(payer.at_bank("approve")).state == "paid"
    assert payer.come_back(ours["return_url"]).state == "paid"


@pytest.mark.parametrize(
    ("bank", "status"), [("sandbox-bank", 401), ("nobody", 404), ("sandbox", 404)]
)
def test_a_forged_notice_is_not_heard(world, bank, status):
    url = f"{world.base_url}/bank/notify/{bank}"
    headers = {"X-Bank-Timestamp": "1", "X-Bank-Signature": "00"}
    for body in (b"", b"{}", b'{"reference": "tra_1"}', b"\xff"):
        assert httpx2.post(url, content=body, headers=headers).status_code == status
    assert httpx2.get(url).status_code in (404, 405)


def test_a_notice_of_a_megabyte_is_not_read(world):
    url = f"{world.base_url}/bank/notify/sandbox-bank"
    assert httpx2.post(url, content=b"x" * 1_000_000).status_code == 413


# By hand


def test_a_transfer_of_the_amount_pays(checkout, listener, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    assert payer.state == "transfer"
    reference = transfer(shop, made)["payer_reference"]
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", reference)
    for shown in (reference, "R100.00", "0000012345", "Sandbox Bank"):
        assert shown in payer.page.text
    assert eventually(lambda: listener.events(made["id"]) == ["checkout.pending"])
    payer.send("100.00")
    assert becomes(payer, "paid")
    assert eventually(lambda: listener.events(made["id"])[1:] == ["checkout.completed"])
    assert transfer(shop, made) == {
        "payer_reference": reference,
        "pay_until": transfer(shop, made)["pay_until"],
        "amount_received": "100.00",
        "amount_returned": "0.00",
        "amount_to_return": "0.00",
    }


def test_what_is_short_waits_for_the_rest(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("99.99")
    assert eventually(lambda: "R0.01 is still missing" in payer.open().page.text)
    assert shop.status(made) == "pending"
    payer.send("0.01")
    assert becomes(payer, "paid")


def goes_back(shop, made, amount, *, attempt=0):
    def is_back():
        sums = transfer(shop, made, attempt=attempt)
        return (sums["amount_returned"], sums["amount_to_return"]) == (amount, "0.00")

    return eventually(is_back)


def test_what_is_too_much_goes_back(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("60.00").send("70.50")
    assert becomes(payer, "paid")
    assert goes_back(shop, made, "30.50")
    (attempt,) = attempts(shop, made)
    ((done,), paid) = attempt["modifications"], attempt["transaction_status"]
    assert (done["modification_type"], done["modification_status"]) == ("RETURN", "COMPLETED")
    assert (done["amount"], done["is_automatic"], paid) == ("30.50", True, "PAID")
    assert "R30.50 came by bank transfer and has been sent back." in payer.open().page.text
    # Money that pays for nothing is no refund of what was sold.
    (receipt,) = shop.paydesk.invoices.list(checkout_id=made["id"]).entries
    assert (receipt["kind"], receipt["amount_total"]) == ("RECEIPT", "100.00")


def test_what_comes_after_paying_another_way_goes_back(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    page = payer.page
    assert payer.leave_bank().pay().state == "paid"
    payer.page = page
    payer.send("100.00")
    assert goes_back(shop, made, "100.00")
    assert "R100.00 came by bank transfer" in payer.open().page.text
    assert [one["transaction_status"] for one in attempts(shop, made)] == ["DECLINED", "PAID"]


def test_what_was_sent_before_leaving_goes_back(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("40.00")
    assert eventually(lambda: transfer(shop, made)["amount_received"] == "40.00")
    assert payer.open().leave_bank().state == "declined"
    assert goes_back(shop, made, "40.00")
    assert "R40.00 came by bank transfer" in payer.open().page.text


def test_what_is_short_at_the_end_goes_back(checkout, shop, world, listener):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("40.00")
    assert eventually(lambda: transfer(shop, made)["amount_received"] == "40.00")
    (attempt,) = attempts(shop, made)
    execute(
        world,
        "update transactions set handover_until = now(), due_at = now() where id = $1",
        attempt["id"],
    )
    assert becomes(payer, "declined")
    assert goes_back(shop, made, "40.00")
    assert eventually(lambda: listener.events(made["id"])[1:] == ["checkout.failed"])
    assert attempts(shop, made)[0]["unpaid_reason"] == "expired"


def test_what_is_not_to_go_back_by_itself_waits_for_its_merchant(checkout, shop):
    shop.http.post("/merchant", json={"policies": {"return_surplus": False}})
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("130.00")
    assert becomes(payer, "paid")
    assert transfer(shop, made)["amount_to_return"] == "30.00"
    assert "R30.00 came by bank transfer and is being sent back." in payer.open().page.text
    answer = shop.http.post("/merchant", json={"policies": {"return_surplus": None}})
    assert answer.json()["result"]["policies"]["return_surplus"] is True
    assert goes_back(shop, made, "30.00")


def test_a_checkout_that_waits_for_a_transfer_can_be_cancelled(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN").send("40.00")
    assert eventually(lambda: transfer(shop, made)["amount_received"] == "40.00")
    assert shop.http.post(f"/checkout/page/{made['id']}/cancel").status_code == 200
    assert payer.open().state == "cancelled"
    assert goes_back(shop, made, "40.00")


def receive(shop, attempt, **body):
    return shop.http.post(f"/transactions/{attempt['id']}/receive", json=body)


def test_the_merchants_word_pays_and_the_banks_report_of_it_is_no_more_money(checkout, shop):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    (attempt,) = attempts(shop, made)
    assert receive(shop, attempt, amount="40.00").status_code == 200
    answer = receive(shop, attempt, amount="60.00", sender="T. Payer")
    assert answer.json()["result"]["transaction_status"] == "PAID"
    payer.send("60.00").send("40.00").send("1.00")
    assert goes_back(shop, made, "1.00")
    assert transfer(shop, made)["amount_received"] == "101.00"
    answer = receive(shop, attempt, amount="1.00")
    assert (answer.status_code, faults(answer)) == (409, {"id": "transfer_ended"})


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ({}, {"amount": "required"}),
        ({"amount": "0.00"}, {"amount": "amount"}),
        ({"amount": "-1.00"}, None),
        ({"amount": "1.001"}, None),
        ({"amount": None}, None),
        ({"amount": "1.00", "sender": "x" * 1001}, None),
    ],
)
def test_a_receipt_that_is_not_understood_is_refused(checkout, shop, body, rules):
    made = checkout()
    BankPayer(made).open().pay_by("PAYIN")
    answer = receive(shop, attempts(shop, made)[0], **body)
    assert answer.status_code in (400, 422)
    if rules is not None:
        assert faults(answer) == rules
    assert transfer(shop, made)["amount_received"] == "0.00"


def test_nothing_is_received_for_a_card_or_for_nobody(checkout, shop):
    made = checkout()
    Payer(made).open().pay()
    answer = receive(shop, attempts(shop, made)[0], amount="1.00")
    assert (answer.status_code, faults(answer)) == (409, {"id": "not_by_hand"})
    answer = receive(shop, {"id": "tra_01k5m000000000000000000000"}, amount="1.00")
    assert (answer.status_code, faults(answer)) == (404, {"id": "transaction_missing"})


def test_a_receipt_sent_twice_under_one_key_is_one(checkout, shop):
    made = checkout()
    BankPayer(made).open().pay_by("PAYIN")
    (attempt,) = attempts(shop, made)
    for _ in range(2):
        shop.paydesk.transactions.receive(
            attempt["id"], amount="30.00", idempotency_key=f"once-{attempt['id']}"
        )
    assert transfer(shop, made)["amount_received"] == "30.00"


# What is offered


def offered(payer):
    return re.findall(r'name="method" value="(\w+)"', payer.open().page.text)


def methods(shop):
    return {one["payment_method_type"]: one["id"] for one in shop.paydesk.payment_methods.list()}


def test_the_named_methods_are_offered_cards_first(checkout, shop):
    ids = methods(shop)
    assert offered(BankPayer(checkout())) == ["CARD", "INSTANT_EFT", "SCAN_TO_PAY", "PAYIN"]
    two = [ids["PAYIN"], ids["CARD"]]
    assert offered(BankPayer(checkout(payment={"payment_methods_ids": two}))) == ["CARD", "PAYIN"]
    one = BankPayer(checkout(payment={"payment_methods_ids": [ids["SCAN_TO_PAY"]]}))
    assert offered(one) == ["SCAN_TO_PAY"]
    assert "cc-number" not in one.page.text
    cards = BankPayer(checkout(payment={"payment_methods_ids": [ids["CARD"]]}))
    assert offered(cards) == []
    assert "cc-number" in cards.page.text


def test_what_is_not_offered_is_not_taken(checkout, shop):
    made = checkout(payment={"payment_methods_ids": [methods(shop)["CARD"]]})
    payer = BankPayer(made).open().pay_by("PAYIN")
    assert (payer.page.status_code, payer.state) == (422, "open")
    assert attempts(shop, made) == []


def test_banks_take_no_holds_and_no_other_money(checkout, shop):
    hold = checkout(payment={"payment_type": "PRE_AUTHORIZATION"})
    assert offered(BankPayer(hold)) == []
    body = shop.body()
    body.update(
        amount="100.00",
        currency="USD",
        order={"reference": "ORD0045", "description": "Two tickets"},
    )
    del body["currency_lookups_id"]
    made = shop.post(body).json()["result"]
    assert offered(BankPayer(made)) == []
    body["payment"] = {"payment_methods_ids": [methods(shop)["PAYIN"]]}
    answer = shop.post(body)
    assert answer.json()["error_code"] == "005"
    assert faults(answer) == {"payment.payment_methods_ids": "no_payment_method"}


@pytest.fixture
def limit(world):
    """Sets a method's limit, in cents, until the test is over."""

    def set_limit(column, type_, cents):
        execute(world, f"update payment_methods set {column} = $1 where type = $2", cents, type_)

    yield set_limit
    execute(world, "update payment_methods set item_limit = null, monthly_limit = null")


def test_a_method_takes_nothing_above_its_limit(checkout, limit, shop):
    limit("item_limit", "PAYIN", 10_000)
    eventually(lambda: shop.http.get("/payment-methods").text.count('"100.00"') == 1)
    assert "PAYIN" in offered(BankPayer(checkout("100.00")))
    assert "PAYIN" not in offered(BankPayer(checkout("100.01")))
    ids = methods(shop)
    body = {
        **shop.body(),
        "amount": "100.01",
        "order": {"reference": "ORD0045", "description": "Two tickets"},
    }
    answer = shop.post({**body, "payment": {"payment_method_id": ids["PAYIN"]}})
    assert faults(answer) == {"payment.payment_method_id": "no_payment_method"}


def test_a_method_takes_no_more_than_its_limit_in_a_month(checkout, limit, shop):
    taken = sum(
        round(float(one["amount"]) * 100)
        for one in shop.paydesk.transactions.each()
        if one["payment_method"] == "SCAN_TO_PAY"
        and one["transaction_status"] in ("PAID", "PENDING")
    )
    limit("monthly_limit", "SCAN_TO_PAY", taken + 10_000)
    eventually(lambda: "monthly_limit" in shop.http.get("/payment-methods").text)
    first, second = checkout("100.00"), checkout("0.01")
    eventually(lambda: BankPayer(first).open().pay_by("SCAN_TO_PAY").state == "scan")
    payer = BankPayer(second).open().pay_by("SCAN_TO_PAY")
    assert payer.page.status_code == 422
    assert "has reached its limit" in payer.page.text
    assert attempts(shop, second) == []
    assert payer.pay().state == "paid"


# Giving back


@pytest.mark.parametrize("method", ["INSTANT_EFT", "PAYIN"])
def test_what_came_through_a_bank_can_be_refunded(checkout, shop, method):
    made = checkout()
    payer = BankPayer(made).open().pay_by(method)
    if method == "PAYIN":
        payer.send("100.00")
    else:
        payer.at_bank("approve")
    assert becomes(payer, "paid")
    (attempt,) = attempts(shop, made)
    part = shop.paydesk.transactions.refund(attempt["id"], amount="30.00")
    assert part["modification_status"] == "COMPLETED"
    rest = shop.paydesk.transactions.refund(attempt["id"])
    assert (rest["amount"], rest["transaction"]["transaction_status"]) == ("70.00", "REFUNDED")


def test_where_no_bank_reports_the_merchants_word_is_the_only_one(checkout, shop, world):
    execute(world, "update payment_methods set connector = null where type = 'PAYIN'")
    try:
        made, payer = eventually(lambda: _by_hand(checkout))
        (attempt,) = attempts(shop, made)
        assert receive(shop, attempt, amount="100.00").status_code == 200
        assert payer.open().state == "paid"
        assert receive(shop, attempt, amount="5.00").status_code == 200
        assert transfer(shop, made)["amount_to_return"] == "5.00"
        answer = shop.http.post(f"/transactions/{attempt['id']}/refund", json={})
        assert (answer.status_code, faults(answer)) == (409, {"id": "paid_by_hand"})
    finally:
        execute(world, "update payment_methods set connector = 'sandbox-bank' where type = 'PAYIN'")


def _by_hand(checkout):
    """A transfer that no bank reports, and its payer, once the web processes know of that."""
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    assert payer.state == "transfer"
    return None if "/transfer?" in payer.page.text else (made, payer)


# What is killed


@pytest.mark.parametrize("program", ["sandbox", "worker", "web"])
def test_a_killed_program_loses_no_payment(checkout, shop, world, program):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    for pid in world.children()[program]:
        os.kill(pid, signal.SIGKILL)
    # A page that is asked for meanwhile may not come.
    eventually(lambda: _tries(lambda: payer.send("100.00")))
    assert eventually(lambda: _tries(lambda: payer.open().state) == "paid")
    assert transfer(shop, made)["amount_received"] == "100.00"


def test_money_that_came_while_nobody_heard_is_found_by_the_next_worker(checkout, shop, world):
    made = checkout()
    payer = BankPayer(made).open().pay_by("PAYIN")
    sending = copy(payer)
    payer.leave_bank()
    (attempt,) = attempts(shop, made)
    assert attempt["transaction_status"] == "DECLINED"
    sending.send("100.00", notify_url=f"http://127.0.0.1:{free_port()}/")
    for pid in world.children()["worker"]:
        os.kill(pid, signal.SIGKILL)
    came = {"amount_received": "100.00", "amount_returned": "100.00"}
    assert eventually(lambda: came.items() <= transfer(shop, made).items())


def _tries(deed):
    try:
        return deed()
    except (httpx2.TransportError, TypeError):
        return None


def test_it_all_left_the_books_right(world, shop):
    """The books agree with themselves, and with what the bank wrote down."""

    async def verify(connection):
        booked = {row["reference"]: row["amount"] for row in await connection.fetch(BOOKED_SUMS)}
        by_hand = await connection.fetch(
            "select payer_reference from transactions where connector = 'by-hand'"
        )
        return (await ledger.verify(connection)).wrong, booked, {row[0] for row in by_hand}

    def agree():
        wrong, booked, by_hand = run(world, verify)
        at_bank = bank_sums(world.sandbox_log("bank"))
        booked = {key: sum_ for key, sum_ in booked.items() if sum_ and key not in by_hand}
        return wrong == () and booked == at_bank

    assert eventually(agree)
