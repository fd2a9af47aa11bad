"""All SQL of deliveries: leased in batches, marked in batches."""

from collections.abc import Sequence
from dataclasses import dataclass

from paydesk.db.connection import Database

_LEASE = """
    with due as (
        select account_id, event_id, url from deliveries
        where state = 'due' and due_at <= now() and endpoint <> all ($2::text[])
        order by due_at limit $1
        for update skip locked
    ), leased as (
        update deliveries d set tries = tries + 1, due_at = now() + $3 * interval '1 second'
        from due
        where d.account_id = due.account_id and d.event_id = due.event_id and d.url = due.url
        returning d.account_id, d.event_id, d.url, d.endpoint, d.tries
    )
    select l.*, e.body, e.sequence, a.is_live, a.webhook_secret
    from leased l
    join events e on e.account_id = l.account_id and e.id = l.event_id
    join accounts a on a.id = l.account_id
"""

_MARK = """
    with result as (
        select * from unnest(
            $1::int[], $2::text[], $3::text[], $4::smallint[], $5::int[], $6::smallint[],
            $7::text[], $8::text[], $9::float8[]
        ) as r (account_id, event_id, url, try, milliseconds, status, failure, answer, pause)
    ), tried as (
        insert into delivery_tries (
            account_id, event_id, url, try, milliseconds, status, failure, answer
        )
        select account_id, event_id, url, try, milliseconds, status, failure, answer from result
        on conflict do nothing
    )
    update deliveries d set
        state = case when r.failure is null then 'delivered'
            when r.pause is null then 'dead' else 'due' end,
        due_at = now() + r.pause * interval '1 second',
        delivered_at = case when r.failure is null then now() end
    from result r
    where d.account_id = r.account_id and d.event_id = r.event_id and d.url = r.url
        and d.state = 'due' and d.tries = r.try
"""

_GIVE_BACK = """
    update deliveries set tries = tries - 1, due_at = now()
    where account_id = $1 and event_id = $2 and url = $3 and state = 'due' and tries = $4
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one URL. tries counts this one too."""

    account_id: int
    event_id: str
    url: str
    endpoint: str
    tries: int
    body: bytes
    sequence: int
    is_live: bool
    webhook_secret: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try.

    failure is None when it was acknowledged; pause_seconds is None when it will not be tried
    again.
    """

    delivery: Delivery
    milliseconds: int
    status: int | None
    failure: str | None
    answer: str
    pause_seconds: float | None


async def lease(
    db: Database, *, count: int, busy_endpoints: Sequence[str], seconds: int
) -> list[Delivery]:
    """Takes due deliveries for this worker. Should it die, they are due again after the lease.

    A try is counted when it begins, so that no crash leads to one too many.
    """
    rows = await db.rows(_LEASE, count, busy_endpoints, seconds)
    return [Delivery(**dict(row)) for row in rows]


async def mark(db: Database, results: Sequence[Result]) -> None:
    """Notes what came of tries: delivered, due again, or dead."""
    await db.execute(
        _MARK,
        [result.delivery.account_id for result in results],
        [result.delivery.event_id for result in results],
        [result.delivery.url for result in results],
        [result.delivery.tries for result in results],
        [result.milliseconds for result in results],
        [result.status for result in results],
        [result.failure for result in results],
        [result.answer for result in results],
        [result.pause_seconds for result in results],
    )


async def give_back(db: Database, delivery: Delivery) -> None:
    """Returns a delivery that was leased and not begun, as if it had never been taken."""
    await db.execute(
        _GIVE_BACK, delivery.account_id, delivery.event_id, delivery.url, delivery.tries
    )
