-- Endpoints that hear of all of an account's events, beside a checkout's notify_url; what is kept
-- of each delivery; and the feed of events for those who would rather ask.

create table webhook_endpoints (
    account_id integer not null,
    id text collate "C" not null,
    url text not null,
    -- scheme://host:port, as in deliveries.
    endpoint text not null,
    name text not null,
    -- Types such as checkout.completed; none means all, those of later versions too.
    events text[] not null,
    retry_schedule text not null check (retry_schedule in ('short', 'long')),
    -- Null while it is live.
    disabled_at timestamptz,
    disabled_by text check (disabled_by in ('merchant', 'receiver')),
    -- Sealed. While one replaces another, the older one signs too.
    secret bytea not null,
    old_secret bytea,
    old_secret_ends_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- Its row stays, for the log of its deliveries.
    removed_at timestamptz,
    primary key (account_id, id),
    check ((disabled_at is null) = (disabled_by is null)),
    check ((old_secret is null) = (old_secret_ends_at is null))
);

-- An event goes to the checkout's notify_url, and to each endpoint that wants it; two of these may
-- have one URL.
alter table delivery_tries
    add column target text collate "C" not null default 'notify_url',
    -- When it was sent, which X-Timestamp says too, and the head of the answer.
    add column sent_at timestamptz,
    add column answer_headers jsonb,
    drop constraint delivery_tries_account_id_event_id_url_fkey,
    drop constraint delivery_tries_pkey;
alter table delivery_tries
    alter column target drop default,
    add primary key (account_id, event_id, target, try);
alter table deliveries
    -- 'notify_url', or the id of an endpoint.
    add column target text collate "C" not null default 'notify_url',
    -- Tries made before it was last sent again by hand: that begins the schedule anew.
    add column tries_before smallint not null default 0,
    add column dead_at timestamptz,
    drop constraint deliveries_pkey;
update deliveries d set dead_at = coalesce((
    select max(t.at) from delivery_tries t
    where t.account_id = d.account_id and t.event_id = d.event_id
), now())
where state = 'dead';
alter table deliveries
    alter column target drop default,
    add primary key (account_id, event_id, target),
    add check ((state = 'dead') = (dead_at is not null));
alter table delivery_tries
    add foreign key (account_id, event_id, target) references deliveries;
create index deliveries_dead on deliveries (account_id, dead_at) where state = 'dead';

-- The order in which events are handed out. An event may be committed after one that was written
-- later, so their own numbers are no order to read by: a reader would pass over the late one.
-- One program at a time, behind a lock, gives what is committed the next batch's number.
create table feed (
    number bigint generated always as identity primary key,
    account_id integer not null,
    event_id text collate "C" not null,
    batch bigint,
    foreign key (account_id, event_id) references events
);
create sequence feed_batches;
create index feed_unplaced on feed (number) where batch is null;
create unique index feed_places on feed (account_id, batch, number) where batch is not null;
create unique index feed_events on feed (event_id, account_id);

insert into feed (account_id, event_id, batch)
select account_id, id, 0 from events order by created_at, checkout_id, sequence;
