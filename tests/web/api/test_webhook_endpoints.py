"""`/webhook-endpoints`: who hears of all of an account's events."""

from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx2
import pytest
from standardwebhooks import Webhook

from paydesk import limits
from paydesk.kit import ids
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


def made(merchant, url, **fields):
    answer = merchant.http.post("/webhook-endpoints", json={"url": url, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def call(merchant, endpoint, verb="", body=None):
    path = f"/webhook-endpoints/{endpoint['id']}{verb}"
    answer = merchant.http.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def cancelled(merchant, receiver):
    """A checkout that was cancelled: it owes one event."""
    checkout = merchant.create(receiver.url)
    merchant.http.post(f"/checkout/page/{checkout['id']}/cancel")
    return checkout


def heard(receiver, count=1):
    eventually(lambda: len(receiver.got) >= count)
    return receiver.got[count - 1]


def test_it_hears_of_a_checkout_beside_its_notify_url(own, receiver, listener):
    endpoint = made(own, listener.url, events=["checkout.cancelled"])
    checkout = cancelled(own, receiver)
    told = heard(listener)
    (own_address,) = eventually(lambda: receiver.about(checkout["id"]))
    assert told.json["type"] == own_address.event == "checkout.cancelled"
    assert told.json["results"] == [own_address.checkout]
    assert told.json["id"] == own_address.json["id"] == told.headers["webhook-id"]
    assert told.is_signed_with(endpoint["secret"])
    assert Webhook(endpoint["secret"]).verify(told.body, told.headers)
    assert not told.is_signed_with(own.credentials["webhook_secret"])


def test_it_hears_only_what_it_asked_for(own, receiver, listener):
    endpoint = made(own, listener.url, events=["checkout.completed"])
    cancelled(own, receiver)
    call(own, endpoint, body={"events": "CHECKOUT_CANCELLED, checkout.failed"})
    second = cancelled(own, receiver)
    assert heard(listener).json["results"][0]["id"] == second["id"]
    assert len(listener.got) == 1


def test_another_account_s_events_are_not_heard(own, server, receiver, listener):
    made(own, listener.url, events=["checkout.cancelled"])
    cancelled(server.merchant_with(server.new_merchant("Other")["test"]), receiver)
    mine = cancelled(own, receiver)
    assert heard(listener).json["results"][0]["id"] == mine["id"]
    assert len(listener.got) == 1


def test_a_url_is_all_that_is_needed_and_the_secret_is_shown_once(own, listener):
    endpoint = made(own, listener.url)
    assert (endpoint["status"], endpoint["events"], endpoint["retry_schedule"]) == (
        "LIVE",
        [],
        "SHORT",
    )
    assert endpoint["secret"].startswith("whsec_")
    shown = own.http.get(f"/webhook-endpoints/{endpoint['id']}").json()["result"]
    assert shown == {name: endpoint[name] for name in endpoint if name != "secret"}
    assert own.http.get("/webhook-endpoints").json()["results"] == [shown]


@pytest.mark.anyio
async def test_the_secret_is_nowhere_in_the_database(server, own, listener):
    path, body = "/webhook-endpoints", {"url": listener.url, "name": '"secret":"(cut)"'}
    headers = {"Idempotency-Key": ids.new("key")}
    first = own.http.post(path, json=body, headers=headers)
    secret = first.json()["result"]["secret"]
    again = own.http.post(path, json=body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    connection = await asyncpg.connect(server.database_url())
    for table in ("webhook_endpoints", "idempotency_keys"):
        rows = await connection.fetch(f"select * from {table}")
        stored = b"|".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in rows
            for value in row.values()
        )
        assert secret.encode() not in stored
        assert secret.removeprefix("whsec_").encode() not in stored
    await connection.close()


def test_a_rotated_secret_signs_beside_the_old_one(own, receiver, listener):
    endpoint = made(own, listener.url, events=["checkout.cancelled"])
    rotated = call(own, endpoint, "/rotate", {"overlap_hours": 1})
    assert rotated["secret"] != endpoint["secret"]
    assert rotated["old_secret_ends_at"]
    cancelled(own, receiver)
    told = heard(listener)
    for secret in (endpoint["secret"], rotated["secret"]):
        assert Webhook(secret).verify(told.body, told.headers)
    assert told.is_signed_with(endpoint["secret"])
    path = f"/webhook-endpoints/{endpoint['id']}/rotate"
    refused = own.http.post(path, json={"overlap_hours": 1})
    assert faults(refused) == {"overlap_hours": "overlap_under_way"}
    ended = call(own, endpoint, "/rotate", {"overlap_hours": 0})
    assert ended["old_secret_ends_at"] is None
    cancelled(own, receiver)
    told = heard(listener, 2)
    assert told.headers["webhook-signature"].count("v1,") == 1
    assert told.is_signed_with(ended["secret"])


@pytest.mark.parametrize("hours", [-1, 73, 1.5, "24"])
def test_an_overlap_has_bounds(own, listener, hours):
    endpoint = made(own, listener.url)
    path = f"/webhook-endpoints/{endpoint['id']}/rotate"
    answer = own.http.post(path, json={"overlap_hours": hours})
    assert list(faults(answer)) == ["overlap_hours"]


def test_a_disabled_one_hears_nothing_until_it_is_live(own, receiver, listener):
    endpoint = made(own, listener.url, events=["checkout.cancelled"])
    disabled = call(own, endpoint, body={"status": "DISABLED"})
    assert (disabled["status"], disabled["disabled_by"]) == ("DISABLED", "merchant")
    cancelled(own, receiver)
    live = call(own, endpoint, body={"status": "live"})
    assert (live["status"], live["disabled_by"], live["disabled_at"]) == ("LIVE", None, None)
    second = cancelled(own, receiver)
    assert heard(listener).json["results"][0]["id"] == second["id"]


def test_what_is_on_its_way_goes_to_the_new_address(own, receiver, listener):
    away = Receiver()
    away.close()
    endpoint = made(own, away.url, events=["checkout.cancelled"])
    checkout = cancelled(own, receiver)
    eventually(lambda: own.http.get("/webhooks", params={"checkout_id": checkout["id"]}).json())
    call(own, endpoint, body={"url": listener.url})
    assert heard(listener).json["results"][0]["id"] == checkout["id"]


def test_a_removed_one_is_gone(own, receiver, listener):
    endpoint = made(own, listener.url)
    assert call(own, endpoint, "/remove")["id"] == endpoint["id"]
    assert own.http.get("/webhook-endpoints").json()["results"] == []
    for verb in ("", "/remove", "/rotate", "/ping"):
        answer = own.http.post(f"/webhook-endpoints/{endpoint['id']}{verb}", json={})
        assert (answer.status_code, faults(answer)) == (404, {"id": "endpoint_missing"})
    cancelled(own, receiver)
    other = made(own, listener.url)
    cancelled(own, receiver)
    assert Webhook(other["secret"]).verify(heard(listener).body, heard(listener).headers)


def test_there_is_an_end_to_how_many(own, listener):
    for _ in range(limits.WEBHOOK_ENDPOINTS_MAX):
        last = made(own, listener.url)
    answer = own.http.post("/webhook-endpoints", json={"url": listener.url})
    assert (answer.status_code, list(faults(answer).values())) == (409, ["endpoints_used_up"])
    call(own, last, "/remove")
    made(own, listener.url)


def test_a_ping_is_answered_with_what_came_of_it(own, listener):
    endpoint = made(own, listener.url)
    listener.answers = [(418, {"X-Kind": "teapot", "Set-Cookie": "a=b"})]
    failed = call(own, endpoint, "/ping")
    assert (failed["is_acknowledged"], failed["status"], failed["failure"]) == (
        False,
        418,
        "status",
    )
    assert failed["answer_headers"]["X-Kind"] == "teapot"
    assert failed["answer_headers"]["Set-Cookie"] == "(hidden)"
    taken = call(own, endpoint, "/ping")
    assert (taken["is_acknowledged"], taken["failure"]) == (True, None)
    for told in listener.got:
        assert (told.json["type"], told.json["results"]) == ("webhook.ping", [])
        assert Webhook(endpoint["secret"]).verify(told.body, told.headers)
    # Nothing of it is kept.
    assert own.http.get("/webhooks").json()["results"] == []


def test_a_ping_of_nobody_says_so(own):
    away = Receiver()
    away.close()
    pinged = call(own, made(own, away.url), "/ping")
    assert (pinged["is_acknowledged"], pinged["failure"]) == (False, "connect")


def test_pings_that_are_kept_waiting_leave_room_for_other_calls(own, listener):
    endpoint = made(own, listener.url)
    listener.answering.clear()
    path = f"{own.server.base_url}/webhook-endpoints/{endpoint['id']}/ping"
    key = (own.credentials["api_key"], own.credentials["api_secret"])
    # There are two web processes.
    count = 3 * limits.PINGS_AT_ONCE_MAX
    with ThreadPoolExecutor(count) as pool:
        asked = [pool.submit(httpx2.post, path, auth=key, timeout=60) for _ in range(count)]
        eventually(lambda: len(listener.got) + sum(one.done() for one in asked) == count)
        listener.answering.set()
        answers = [one.result() for one in asked]
    refused = [one for one in answers if one.status_code != 200]
    assert len(refused) >= limits.PINGS_AT_ONCE_MAX
    assert {one.status_code for one in refused} == {429}
    assert faults(refused[0]) == {"id": "pings_under_way"}
    assert refused[0].headers["Retry-After"]


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({}, {"url": "required"}),
        ({"url": " "}, {"url": "required"}),
        ({"url": 5}, {"url": "string"}),
        ({"url": "https://10.0.0.1/"}, {"url": "private_address"}),
        ({"url": "http://shop.example/"}, {"url": "https_required"}),
        ({"url": "https://nowhere.invalid/"}, {"url": "host_unknown"}),
        ({"events": ["checkout.updated"]}, {"url": "required", "events.0": "lookup"}),
        ({"events": [1]}, {"url": "required", "events.0": "string"}),
        ({"status": "ON"}, {"url": "required", "status": "endpoint_status"}),
        ({"status": None, "name": "x" * 65}, {"url": "required", "name": "max_length"}),
        ({"name": "a\nb"}, {"url": "required", "name": "printable"}),
        ({"retry_schedule": "EVER"}, {"url": "required", "retry_schedule": "retry_schedule"}),
    ],
)
def test_every_fault_is_named(own, body, broken):
    answer = own.http.post("/webhook-endpoints", json=body)
    assert faults(answer) == broken
    assert own.http.get("/webhook-endpoints").json()["results"] == []


def test_a_live_endpoint_is_never_on_this_machine(server, listener):
    live = server.merchant_with(server.new_merchant("Live shop")["live"])
    answer = live.http.post("/webhook-endpoints", json={"url": listener.url})
    assert list(faults(answer)) == ["url"]


def test_a_url_is_not_taken_away_by_a_change(own, listener):
    endpoint = made(own, listener.url)
    path = f"/webhook-endpoints/{endpoint['id']}"
    assert faults(own.http.post(path, json={"url": None})) == {"url": "required"}
    changed = call(own, endpoint, body={"name": "Books", "retry_schedule": "long"})
    assert (changed["name"], changed["retry_schedule"], changed["url"]) == (
        "Books",
        "LONG",
        listener.url,
    )
    back = call(own, endpoint, body={"name": None, "retry_schedule": None, "events": None})
    assert (back["name"], back["retry_schedule"], back["events"]) == ("", "SHORT", [])


def test_an_endpoint_is_changed_by_whole_requests_only(own, listener):
    endpoint = made(own, listener.url)
    key = (own.credentials["api_key"], own.credentials["api_secret"])
    answer = httpx2.post(
        f"{own.server.base_url}/webhook-endpoints/{endpoint['id']}", auth=key, content=b"{"
    )
    assert answer.json()["error_code"] == "002"
