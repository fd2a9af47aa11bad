"""What a merchant's receiver hears over the wire, when it answers and when it does not."""

import itertools
import time

import pytest

import oracle
from world import DECLINED, Payer, Receiver, Server, eventually

RETRIES = (1, 2, 3)
SETTINGS = {
    "PAYDESK_WEBHOOK_RETRY_SECONDS": ",".join(map(str, RETRIES)),
    "PAYDESK_ABANDONED_AFTER_SECONDS": "2",
    "PAYDESK_CHECKOUT_LIFE_SECONDS": "10",
}


@pytest.fixture(scope="module")
def world(open_folder):
    server = Server(open_folder() / "data", settings=SETTINGS).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def listener():
    listening = Receiver()
    yield listening
    listening.close()


def told(listener, checkout, count):
    eventually(lambda: len(listener.about(checkout["id"])) >= count)
    return listener.about(checkout["id"])


def test_a_failing_receiver_is_tried_four_times_and_no_more(world, listener):
    merchant = world.merchant()
    listener.answers = [500] * 4
    checkout = merchant.create(listener.url)
    Payer(checkout).open().pay()
    heard = eventually(lambda: len(listener.got) == 4 and list(listener.got))
    gaps = [later.at - one.at for one, later in itertools.pairwise(heard)]
    for gap, seconds in zip(gaps, RETRIES, strict=True):
        assert gap >= 0.8 * seconds
    assert [one.headers["X-Webhook-Attempt"] for one in heard] == ["1", "2", "3", "4"]
    assert all(one.is_signed_with(merchant.credentials["webhook_secret"]) for one in heard)
    books = oracle.assert_all_is_well(world, listener)
    (event,) = [row for row in books.events if row["checkout_id"] == checkout["id"]]
    (row,) = [row for row in books.deliveries if row["event_id"] == event["id"]]
    assert row["state"] == "dead"
    assert len(listener.got) == 4


def tries_of(merchant, checkout):
    """How often the checkout's own address was told of its events so far."""
    found = merchant.http.get("/webhooks", params={"checkout_id": checkout["id"]}).json()
    return sum(one["deliveries"][0]["tries"] for one in found["results"])


def test_a_receiver_that_was_down_hears_of_it(world):
    first = Receiver()
    port = first.server.server_port
    first.close()
    merchant = world.merchant()
    checkout = merchant.create(first.url)
    Payer(checkout).open().pay()
    eventually(lambda: tries_of(merchant, checkout) > 0)
    again = Receiver(port=port, path=first.path)
    try:
        (heard,) = told(again, checkout, 1)
        assert heard.event == "checkout.completed"
        assert heard.headers["X-Webhook-Attempt"] in {"2", "3", "4"}
    finally:
        again.close()


def test_cancelling_is_told_once_with_the_reason(world, listener):
    merchant = world.merchant()
    by_payer, by_merchant = merchant.create(listener.url), merchant.create(listener.url)
    Payer(by_payer).open().cancel()
    for _ in range(2):
        answer = merchant.http.post(f"/checkout/page/{by_merchant['id']}/cancel")
        assert answer.status_code == 200
    for checkout, reason in [(by_payer, "customer"), (by_merchant, "merchant")]:
        (heard,) = told(listener, checkout, 1)
        assert heard.event == "checkout.cancelled"
        assert heard.checkout["cancellation_reason"] == reason
        assert heard.checkout["cancelled_at"]


def test_leaving_and_expiring_are_each_told_once_and_in_order(world, listener):
    merchant = world.merchant()
    left, never_opened = merchant.create(listener.url), merchant.create(listener.url)
    failed = merchant.create(listener.url)
    Payer(left).open()
    Payer(failed).open().pay(number=DECLINED)
    for checkout in (left, never_opened, failed):
        eventually(lambda c=checkout: merchant.status(c) == "expired")
    heard = {
        "left": [(one.event, one.checkout["sequence"]) for one in told(listener, left, 2)],
        "never": [(one.event, one.checkout["sequence"]) for one in told(listener, never_opened, 1)],
        "failed": [(one.event, one.checkout["sequence"]) for one in told(listener, failed, 3)],
    }
    assert heard == {
        "left": [("checkout.abandoned", 1), ("checkout.expired", 2)],
        "never": [("checkout.expired", 1)],
        "failed": [("checkout.failed", 1), ("checkout.abandoned", 2), ("checkout.expired", 3)],
    }
    time.sleep(1.5)
    oracle.assert_all_is_well(world, listener)
    assert len(listener.about(left["id"])) == 2


def test_loopback_is_refused_at_creation_without_its_setting(open_folder, listener):
    settings = {"PAYDESK_WEBHOOK_ALLOW_LOOPBACK": "0"}
    server = Server(open_folder() / "data", settings=settings).start()
    try:
        merchant = server.merchant()
        answer = merchant.post(merchant.body(listener.url))
        assert answer.status_code == 422
        assert answer.json()["error_code"] == "005"
        ((record),) = answer.json()["error_details"]
        fault = record["errors"]["redirects.notify_url"]
        assert "PAYDESK_WEBHOOK_ALLOW_LOOPBACK" in fault["message"]
    finally:
        assert server.stop() == 0
