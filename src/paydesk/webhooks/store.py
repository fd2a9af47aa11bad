"""All SQL of webhooks: deliveries, leased and marked in batches, endpoints, the log, the feed."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from paydesk import limits
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.listing import Page, list_rows
from paydesk.db.statement import Statement
from paydesk.webhooks.model import (
    NOTIFY_URL,
    Endpoint,
    EndpointID,
    NewEndpoint,
    Schedule,
    SentTo,
    Sought,
    SoughtDead,
    State,
    Try,
    Webhook,
    endpoint_of,
)

# Deliveries

# For the connections of a Deliverer. Statistics made on a quiet day say that next to nothing is
# due; each lease would then read and sort all of a backlog, instead of its first lines by index.
BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off"}

_LEASE = """
    with used as (
        select * from unnest($2::int[], $3::text[], $4::int[]) as u (account_id, endpoint, room)
    ), oldest as (
        select d.account_id, d.event_id, d.target, d.endpoint, d.due_at,
            coalesce(u.room, $5) as room
        from deliveries d left join used u using (account_id, endpoint)
        where d.state = 'due' and d.due_at <= now() and coalesce(u.room, $5) > 0
            and d.account_id <> all($7::int[])
        order by d.due_at limit $1
        for update of d skip locked
    ), near as (
        select *, row_number() over (partition by account_id, endpoint order by due_at) as place
        from oldest
    ), leased as (
        update deliveries d set
            tries = tries + 1, due_at = now() + $6 * interval '1 second',
            url = coalesce(w.url, d.url), endpoint = coalesce(w.endpoint, d.endpoint)
        from near n
        left join webhook_endpoints w on w.account_id = n.account_id and w.id = n.target
        where d.account_id = n.account_id and d.event_id = n.event_id and d.target = n.target
            and n.place <= n.room and w.disabled_at is null
        returning d.account_id, d.event_id, d.target, d.url, d.endpoint, d.tries, d.tries_before,
            w.id as endpoint_id, w.retry_schedule, w.secret, w.old_secret, w.old_secret_ends_at
    ), given_up as (
        update deliveries d set state = 'dead', due_at = null, dead_at = now()
        from near n
        join webhook_endpoints w on w.account_id = n.account_id and w.id = n.target
        where d.account_id = n.account_id and d.event_id = n.event_id and d.target = n.target
            and n.place <= n.room and w.disabled_at is not null
    )
    select l.account_id, l.event_id, l.target, l.url, l.endpoint, l.tries, l.tries_before,
        l.retry_schedule, e.body, e.sequence, a.is_live,
        coalesce(l.secret, a.webhook_secret) as secret,
        case when l.old_secret_ends_at > now() then l.old_secret
            when l.endpoint_id is null and a.old_webhook_secret_ends_at > now()
                then a.old_webhook_secret
            end as old_secret
    from leased l
    join events e on e.account_id = l.account_id and e.id = l.event_id
    join accounts a on a.id = l.account_id
"""

# Its commit is not waited for: where the server itself crashes, what it notes last is sent twice.
_MARK = """
    with quick as (
        select set_config('synchronous_commit', 'off', true)
    ), result as (
        select * from unnest(
            $1::int[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::float8[],
            $7::int[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::float8[]
        ) as r (
            account_id, event_id, target, url, try, sent_at,
            milliseconds, status, failure, headers, answer, pause
        )
    ), tried as (
        insert into delivery_tries (
            account_id, event_id, target, url, try, sent_at, milliseconds, status, failure,
            answer_headers, answer
        )
        select account_id, event_id, target, url, try, to_timestamp(sent_at), milliseconds,
            status, failure, headers::jsonb, answer
        from result
        on conflict do nothing
    )
    update deliveries d set
        state = case when r.failure is null then 'delivered'
            when r.pause is null then 'dead' else 'due' end,
        due_at = now() + r.pause * interval '1 second',
        delivered_at = case when r.failure is null then now() end,
        dead_at = case when r.failure is not null and r.pause is null then now() end
    from result r cross join quick
    where d.account_id = r.account_id and d.event_id = r.event_id and d.target = r.target
        and d.state = 'due' and d.tries = r.try
"""

_GIVE_BACK = """
    update deliveries set tries = tries - 1, due_at = now()
    where account_id = $1 and event_id = $2 and target = $3 and state = 'due' and tries = $4
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one target.

    tries counts this one too, tries_before those before it was sent again by hand. secrets are
    sealed, the one that X-Signature uses first. schedule is None for a notify_url.
    """

    account_id: int
    event_id: str
    target: str
    url: str
    endpoint: str
    tries: int
    tries_before: int
    body: bytes
    sequence: int
    is_live: bool
    schedule: Schedule | None
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try.

    failure is None when it was acknowledged; pause_seconds is None when it will not be tried
    again. is_gone: the receiver wants no more of this endpoint.
    Shape: headers are those of the answer as they are kept, as JSON.
    """

    delivery: Delivery
    sent_at_seconds: float
    milliseconds: int
    status: int | None
    failure: str | None
    headers: str
    answer: str
    pause_seconds: float | None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries to one endpoint may be taken on top."""

    account_id: int
    endpoint: str
    count: int


async def lease(
    db: Database,
    *,
    count: int,
    rooms: Sequence[Room],
    room: int,
    without: Sequence[int],
    seconds: int,
) -> list[Delivery]:
    """Takes due deliveries for this worker. Should it die, they are due again after the lease.

    A try is counted when it begins, so that no crash leads to one too many. room is for endpoints
    that rooms do not name; without are the accounts that are to have none. Each goes to where its
    endpoint is now, also one that was being written while the endpoint was moved.
    """
    rows = await db.rows(
        _LEASE,
        count,
        [one.account_id for one in rooms],
        [one.endpoint for one in rooms],
        [one.count for one in rooms],
        room,
        seconds,
        without,
    )
    return [_delivery(row) for row in rows]


async def mark(db: Database, results: Sequence[Result]) -> None:
    """Notes what came of tries: delivered, due again, or dead."""
    await db.execute(
        _MARK,
        [result.delivery.account_id for result in results],
        [result.delivery.event_id for result in results],
        [result.delivery.target for result in results],
        [result.delivery.url for result in results],
        [result.delivery.tries for result in results],
        [result.sent_at_seconds for result in results],
        [result.milliseconds for result in results],
        [result.status for result in results],
        [result.failure for result in results],
        [result.headers for result in results],
        [result.answer for result in results],
        [result.pause_seconds for result in results],
    )


async def give_back(db: Database, delivery: Delivery) -> None:
    """Returns a delivery that was leased and not begun, as if it had never been taken."""
    await db.execute(
        _GIVE_BACK, delivery.account_id, delivery.event_id, delivery.target, delivery.tries
    )


async def disable_gone(db: Database, delivery: Delivery) -> None:
    """Disables an endpoint whose receiver wants no more of it, unless it has moved since."""
    await db.execute(
        """
        with disabled as (
            update webhook_endpoints
            set disabled_at = now(), disabled_by = 'receiver', updated_at = now()
            where account_id = $1 and id = $2 and url = $3 and disabled_at is null
            returning account_id, id
        )
        update deliveries d set state = 'dead', due_at = null, dead_at = now()
        from disabled w
        where d.account_id = w.account_id and d.target = w.id and d.state = 'due'
        """,
        delivery.account_id,
        delivery.target,
        delivery.url,
    )


async def is_noted(db: Database, delivery: Delivery) -> bool:
    """Whether it is known what came of the try before this one."""
    noted: bool = await db.value(
        """
        select exists (
            select from delivery_tries
            where account_id = $1 and event_id = $2 and target = $3 and try = $4
        )
        """,
        delivery.account_id,
        delivery.event_id,
        delivery.target,
        delivery.tries - 1,
    )
    return noted


def _delivery(row: Row) -> Delivery:
    old, schedule = row["old_secret"], row["retry_schedule"]
    return Delivery(
        account_id=row["account_id"],
        event_id=row["event_id"],
        target=row["target"],
        url=row["url"],
        endpoint=row["endpoint"],
        tries=row["tries"],
        tries_before=row["tries_before"],
        body=row["body"],
        sequence=row["sequence"],
        is_live=row["is_live"],
        schedule=None if schedule is None else Schedule(schedule),
        secrets=(row["secret"],) if old is None else (old, row["secret"]),
    )


# Endpoints

_ENDPOINT = """
    e.id, e.url, e.name, e.events, e.retry_schedule, e.disabled_at, e.disabled_by, e.created_at,
    e.updated_at,
    case when e.old_secret_ends_at > now() then e.old_secret_ends_at end as old_secret_ends_at"""


async def lock_endpoints(connection: Connection, account_id: int) -> None:
    """Until the transaction ends, nobody else adds an endpoint to the account."""
    await connection.execute("select from accounts where id = $1 for no key update", account_id)


async def count_endpoints(connection: Connection, account_id: int) -> int:
    count: int = await connection.fetchval(
        "select count(*) from webhook_endpoints where account_id = $1 and removed_at is null",
        account_id,
    )
    return count


async def insert_endpoint(
    connection: Connection,
    account_id: int,
    endpoint_id: EndpointID,
    described: NewEndpoint,
    *,
    secret: bytes,
) -> None:
    await connection.execute(
        """
        insert into webhook_endpoints (
            account_id, id, url, endpoint, name, events, retry_schedule, secret,
            disabled_at, disabled_by
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8,
            case when $9 then null else now() end, case when $9 then null else 'merchant' end)
        """,
        account_id,
        endpoint_id,
        described.url,
        endpoint_of(described.url),
        described.name,
        list(described.events),
        described.schedule,
        secret,
        described.is_live,
    )


async def find_endpoint(
    connection: Connection, account_id: int, endpoint_id: str, *, is_locked: bool = False
) -> Endpoint | None:
    row = await connection.fetchrow(
        f"""
        select {_ENDPOINT} from webhook_endpoints e
        where e.account_id = $1 and e.id = $2 and e.removed_at is null
        {"for update" if is_locked else ""}
        """,
        account_id,
        endpoint_id,
    )
    return None if row is None else _endpoint(row)


async def endpoints(
    connection: Connection, account_id: int, page: Page
) -> tuple[list[Endpoint], str | None]:
    listed = await list_rows(
        connection,
        f"select {_ENDPOINT} from webhook_endpoints e",
        page=page,
        conditions={"e.removed_at is null and :is_there": True},
        values={"account_id": account_id},
        alias="e",
    )
    return [_endpoint(row) for row in listed.rows], listed.next_cursor


_CHANGE = Statement("""
    with changed as (
        update webhook_endpoints set
            url = :url, endpoint = :endpoint, name = :name, events = :events,
            retry_schedule = :retry_schedule, updated_at = now(),
            disabled_at = case when :is_live then null else coalesce(disabled_at, now()) end,
            disabled_by = case when :is_live then null else coalesce(disabled_by, 'merchant') end
        where account_id = :account_id and id = :id
    )
    update deliveries set
        url = :url, endpoint = :endpoint,
        state = case when :is_live then state else 'dead' end,
        due_at = case when :is_live then due_at end,
        dead_at = case when :is_live then null else now() end
    where account_id = :account_id and target = :id and state = 'due'
""")


async def save_endpoint(
    connection: Connection, account_id: int, endpoint_id: str, described: NewEndpoint
) -> None:
    """Writes the endpoint; what is on its way goes to its new address, or is dead if disabled."""
    await _CHANGE.run(
        connection,
        {
            "account_id": account_id,
            "id": endpoint_id,
            "url": described.url,
            "endpoint": endpoint_of(described.url),
            "name": described.name,
            "events": list(described.events),
            "retry_schedule": described.schedule,
            "is_live": described.is_live,
        },
    )


async def remove_endpoint(connection: Connection, account_id: int, endpoint_id: str) -> bool:
    """Whether there was such an endpoint to remove. What is on its way to it is dead."""
    done: bool = await connection.fetchval(
        """
        with removed as (
            update webhook_endpoints
            set removed_at = now(), disabled_at = coalesce(disabled_at, now()),
                disabled_by = coalesce(disabled_by, 'merchant'), updated_at = now()
            where account_id = $1 and id = $2 and removed_at is null
            returning 1
        ), given_up as (
            update deliveries set state = 'dead', due_at = null, dead_at = now()
            where account_id = $1 and target = $2 and state = 'due'
        )
        select exists (select from removed)
        """,
        account_id,
        endpoint_id,
    )
    return done


async def rotate_secret(
    connection: Connection, account_id: int, endpoint_id: str, *, secret: bytes, overlap_hours: int
) -> bool:
    """Puts a new secret in place; the one before goes on signing for the overlap.

    False where an earlier overlap lasts, and a new one is asked for: there is room for one.
    """
    done: bool | None = await connection.fetchval(
        """
        update webhook_endpoints set
            old_secret = secret, old_secret_ends_at = now() + $4::int * interval '1 hour',
            secret = $3, updated_at = now()
        where account_id = $1 and id = $2
            and ($4::int = 0 or coalesce(old_secret_ends_at <= now(), true))
        returning true
        """,
        account_id,
        endpoint_id,
        secret,
        overlap_hours,
    )
    return done is not None


async def secrets(
    connection: Connection, account_id: int, endpoint_id: str
) -> tuple[bytes, ...] | None:
    """The endpoint's secrets, sealed, the one that X-Signature uses first."""
    row = await connection.fetchrow(
        """
        select secret, case when old_secret_ends_at > now() then old_secret end as old_secret
        from webhook_endpoints where account_id = $1 and id = $2 and removed_at is null
        """,
        account_id,
        endpoint_id,
    )
    if row is None:
        return None
    old = row["old_secret"]
    return (row["secret"],) if old is None else (old, row["secret"])


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        id=EndpointID(row["id"]),
        described=NewEndpoint(
            url=row["url"],
            name=row["name"],
            events=tuple(row["events"]),
            schedule=Schedule(row["retry_schedule"]),
            is_live=row["disabled_at"] is None,
        ),
        disabled_at=row["disabled_at"],
        disabled_by=row["disabled_by"],
        old_secret_ends_at=row["old_secret_ends_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


# What was sent, and sending it again

_WEBHOOK = "e.id, e.type, e.checkout_id, e.sequence, e.body, e.created_at"
_TARGET_TAKES = """(
    d.target = 'notify_url' or exists (
        select from webhook_endpoints w
        where w.account_id = d.account_id and w.id = d.target and w.disabled_at is null
    )
)"""


async def webhooks(
    connection: Connection, account_id: int, sought: Sought, page: Page
) -> tuple[list[Webhook], str | None]:
    """One page of the account's events that match, newest first, with their deliveries."""
    listed = await list_rows(
        connection,
        f"select {_WEBHOOK} from events e",
        page=page,
        conditions={
            "e.type = :type": sought.type,
            "e.checkout_id = :checkout_id": sought.checkout_id,
            "e.created_at >= :created_from": sought.created_from,
            "e.created_at <= :created_until": sought.created_until,
            **_of_one_delivery(sought),
        },
        values={"account_id": account_id, "of_target": sought.target},
        alias="e",
    )
    sent = await _sent_to(connection, account_id, [row["id"] for row in listed.rows])
    return [_webhook(row, sent[row["id"]]) for row in listed.rows], listed.next_cursor


def _of_one_delivery(sought: Sought) -> dict[str, str | None]:
    """The condition about state and target: both of one and the same delivery."""
    delivery = "select from deliveries d where d.account_id = e.account_id and d.event_id = e.id"
    if sought.state is None:
        return {f"exists ({delivery} and d.target = :target)": sought.target}
    of_target = "(:of_target::text is null or d.target = :of_target)"
    return {f"exists ({delivery} and d.state = :state and {of_target})": sought.state}


async def webhook(connection: Connection, account_id: int, event_id: str) -> Webhook | None:
    row = await connection.fetchrow(
        f"select {_WEBHOOK} from events e where e.account_id = $1 and e.id = $2",
        account_id,
        event_id,
    )
    if row is None:
        return None
    sent = await _sent_to(connection, account_id, [event_id])
    return _webhook(row, sent[event_id])


async def tries(connection: Connection, account_id: int, event_id: str) -> list[Try]:
    """All tries to deliver an event, in their order for each target."""
    rows = await connection.fetch(
        """
        select target, try, url, sent_at, milliseconds, status, failure, answer_headers, answer
        from delivery_tries where account_id = $1 and event_id = $2 order by target, try
        """,
        account_id,
        event_id,
    )
    return [
        Try(
            target=row["target"],
            number=row["try"],
            url=row["url"],
            sent_at=row["sent_at"],
            milliseconds=row["milliseconds"],
            status=row["status"],
            failure=row["failure"],
            answer_headers=json.loads(row["answer_headers"] or "{}"),
            answer=row["answer"],
        )
        for row in rows
    ]


async def resend(connection: Connection, account_id: int, event_id: str) -> int:
    """Makes the event due again for all of its targets that take it; for how many."""
    values = {
        "account_id": account_id,
        "event_id": event_id,
        "tries_max": limits.WEBHOOK_TRIES_MAX,
    }
    return await _AGAIN.run(connection, values)


_AGAIN = Statement(f"""
    update deliveries d set
        state = 'due', due_at = now(), tries_before = tries, delivered_at = null, dead_at = null
    where account_id = :account_id and event_id = :event_id and tries < :tries_max
        and {_TARGET_TAKES}
""")


async def send_to(connection: Connection, account_id: int, event_id: str, target: str) -> int:
    """Makes the event due for this target, be it new to it; 0 where it was sent too often."""
    values = {
        "account_id": account_id,
        "event_id": event_id,
        "target": target,
        "notify_url": NOTIFY_URL,
        "tries_max": limits.WEBHOOK_TRIES_MAX,
    }
    return await _SEND_TO.run(connection, values)


_SEND_TO = Statement("""
    insert into deliveries as d (account_id, event_id, target, url, endpoint)
    select account_id, :event_id, target, url, endpoint from (
        select account_id, id as target, url, endpoint from webhook_endpoints
        where account_id = :account_id and id = :target
        union all
        select account_id, target, url, endpoint from deliveries
        where account_id = :account_id and event_id = :event_id and target = :target
            and target = :notify_url
    ) wanted
    on conflict (account_id, event_id, target) do update set
        state = 'due', due_at = now(), tries_before = d.tries, delivered_at = null,
        dead_at = null, url = excluded.url, endpoint = excluded.endpoint
    where d.tries < :tries_max
""")


_RESEND_DEAD = f"""
    with chosen as (
        select d.account_id, d.event_id, d.target
        from deliveries d join events e on e.account_id = d.account_id and e.id = d.event_id
        where d.account_id = $1 and d.state = 'dead' and d.dead_at >= $2
            and ($3::timestamptz is null or d.dead_at <= $3)
            and ($4::text is null or e.type = $4)
            and ($5::text is null or e.checkout_id = $5)
            and ($6::text is null or d.target = $6)
            and d.tries < $8 and {_TARGET_TAKES}
        order by d.dead_at, d.event_id limit $7
        for update of d skip locked
    ), again as (
        update deliveries d set
            state = 'due', due_at = now(), tries_before = d.tries, dead_at = null
        from chosen c
        where d.account_id = c.account_id and d.event_id = c.event_id and d.target = c.target
            and d.state = 'dead'
        returning 1
    )
    select count(*) from again
"""


async def resend_dead(
    connection: Connection, account_id: int, sought: SoughtDead, *, count_max: int
) -> int:
    """Makes given-up deliveries due again, those first that were given up first; how many."""
    count: int = await connection.fetchval(
        _RESEND_DEAD,
        account_id,
        sought.since,
        sought.until,
        sought.type,
        sought.checkout_id,
        sought.target,
        count_max,
        limits.WEBHOOK_TRIES_MAX,
    )
    return count


async def _sent_to(
    connection: Connection, account_id: int, event_ids: Sequence[str]
) -> dict[str, list[SentTo]]:
    rows = await connection.fetch(
        """
        select event_id, target, url, state, tries, due_at, delivered_at, dead_at
        from deliveries where account_id = $1 and event_id = any($2) order by target
        """,
        account_id,
        event_ids,
    )
    found: defaultdict[str, list[SentTo]] = defaultdict(list)
    for row in rows:
        found[row["event_id"]].append(
            SentTo(
                target=row["target"],
                url=row["url"],
                state=State(row["state"]),
                tries=row["tries"],
                due_at=row["due_at"],
                delivered_at=row["delivered_at"],
                dead_at=row["dead_at"],
            )
        )
    return found


def _webhook(row: Row, sent_to: Sequence[SentTo]) -> Webhook:
    return Webhook(
        id=row["id"],
        type=row["type"],
        checkout_id=row["checkout_id"],
        sequence=row["sequence"],
        body=row["body"],
        created_at=row["created_at"],
        sent_to=tuple(sent_to),
    )


# The feed


async def place_events(connection: Connection, *, count_max: int) -> int:
    """Gives committed events that have none a place in the feed; how many.

    Call it in a transaction of its own. It does nothing while another program does the same: of
    two at once, the one with the later number might commit first.
    """
    may: bool = await connection.fetchval("select pg_try_advisory_xact_lock($1)", _FEED_LOCK)
    if not may:
        return 0
    tag = await connection.execute(
        """
        with batch as (select nextval('feed_batches') as number),
        unplaced as (
            select number from feed where batch is null order by number limit $1
        )
        update feed f set batch = b.number from unplaced u, batch b where f.number = u.number
        """,
        count_max,
    )
    return int(tag.rpartition(" ")[2])


_FEED_LOCK = 7_295_339_333  # "paydesk" and "feed" on a telephone's keys; any fixed number does


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the feed hands it out."""

    id: str
    body: bytes


async def feed_after(
    connection: Connection,
    account_id: int,
    *,
    after: str | None,
    types: Sequence[str] | None,
    count: int,
) -> list[Told] | None:
    """The account's next events after this one; None where it has no place in the feed."""
    batch, number = -1, -1
    if after is not None:
        place = await connection.fetchrow(
            """
            select batch, number from feed
            where event_id = $2 and account_id = $1 and batch is not null
            """,
            account_id,
            after,
        )
        if place is None:
            return None
        batch, number = place
    rows = await connection.fetch(
        """
        select e.id, e.body
        from feed f join events e on e.account_id = f.account_id and e.id = f.event_id
        where f.account_id = $1 and f.batch is not null and (f.batch, f.number) > ($2, $3)
            and ($4::text[] is null or e.type = any($4::text[]))
        order by f.batch, f.number limit $5
        """,
        account_id,
        batch,
        number,
        types,
        count,
    )
    return [Told(row["id"], row["body"]) for row in rows]


# What is old


async def drop_events(connection: Connection, *, before: str, count_max: int) -> int:
    """Drops events that sort before this id, with all that is known of their deliveries.

    How many were looked at; those that are still on their way are not among them.
    """
    count: int = await connection.fetchval("select drop_old_events($1, $2)", before, count_max)
    return count


# Records that changed


@dataclass(frozen=True, slots=True)
class Change:
    """A record that was made or changed. type: customer.created, …"""

    account_id: int
    type: str
    record_id: str


async def note_change(connection: Connection, account_id: int, type_: str, record_id: str) -> None:
    """Notes a change that is to be told of, whoever wants to hear of it.

    For records that the feed tells of; the tables of others note their changes by themselves.
    """
    await connection.execute(
        "insert into record_changes (account_id, type, record_id) values ($1, $2, $3)",
        account_id,
        type_,
        record_id,
    )


async def take_changes(connection: Connection, *, count_max: int) -> list[Change]:
    """Takes the oldest changes that are to be told of; they are back if the transaction fails."""
    rows = await connection.fetch(
        """
        with taken as (
            delete from record_changes where number in (
                select number from record_changes order by number limit $1 for update skip locked
            )
            returning number, account_id, type, record_id
        )
        select * from taken order by number
        """,
        count_max,
    )
    return [Change(row["account_id"], row["type"], row["record_id"]) for row in rows]
