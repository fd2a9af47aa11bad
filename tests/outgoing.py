"""What tests of deliveries do: append events without checkouts, deliver, and wait for a try."""

import asyncio
import time
from contextlib import asynccontextmanager

from paydesk import webhooks
from paydesk.kit import ids


@asynccontextmanager
async def delivering(deliverer):
    """The deliverer at work; on leaving it is dropped as if its process had died."""
    task = asyncio.create_task(deliverer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def append(shop, url, *, count=1, account_id=1):
    """Events for this URL, without checkouts behind them: their ids."""
    made = []
    for number in range(count):
        id_ = ids.new("web")
        body = (
            b'{"id": "%s", "event": "checkout.completed", "data": [{"checkout": {"id": "x"}}], '
            b'"created_at": "2026-01-31T16:00:00Z"}' % id_.encode()
        )
        event = webhooks.NewEvent(id_, "checkout.completed", ids.new("chk"), number + 1, body)
        await shop.db.transact(
            lambda connection, event=event: webhooks.append(connection, account_id, event, url=url)
        )
        made.append(id_)
    return made


async def until(question, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not (answer := await question()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        await asyncio.sleep(0.02)
    return answer


async def delivery(shop, event_id):
    return await shop.db.row("select * from deliveries where event_id = $1", event_id)


async def tries(shop, event_id):
    return await shop.db.rows(
        "select * from delivery_tries where event_id = $1 order by try", event_id
    )


async def tried(shop, event_id, count):
    """The tries, once there are so many."""

    async def enough():
        made = await tries(shop, event_id)
        return made if len(made) == count else None

    return await until(enough)


async def let_it_be_due(shop, event_id):
    await shop.db.execute(
        "update deliveries set due_at = now() where event_id = $1 and state = 'due'", event_id
    )
