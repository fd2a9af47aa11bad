"""Delivering to endpoints of an account: their schedules, their end, and who keeps whom waiting."""

import asyncio
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from outgoing import append, delivering, let_it_be_due, until
from paydesk import limits, webhooks
from paydesk.kit.outbound import OutboundFailure, Reason
from paydesk.webhooks import model, store
from world import Receiver

pytestmark = pytest.mark.anyio


@pytest.fixture
async def endpoint(shop, listener):
    """An endpoint of the account, at the listener, for the test only."""
    made = await create(shop, listener.url)
    yield made
    await shop.db.transact(lambda connection: webhooks.remove_endpoint(connection, 1, made.id))


async def create(shop, url, **fields):
    described = webhooks.NewEndpoint(url, "", (), fields.get("schedule", model.Schedule.SHORT))
    return await shop.db.transact(
        lambda connection: webhooks.create_endpoint(connection, 1, described, shop.desk.sealer)
    )


async def secret_of(shop, made):
    async with shop.db.connection() as connection:
        return await webhooks.newest_secret(connection, 1, made.id, shop.desk.sealer)


async def delivery_to(shop, event_id, target):
    return await shop.db.row(
        "select * from deliveries where event_id = $1 and target = $2", event_id, target
    )


async def tried(shop, event_id, target, count):
    """The tries to this target, once there are so many."""

    async def enough():
        rows = await shop.db.rows(
            "select * from delivery_tries where event_id = $1 and target = $2 order by try",
            event_id,
            target,
        )
        return rows if len(rows) == count else None

    return await until(enough)


async def test_an_event_goes_to_both_each_signed_with_its_own_secret(shop, listener, endpoint):
    own = Receiver()
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, own.url)
        await tried(shop, event_id, endpoint.id, 1)
        await tried(shop, event_id, "notify_url", 1)
    (first,), (second,) = own.got, listener.got
    assert first.is_signed_with(shop.programs.issued.webhook_secret)
    assert second.is_signed_with(await secret_of(shop, endpoint))
    assert Webhook(await secret_of(shop, endpoint)).verify(second.body, second.headers)
    assert (first.json["event"], second.json["type"]) == ("checkout.completed",) * 2
    own.close()


async def test_a_410_disables_it_and_gives_up_what_is_on_its_way(shop, listener, endpoint):
    own = Receiver()
    listener.answers = [500, 410]
    async with delivering(shop.deliverer()):
        waiting, last = await append(shop, own.url, count=2)

        async def is_disabled():
            async with shop.db.connection() as connection:
                found = await webhooks.show_endpoint(connection, 1, endpoint.id)
            return found if found.disabled_by else None

        found = await until(is_disabled)
        (later,) = await append(shop, own.url)
        await tried(shop, later, "notify_url", 1)
    assert (found.disabled_by, found.described.is_live) == ("receiver", False)
    for event_id in (waiting, last):
        row = await delivery_to(shop, event_id, endpoint.id)
        assert (row["state"], row["due_at"]) == ("dead", None)
        assert row["dead_at"] is not None
    # It is not meant for it any more; the notify_url hears of all three.
    assert await delivery_to(shop, later, endpoint.id) is None
    assert len(own.got) == 3
    own.close()


async def test_a_410_of_a_notify_url_is_a_failure_like_any_other(shop, listener):
    listener.answers = [410]
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, listener.url)
        await tried(shop, event_id, "notify_url", 1)
        row = await delivery_to(shop, event_id, "notify_url")
    assert row["state"] == "due"


async def test_a_long_schedule_has_nine_retries_and_no_more(shop, listener):
    own = Receiver()
    made = await create(shop, listener.url, schedule=model.Schedule.LONG)
    listener.answers = [500] * 20
    schedule = limits.WEBHOOK_LONG_RETRY_SECONDS
    # Failures enough to be spared, were they not spread over days.
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, own.url)
        for number, seconds in enumerate(schedule, 1):
            *_, last = await tried(shop, event_id, made.id, number)
            row = await delivery_to(shop, event_id, made.id)
            pause = (row["due_at"] - last["at"]).total_seconds()
            assert 0.8 * seconds - 0.5 <= pause <= 1.2 * seconds + 0.5
            await let_it_be_due(shop, event_id)
        await tried(shop, event_id, made.id, len(schedule) + 1)
        row = await delivery_to(shop, event_id, made.id)
        await asyncio.sleep(1.3)
    assert row["state"] == "dead"
    assert len(listener.got) == 10
    await shop.db.transact(lambda connection: webhooks.remove_endpoint(connection, 1, made.id))
    own.close()


async def test_an_endpoint_that_fails_is_spared_and_loses_no_tries(shop, listener):
    listener.answers = [500] * 100
    async with delivering(shop.deliverer()):
        made = await append(shop, listener.url, count=40)

        async def is_spared():
            return len(listener.got) >= limits.WEBHOOK_BREAKER_TRIES_MIN

        await until(is_spared)
        await asyncio.sleep(1.5)
        # Those that were being sent when it opened may still arrive.
        most = limits.WEBHOOK_BREAKER_TRIES_MIN + limits.WEBHOOK_ENDPOINT_CONCURRENCY
        assert len(listener.got) <= most
        # Somebody else is heard meanwhile.
        other = Receiver()
        (event_id,) = await append(shop, other.url)
        await tried(shop, event_id, "notify_url", 1)
        other.close()
    rows = await shop.db.rows("select state, tries from deliveries where event_id = any($1)", made)
    assert {row["state"] for row in rows} == {"due"}
    untried = [row for row in rows if row["tries"] == 0]
    assert len(untried) == 40 - len(listener.got)
    await give_up(shop, made)


async def test_a_spared_endpoint_is_heard_again_once_a_probe_succeeds(shop, listener, monkeypatch):
    monkeypatch.setattr(limits, "WEBHOOK_PROBE_SECONDS", 1)
    listener.answers = [500] * 12
    async with delivering(shop.deliverer(retry_seconds=(1, 1, 1))):
        made = await append(shop, listener.url, count=30)

        async def are_all_delivered():
            return await shop.db.value(
                "select bool_and(state = 'delivered') from deliveries where event_id = any($1)",
                made,
            )

        await until(are_all_delivered)


async def test_two_accounts_at_one_host_have_slots_of_their_own(shop, quiet_listener):
    async with delivering(shop.deliverer()):
        await append(shop, quiet_listener.url, count=10)

        async def is_full():
            return len(quiet_listener.got) == limits.WEBHOOK_ENDPOINT_CONCURRENCY

        await until(is_full)
        # The live account's events go there over slots of its own.
        live = await append(shop, quiet_listener.url, account_id=2)
        # A live account never reaches loopback, and is told so at once instead of waiting.
        await tried(shop, *live, "notify_url", 1)
    assert len(quiet_listener.got) == limits.WEBHOOK_ENDPOINT_CONCURRENCY
    await give_up(shop)


async def test_many_silent_receivers_keep_nobody_else_waiting(shop, listener):
    quiet = [Receiver() for _ in range(8)]
    for receiver in quiet:
        receiver.answering.clear()
        await append(shop, receiver.url, count=60)
    async with delivering(shop.deliverer()):

        async def are_full():
            return all(len(receiver.got) == 4 for receiver in quiet)

        await until(are_full)
        for _ in range(8):
            (event_id,) = await append(shop, listener.url)
            await tried(shop, event_id, "notify_url", 1)
        held = await shop.db.value(
            "select count(*) from deliveries where state = 'due' and tries > 0"
        )
    # No more of them are taken than stand ready for the slots.
    assert held <= len(quiet) * limits.WEBHOOK_ENDPOINT_AHEAD
    assert len(listener.got) == 8
    await give_up(shop)
    for receiver in quiet:
        receiver.close()


async def test_rotating_between_two_tries_signs_the_next_with_both(shop, listener, endpoint):
    own = Receiver()
    old = await secret_of(shop, endpoint)
    listener.answers = [500]
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, own.url)
        await tried(shop, event_id, endpoint.id, 1)
        await shop.db.transact(
            lambda connection: webhooks.rotate_secret(
                connection, 1, endpoint.id, shop.desk.sealer, overlap_hours=24
            )
        )
        await let_it_be_due(shop, event_id)
        await tried(shop, event_id, endpoint.id, 2)
    new = await secret_of(shop, endpoint)
    first, second = listener.got
    assert Webhook(old).verify(first.body, first.headers)
    for secret in (old, new):
        assert Webhook(secret).verify(second.body, second.headers)
    assert second.is_signed_with(old)
    # When the overlap is over, the old one signs no more.
    await shop.db.execute(
        "update webhook_endpoints set old_secret_ends_at = now() - interval '1 s' where id = $1",
        endpoint.id,
    )
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, own.url)
        await tried(shop, event_id, endpoint.id, 1)
    assert listener.got[-1].is_signed_with(new)
    assert listener.got[-1].headers["webhook-signature"].count("v1,") == 1
    own.close()


async def test_what_a_dead_worker_had_in_its_last_try_goes_to_the_dead_letters(shop, listener):
    (event_id,) = await append(shop, listener.url)
    await shop.db.execute("update deliveries set tries = 4 where event_id = $1", event_id)
    async with delivering(shop.deliverer()):
        await tried(shop, event_id, "notify_url", 1)
        row = await delivery_to(shop, event_id, "notify_url")
    assert (row["state"], row["dead_at"] is not None) == ("dead", True)
    assert listener.got == []


async def test_a_shortened_schedule_costs_no_try_that_was_waited_for(shop, listener):
    """What came of all the tries is known: no worker died."""
    (event_id,) = await append(shop, listener.url)
    await shop.db.execute("update deliveries set tries = 6 where event_id = $1", event_id)
    await shop.db.execute(
        """
        insert into delivery_tries (
            account_id, event_id, target, url, try, sent_at, milliseconds, failure
        )
        values (1, $1, 'notify_url', '', 6, now(), 1, 'connect')
        """,
        event_id,
    )
    async with delivering(shop.deliverer()):
        await tried(shop, event_id, "notify_url", 2)
    (heard,) = listener.got
    assert heard.headers["X-Webhook-Attempt"] == "7"


async def move(shop, endpoint, url):
    """As a merchant's change does, but for what is on its way."""
    await shop.db.execute(
        "update webhook_endpoints set url = $2, endpoint = $3 where id = $1",
        endpoint.id,
        url,
        model.endpoint_of(url),
    )


async def test_what_is_sent_again_goes_to_where_the_endpoint_is_now(shop, listener, endpoint):
    moved = Receiver()
    (event_id,) = await append(shop, moved.url)
    await give_up(shop, [event_id])
    await move(shop, endpoint, moved.url)
    await shop.db.transact(
        lambda connection: webhooks.resend_webhook(connection, 1, event_id, target=None)
    )
    await give_up(shop, [event_id])
    sought = model.SoughtDead(since=datetime(2026, 1, 1, tzinfo=UTC))
    await shop.db.transact(lambda connection: webhooks.resend_dead(connection, 1, sought))
    async with delivering(shop.deliverer()):
        await tried(shop, event_id, endpoint.id, 1)
    assert listener.got == []
    assert (await delivery_to(shop, event_id, endpoint.id))["url"] == moved.url
    moved.close()


async def test_a_410_of_an_address_it_had_before_does_not_disable_it(shop, listener, endpoint):
    moved = Receiver()
    listener.answers = [410]
    listener.answering.clear()
    async with delivering(shop.deliverer()):
        (event_id,) = await append(shop, moved.url)
        await until(lambda: is_heard_by(listener))
        await move(shop, endpoint, moved.url)
        listener.answering.set()
        await tried(shop, event_id, endpoint.id, 1)
        (later,) = await append(shop, moved.url)
        await tried(shop, later, endpoint.id, 1)
    async with shop.db.connection() as connection:
        found = await webhooks.show_endpoint(connection, 1, endpoint.id)
    assert found.described.is_live
    moved.close()


async def is_heard_by(receiver):
    return bool(receiver.got)


async def test_what_was_being_written_when_it_was_disabled_is_not_sent(shop, listener, endpoint):
    own = Receiver()
    (event_id,) = await append(shop, own.url)
    await shop.db.execute(
        "update webhook_endpoints set disabled_at = now(), disabled_by = 'merchant' where id = $1",
        endpoint.id,
    )
    async with delivering(shop.deliverer()):
        await tried(shop, event_id, "notify_url", 1)

        async def is_dead():
            row = await delivery_to(shop, event_id, endpoint.id)
            return row["state"] == "dead" and row

        row = await until(is_dead)
    assert (row["tries"], row["due_at"], row["dead_at"] is not None) == (0, None, True)
    assert listener.got == []
    own.close()


async def test_a_tenant_with_its_share_under_way_leaves_the_rest_to_others(shop, monkeypatch):
    monkeypatch.setattr(limits, "WEBHOOKS_ACCOUNT_IN_FLIGHT_MAX", 10)
    quiet = Receiver()
    quiet.answering.clear()
    async with delivering(shop.deliverer()):
        made = await append(shop, quiet.url, count=12)
        await until(lambda: are_leased(shop, made[:10]))
        other = Receiver()
        (waiting,) = await append(shop, other.url)
        # One of another account, whose address may not be dialled: that is a try as well.
        (of_another,) = await append(shop, other.url, account_id=2)
        await tried(shop, of_another, "notify_url", 1)
        assert (await delivery_to(shop, waiting, "notify_url"))["tries"] == 0
        quiet.answering.set()
        await tried(shop, waiting, "notify_url", 1)
    quiet.close()
    other.close()


async def are_leased(shop, event_ids):
    return await shop.db.value(
        "select bool_and(tries > 0) from deliveries where event_id = any($1)", event_ids
    )


async def test_a_try_that_could_not_begin_is_none(shop, listener, monkeypatch):
    deliverer = shop.deliverer()
    send = deliverer._outbound.send
    begun = []

    async def busy_at_first(request, guard, *, seconds_max):
        begun.append(request)
        if len(begun) < 3:
            raise OutboundFailure(Reason.BUSY, was_sent=False)
        return await send(request, guard, seconds_max=seconds_max)

    monkeypatch.setattr(deliverer._outbound, "send", busy_at_first)
    async with delivering(deliverer):
        (event_id,) = await append(shop, listener.url)
        (made,) = await tried(shop, event_id, "notify_url", 1)
    assert (made["try"], made["failure"]) == (1, None)
    (heard,) = listener.got
    assert heard.headers["X-Webhook-Attempt"] == "1"


async def test_it_does_not_go_on_where_nothing_is_noted_any_more(shop, listener, monkeypatch):
    async def broken(_db, _results):
        raise ZeroDivisionError

    monkeypatch.setattr(store, "mark", broken)
    await append(shop, listener.url)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(shop.deliverer().run(), 60)


async def give_up(shop, event_ids=None):
    await shop.db.execute(
        """
        update deliveries set state = 'dead', due_at = null, dead_at = now()
        where state = 'due' and ($1::text[] is null or event_id = any($1))
        """,
        event_ids,
    )
