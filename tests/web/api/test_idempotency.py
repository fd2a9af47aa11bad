"""`Idempotency-Key`: the same request again is the same answer, and one effect."""

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx2
import pytest

from paydesk.kit import ids
from world import changed, eventually, faults


@pytest.fixture
def key():
    return {"Idempotency-Key": ids.new("key")}


async def _count(server, sql, *values):
    connection = await asyncpg.connect(server.database_url())
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


def test_the_same_request_again_is_answered_the_same(merchant, full, key):
    first, again = merchant.post(full, **key), merchant.post(full, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    versioned = merchant.http.post("/1.0/checkout/page", json=full, headers=key)
    assert versioned.content == first.content


def test_without_a_key_every_request_counts(merchant, full):
    assert merchant.create()["id"] != merchant.create()["id"]


def test_a_key_is_for_one_request(merchant, full, key):
    first = merchant.post(full, **key)
    other = merchant.post(changed(full, "order.description", "Else"), **key)
    assert (other.status_code, other.json()["error_code"]) == (422, "905")
    assert faults(other) == {"Idempotency-Key": "idempotency_key_reused"}
    assert merchant.post(full, **key).content == first.content


@pytest.mark.parametrize("bad", [b"", b"k" * 256, b"k\xff", "ключ".encode(), b"a\tb"])
def test_a_key_is_1_to_255_printable_characters(merchant, full, bad):
    answer = merchant.http.post("/checkout/page", json=full, headers={"Idempotency-Key": bad})
    assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
    assert faults(answer) == {"Idempotency-Key": "idempotency_key_invalid"}


@pytest.mark.parametrize("good", ["k", "k" * 223, "a b", "' or 1=1", "~!@#$%^&*()"])
def test_any_printable_key_will_do(merchant, full, good):
    unique = {"Idempotency-Key": f"{good} {ids.new('key')}"}
    first = merchant.post(full, **unique)
    assert first.status_code == 200
    assert merchant.post(full, **unique).content == first.content


def test_a_refusal_is_not_kept(merchant, full, key):
    assert merchant.post(changed(full, "amount", "1e3"), **key).status_code == 422
    assert merchant.post({**full, "order_id": "ord_1"}, **key).status_code == 404
    corrected = merchant.post(full, **key)
    assert corrected.status_code == 200
    assert "Idempotent-Replayed" not in corrected.headers


def test_cancelling_is_replayed_too(merchant, key):
    made, other = merchant.create(), merchant.create()
    path = f"/checkout/page/{made['id']}/cancel"
    first, again = merchant.http.post(path, headers=key), merchant.http.post(path, headers=key)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["result"]["page_url"] == made["page_url"]
    # Another checkout is another route, for which the key is fresh.
    elsewhere = merchant.http.post(f"/checkout/page/{other['id']}/cancel", headers=key)
    assert elsewhere.json()["result"]["id"] == other["id"]


@pytest.mark.anyio
async def test_50_keys_sent_10_times_at_once_make_50_checkouts(server, merchant, full):
    run = ids.new("run")
    reference = run[:30]
    body = changed(full, "order.reference", reference)
    # Each with a customer of its own, so that nothing but the key makes them wait.
    bodies = {f"{run}-{n}": changed(body, "customer.reference", f"{run}-{n}") for n in range(50)}

    def send(key):
        return key, merchant.post(bodies[key], **{"Idempotency-Key": key})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, [key for key in bodies for _ in range(10)]))

    codes = Counter(answer.status_code for _, answer in answers)
    assert codes.keys() <= {200, 409}, codes
    bodies_by_key = {key: set() for key in bodies}
    for key, answer in answers:
        if answer.status_code == 200:
            bodies_by_key[key].add(answer.content)
    assert [len(contents) for contents in bodies_by_key.values()] == [1] * 50
    replayed = sum("Idempotent-Replayed" in answer.headers for _, answer in answers)
    assert codes[200] - replayed == 50
    made = await _count(server, "select count(*) from orders where reference = $1", reference)
    assert made == 50


@pytest.mark.anyio
async def test_one_customer_in_many_requests_at_once_is_one_customer(server, merchant, full):
    reference = ids.new("cln")
    body = changed(full, "customer.reference", reference)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: merchant.post(body), range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["result"]["customer_id"] for answer in answers}) == 1


@pytest.mark.anyio
async def test_what_is_kept_opens_no_page(server, merchant, full, key):
    made = merchant.post(full, **key).json()["result"]
    token = made["page_url"].rpartition("/")[2]
    connection = await asyncpg.connect(server.database_url())
    row = await connection.fetchrow(
        "select status, body, fingerprint from idempotency_keys where key = $1",
        key["Idempotency-Key"],
    )
    await connection.close()
    assert row["status"] == 200
    assert made["id"].encode() in row["body"]
    assert token.encode() not in row["body"]
    assert b"cs_test_" not in row["body"]
    assert len(row["fingerprint"]) == 32


def test_a_reply_is_kept_when_the_web_processes_die(server, merchant, full, key):
    first = merchant.post(full, **key)
    before = server.children()["web"]
    for process in before:
        os.kill(process, signal.SIGKILL)
    eventually(lambda: len(set(server.children().get("web", [])) - set(before)) == len(before))
    eventually(server.is_ready)

    def again():
        try:
            return merchant.post(full, **key)
        except httpx2.TransportError:
            return None

    replay = eventually(again)
    assert replay.content == first.content
    assert replay.headers["Idempotent-Replayed"] == "true"
