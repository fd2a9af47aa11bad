"""An event is in the outbox if and only if what it tells of was committed."""

import pytest

from paydesk import webhooks
from paydesk.kit import ids

pytestmark = pytest.mark.anyio


class Crash(Exception):
    """The program ends here."""


def event(sequence=1, checkout_id="chk_1"):
    return webhooks.NewEvent(ids.new("web"), "checkout.completed", checkout_id, sequence, b"{}")


async def rows_of(shop, told):
    return [
        await shop.db.value(f"select count(*) from {table} where {column} = $1", told.id)
        for table, column in (("events", "id"), ("deliveries", "event_id"))
    ]


async def test_it_is_committed_with_the_change(shop):
    told = event(checkout_id=ids.new("chk"))
    await shop.db.transact(
        lambda connection: webhooks.append(connection, 1, told, url="https://m.example/hook")
    )
    assert await rows_of(shop, told) == [1, 1]


async def test_it_goes_with_the_change_that_fails(shop):
    told = event(checkout_id=ids.new("chk"))

    async def work(connection):
        await webhooks.append(connection, 1, told, url="https://m.example/hook")
        raise Crash

    with pytest.raises(Crash):
        await shop.db.transact(work)
    assert await rows_of(shop, told) == [0, 0]


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://m.example/hook?a=1", "https://m.example:443"),
        ("http://127.0.0.1/hook", "http://127.0.0.1:80"),
        ("https://m.example:8443/", "https://m.example:8443"),
    ],
)
async def test_one_host_and_port_share_their_slots(shop, url, endpoint):
    told = event(checkout_id=ids.new("chk"))
    await shop.db.transact(lambda connection: webhooks.append(connection, 1, told, url=url))
    assert endpoint == await shop.db.value(
        "select endpoint from deliveries where event_id = $1", told.id
    )


async def test_two_events_of_a_checkout_never_have_one_number(shop):
    checkout_id = ids.new("chk")
    first, second = event(checkout_id=checkout_id), event(checkout_id=checkout_id)

    async def work(connection):
        for told in (first, second):
            await webhooks.append(connection, 1, told, url="https://m.example/hook")

    with pytest.raises(Exception, match=r"events_.*sequence"):
        await shop.db.transact(work)
    assert await rows_of(shop, first) == [0, 0]
