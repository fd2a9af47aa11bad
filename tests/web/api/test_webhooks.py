"""`/webhooks` and `/events`: what was sent, sending it again, and the feed."""

import asyncpg
import pytest

from paydesk.kit import ids
from paydesk.limits import WEBHOOK_TRIES_MAX
from world import Receiver, eventually, faults


@pytest.fixture
def own(server):
    """A merchant of the test's own, test account."""
    return server.merchant_with(server.new_merchant("Corner shop")["test"])


@pytest.fixture
def listener():
    receiver = Receiver()
    yield receiver
    receiver.close()


def cancelled(merchant, url):
    checkout = merchant.create(url)
    merchant.http.post(f"/checkout/page/{checkout['id']}/cancel")
    return checkout


def webhook_of(merchant, checkout):
    (found,) = merchant.http.get("/webhooks", params={"checkout_id": checkout["id"]}).json()[
        "results"
    ]
    return found


def until(merchant, checkout, status, target="notify_url"):
    """The webhook, once its delivery to this target stands so."""

    def standing():
        found = webhook_of(merchant, checkout)
        stands = {one["target"]: one["status"] for one in found["deliveries"]}
        return found if stands[target] == status else None

    return eventually(standing)


def shown(merchant, webhook):
    return merchant.http.get(f"/webhooks/{webhook['id']}").json()["result"]


def resend(merchant, webhook, body=None):
    return merchant.http.post(f"/webhooks/{webhook['id']}/resend", json=body or {})


def test_what_was_sent_is_listed_with_how_it_went(own, listener):
    checkout = cancelled(own, listener.url)
    found = until(own, checkout, "DELIVERED")
    (delivery,) = found["deliveries"]
    assert (found["event"], found["sequence"]) == ("checkout.cancelled", 1)
    assert (delivery["url"], delivery["tries"], delivery["next_try_at"]) == (listener.url, 1, None)
    whole = shown(own, found)
    assert whole["payload"] == listener.got[0].json
    (tried,) = whole["tries"]
    assert (tried["attempt"], tried["status"], tried["failure"]) == (1, 200, None)
    assert tried["answer_headers"]["Content-Length"] == "0"
    assert str(tried["sent_at"]) >= found["created_at"]


def test_every_try_is_told(own, listener):
    listener.answers = [(500, {"X-Why": "upset", "Set-Cookie": "a=b"}), 302]
    found = until(own, cancelled(own, listener.url), "DELIVERED")
    tries = shown(own, found)["tries"]
    assert [(one["attempt"], one["status"], one["failure"]) for one in tries] == [
        (1, 500, "status"),
        (2, 302, "status"),
        (3, 200, None),
    ]
    assert tries[0]["answer_headers"]["X-Why"] == "upset"
    assert tries[0]["answer_headers"]["Set-Cookie"] == "(hidden)"


def test_the_list_is_narrowed(own, listener):
    endpoint = own.http.post(
        "/webhook-endpoints", json={"url": listener.url, "events": ["checkout.cancelled"]}
    ).json()["result"]
    listener.answers = []
    first = cancelled(own, listener.url)
    until(own, first, "DELIVERED", endpoint["id"])
    own.http.post(f"/webhook-endpoints/{endpoint['id']}/remove")
    second = cancelled(own, listener.url)
    until(own, second, "DELIVERED")

    def found(**filters):
        answer = own.http.get("/webhooks", params=filters)
        assert answer.status_code == 200, answer.text
        return [one["checkout_id"] for one in answer.json()["results"]]

    assert found() == [second["id"], first["id"]]
    assert found(limit=1) == [second["id"]]
    assert found(event="checkout.cancelled") == [second["id"], first["id"]]
    assert found(event="CHECKOUT_COMPLETED") == []
    assert found(status="delivered") == [second["id"], first["id"]]
    assert found(status="DEAD") == []
    assert found(target=endpoint["id"]) == [first["id"]]
    assert found(target=endpoint["id"], status="DELIVERED") == [first["id"]]
    assert found(target=endpoint["id"], status="DUE") == []
    assert found(created_at_start_date="2100-01-01") == []


@pytest.mark.parametrize(
    ("filters", "broken"),
    [
        ({"status": "LOST"}, {"status": "delivery_status"}),
        ({"event": "checkout.updated"}, {"event": "lookup"}),
        ({"target": "me"}, {"target": "target"}),
        ({"since": "2026-01-01"}, {"since": "unknown_parameter"}),
    ],
)
def test_a_filter_that_fits_nothing_is_refused(own, filters, broken):
    answer = own.http.get("/webhooks", params=filters)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer) == broken


def test_it_is_sent_again_with_the_same_id(own, listener):
    found = until(own, cancelled(own, listener.url), "DELIVERED")
    assert resend(own, found).status_code == 200
    eventually(lambda: len(listener.got) == 2)
    assert len({one.body for one in listener.got}) == 1
    assert [one.headers["X-Webhook-Attempt"] for one in listener.got] == ["1", "2"]
    assert {one.headers["webhook-id"] for one in listener.got} == {found["id"]}


def test_sent_again_it_has_all_its_tries_anew(own, listener):
    listener.answers = [500] * 7
    checkout = cancelled(own, listener.url)
    dead = until(own, checkout, "DEAD")
    assert dead["deliveries"][0]["dead_at"]
    resend(own, dead)
    found = until(own, checkout, "DELIVERED")
    assert found["deliveries"][0]["tries"] == 8
    assert [one["attempt"] for one in shown(own, found)["tries"]] == list(range(1, 9))


def test_an_endpoint_newer_than_the_event_can_be_sent_it(own, listener):
    found = until(own, cancelled(own, listener.url), "DELIVERED")
    books = Receiver()
    endpoint = own.http.post("/webhook-endpoints", json={"url": books.url}).json()["result"]
    assert resend(own, found, {"target": endpoint["id"]}).status_code == 200
    eventually(lambda: books.got)
    assert books.got[0].json["id"] == found["id"]
    assert len(listener.got) == 1
    books.close()


def test_whom_it_can_t_be_sent_to(own, listener):
    found = until(own, cancelled(own, listener.url), "DELIVERED")
    answer = resend(own, found, {"target": ids.new("whe")})
    assert (answer.status_code, faults(answer)) == (404, {"target": "endpoint_missing"})
    assert faults(resend(own, found, {"target": "me"})) == {"target": "target"}
    off = {"url": listener.url, "status": "DISABLED"}
    endpoint = own.http.post("/webhook-endpoints", json=off).json()["result"]
    answer = resend(own, found, {"target": endpoint["id"]})
    assert (answer.status_code, faults(answer)) == (409, {"target": "endpoint_disabled"})
    answer = resend(own, {"id": ids.new("web")})
    assert (answer.status_code, faults(answer)) == (404, {"id": "webhook_missing"})


def test_after_an_outage_all_that_was_given_up_is_sent_again(own, listener):
    away = Receiver()
    port = away.server.server_port
    away.close()
    delivered = cancelled(own, listener.url)
    # Few enough for the endpoint not to be spared.
    lost = [cancelled(own, away.url) for _ in range(2)]
    for checkout in lost:
        until(own, checkout, "DEAD")
    until(own, delivered, "DELIVERED")
    back = Receiver(port=port, path=away.path)
    since = "2026-01-01T00:00:00Z"
    for narrowed in ({"event": "checkout.completed"}, {"checkout_id": ids.new("chk")}):
        assert resent(own, since=since, **narrowed) == {"resent": 0, "has_more": False}
    assert resent(own, since="2100-01-01T00:00:00Z") == {"resent": 0, "has_more": False}
    assert resent(own, since=since, until="2026-01-02T00:00:00Z")["resent"] == 0
    assert resent(own, since=since) == {"resent": 2, "has_more": False}
    # Once more does no harm: they are on their way.
    assert resent(own, since=since)["resent"] == 0
    for checkout in lost:
        until(own, checkout, "DELIVERED")
    heard = [one.checkout["id"] for one in back.got]
    assert sorted(heard) == sorted(checkout["id"] for checkout in lost)
    assert len(listener.got) == 1
    back.close()


def resent(merchant, **body):
    answer = merchant.http.post("/webhooks/resend", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({}, {"since": "required"}),
        ({"since": "yesterday"}, {"since": "time"}),
        ({"since": "2026-02-30T00:00:00Z"}, {"since": "time"}),
        ({"since": 5, "event": "x"}, {"event": "lookup"}),
    ],
)
def test_sending_all_again_needs_to_know_since_when(own, body, broken):
    answer = own.http.post("/webhooks/resend", json=body)
    assert answer.status_code in {400, 422}
    assert broken.items() <= faults(answer).items()


def test_the_feed_tells_the_same_as_the_webhooks(own, listener):
    checkouts = [cancelled(own, listener.url) for _ in range(5)]
    eventually(lambda: len(listener.got) == 5)

    def feed(**asked):
        answer = own.http.get("/events", params=asked).json()
        return answer["results"], answer["next_cursor"]

    eventually(lambda: len(feed()[0]) == 5)
    told, last = feed()
    assert [one["data"][0]["checkout"]["id"] for one in told] == [one["id"] for one in checkouts]
    sent = {one.json["id"]: one.json for one in listener.got}
    assert {one["id"]: one for one in told} == sent
    assert last == told[-1]["id"]
    assert feed(cursor=last) == ([], last)
    assert feed(cursor=told[0]["id"], limit=2) == (told[1:3], told[2]["id"])
    assert feed(event="checkout.completed") == ([], None)
    newer = cancelled(own, listener.url)
    page, _ = eventually(lambda: feed(cursor=last) if feed(cursor=last)[0] else None)
    assert [one["data"][0]["checkout"]["id"] for one in page] == [newer["id"]]


def test_a_cursor_of_another_account_is_none(own, server, listener):
    other = server.merchant_with(server.new_merchant("Other")["test"])
    cancelled(other, listener.url)
    eventually(lambda: other.http.get("/events").json()["results"])
    theirs = other.http.get("/events").json()["next_cursor"]
    answer = own.http.get("/events", params={"cursor": theirs})
    assert (answer.status_code, faults(answer)) == (400, {"cursor": "cursor"})


@pytest.mark.anyio
async def test_there_is_an_end_to_sending_one_again(own, server, listener):
    found = until(own, cancelled(own, listener.url), "DELIVERED")
    connection = await asyncpg.connect(server.database_url())
    await connection.execute(
        "update deliveries set tries = $2 where event_id = $1", found["id"], WEBHOOK_TRIES_MAX
    )
    await connection.close()
    for body in ({}, {"target": "notify_url"}):
        answer = resend(own, found, body)
        assert (answer.status_code, faults(answer)) == (409, {"id": "resends_used_up"})
    assert webhook_of(own, {"id": found["checkout_id"]})["deliveries"][0]["status"] == "DELIVERED"
