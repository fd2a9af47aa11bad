"""Delivering: what receivers get, how often and when, and what a dying worker leaves behind."""

import asyncio
import time

import pytest
from standardwebhooks import Webhook

from outgoing import append, delivering, delivery, let_it_be_due, tried, tries, until
from paydesk import webhooks
from world import Receiver

pytestmark = pytest.mark.anyio


async def test_a_webhook_is_delivered_at_once(shop, listener):
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, listener.url)
        (made,) = await tried(shop, event_id, 1)
    (heard,) = listener.got
    assert (made["status"], made["failure"]) == (200, None)
    assert heard.headers["webhook-id"] == event_id
    row = await delivery(shop, event_id)
    assert (row["state"], row["due_at"], row["tries"]) == ("delivered", None, 1)


async def test_four_tries_each_counted_from_the_last_and_then_it_is_dead(shop, listener):
    listener.answers = [500, 302, 410, 429]
    schedule = (60, 300, 1500)
    async with delivering(shop.deliverer(retry_seconds=schedule)):
        (event_id,) = await append(shop, listener.url)
        for number, seconds in enumerate(schedule, 1):
            *_, last = await tried(shop, event_id, number)
            row = await delivery(shop, event_id)
            pause = (row["due_at"] - last["at"]).total_seconds()
            assert 0.8 * seconds <= pause <= 1.2 * seconds
            assert (row["state"], row["tries"]) == ("due", number)
            await let_it_be_due(shop, event_id)
        made = await tried(shop, event_id, 4)
        row = await delivery(shop, event_id)
        await asyncio.sleep(1.3)
    assert [one["status"] for one in made] == [500, 302, 410, 429]
    assert (row["state"], row["due_at"], row["delivered_at"]) == ("dead", None, None)
    assert len(listener.got) == 4


async def test_each_try_is_signed_anew_and_is_the_same_event(shop, listener):
    listener.answers = [500, 500, 500]
    secret = shop.programs.issued.webhook_secret
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, listener.url)
        for number in (1, 2, 3):
            await tried(shop, event_id, number)
            # Another second, another timestamp.
            await asyncio.sleep(1)
            await let_it_be_due(shop, event_id)
        await tried(shop, event_id, 4)
    heard = listener.got
    assert [one.headers["X-Webhook-Attempt"] for one in heard] == ["1", "2", "3", "4"]
    assert {one.headers["webhook-id"] for one in heard} == {event_id}
    assert len({one.body for one in heard}) == 1
    assert len({one.headers["webhook-signature"] for one in heard}) == 4
    for one in heard:
        assert one.is_signed_with(secret)
        assert Webhook(secret).verify(one.body, one.headers)
        assert one.headers["X-Timestamp"] == one.headers["webhook-timestamp"]
        assert abs(int(one.headers["X-Timestamp"]) - one.at) < 10
        assert one.headers["X-Webhook-Sequence"] == "1"
        assert one.headers["User-Agent"] == "Kwik-Webhooks/1.0"
        assert one.headers["Content-Type"] == "application/json"


async def test_a_busy_receiver_is_given_the_time_it_asks_for(shop, listener):
    listener.answers = [(429, {"Retry-After": "900"}), (503, {"Retry-After": "86400"})]
    async with delivering(shop.deliverer()):
        asked, greedy = await append(shop, listener.url, count=2)
        await tried(shop, asked, 1)
        await tried(shop, greedy, 1)
    pauses = []
    for event_id in (asked, greedy):
        (made,) = await tries(shop, event_id)
        pauses.append(((await delivery(shop, event_id))["due_at"] - made["at"]).total_seconds())
    assert sorted(pauses) == [900, 3600]


async def test_a_redirect_is_not_followed(shop, listener, quiet_listener):
    listener.answers = [(302, {"Location": quiet_listener.url})]
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, listener.url)
        (made,) = await tried(shop, event_id, 1)
    assert (made["status"], made["failure"]) == (302, "status")
    assert quiet_listener.got == []


async def test_a_receiver_that_is_down_is_heard_when_it_is_up(shop, listener):
    port = listener.server.server_port
    listener.close()
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, listener.url)
        (made,) = await tried(shop, event_id, 1)
        assert (made["status"], made["failure"]) == (None, "connect")
        again = Receiver(port=port, path=listener.path)
        try:
            await let_it_be_due(shop, event_id)
            await tried(shop, event_id, 2)
        finally:
            again.close()
    assert [one.headers["X-Webhook-Attempt"] for one in again.got] == ["2"]


async def test_loopback_is_refused_at_the_send_without_the_setting(shop, listener):
    async with delivering(shop.deliverer(loopback_allowed=False)):
        (event_id,) = await append(shop, listener.url)
        (made,) = await tried(shop, event_id, 1)
    assert made["failure"] == "forbidden_address"
    assert listener.got == []


async def test_silent_receivers_keep_nobody_else_waiting(shop, listener, quiet_listener):
    await append(shop, quiet_listener.url, count=80)
    async with delivering(shop.deliverer()):

        async def is_full():
            return len(quiet_listener.got) == 4

        await until(is_full)
        for _ in range(5):
            begun_at = time.monotonic()
            (event_id,) = await append(shop, listener.url)
            await tried(shop, event_id, 1)
            assert time.monotonic() - begun_at < 10
    # Never more than its slots at once.
    assert len(quiet_listener.got) == 4
    await shop.owner.execute(
        "update deliveries set state = 'dead', due_at = null, dead_at = now() where state = 'due'"
    )


async def test_a_worker_killed_between_send_and_mark_delivers_at_least_once(shop, quiet_listener):
    (event_id,) = await append(shop, quiet_listener.url)
    async with delivering(shop.deliverer()):

        async def was_heard():
            return quiet_listener.got

        await until(was_heard)
    assert await tries(shop, event_id) == []
    quiet_listener.answering.set()
    # The lease that the dead worker held runs out.
    row = await delivery(shop, event_id)
    assert row["state"] == "due"
    await let_it_be_due(shop, event_id)
    async with delivering(shop.deliverer()):
        await tried(shop, event_id, 1)
    assert [one.headers["X-Webhook-Attempt"] for one in quiet_listener.got] == ["1", "2"]
    assert len({one.body for one in quiet_listener.got}) == 1
    assert (await delivery(shop, event_id))["state"] == "delivered"


async def test_three_workers_share_the_work_and_send_everything_once(shop, listener):
    made = await append(shop, listener.url, count=120)
    async with (
        delivering(shop.deliverer()),
        delivering(shop.deliverer()),
        delivering(shop.deliverer()),
    ):

        async def all_done():
            return await shop.db.value(
                "select bool_and(state = 'delivered') from deliveries where event_id = any($1)",
                made,
            )

        await until(all_done)
    assert sorted(one.headers["webhook-id"] for one in listener.got) == sorted(made)


async def test_who_asks_hears_of_what_is_given_up_and_of_nothing_else(shop, listener):
    dead = []

    async def on_dead(account_id, endpoint):
        dead.append((account_id, endpoint))

    deliverer = webhooks.Deliverer(
        shop.db,
        shop.acquiring.outbound,
        shop.desk.sealer,
        retry_seconds=(60,),
        loopback_allowed=True,
        on_dead=on_dead,
    )
    listener.answers = [500, 500, 200]
    async with delivering(deliverer):
        (event_id,) = await append(shop, listener.url)
        await tried(shop, event_id, 1)
        assert dead == []
        await let_it_be_due(shop, event_id)
        await tried(shop, event_id, 2)
        (other,) = await append(shop, listener.url)
        await tried(shop, other, 1)
    assert dead == [(1, (await delivery(shop, event_id))["endpoint"])]
