-- While one webhook secret of an account replaces another, the older one signs too. Both are sealed.
alter table accounts
    add column old_webhook_secret bytea,
    add column old_webhook_secret_ends_at timestamptz,
    add check ((old_webhook_secret is null) = (old_webhook_secret_ends_at is null));

-- Webhooks are dropped when they are old.
--
-- The programs may read and add to events and tries, never change or delete them. This is the one
-- way out for them, and what is younger than a day does not take it, whoever asks.

create function drop_old_events(before text, count_max integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    owners integer[];
    ids text[];
    chosen integer;
begin
    -- Ids sort by the time they were made, so each account's key finds its oldest.
    select array_agg(e.account_id), array_agg(e.id), count(*) into owners, ids, chosen
    from (
        select old.account_id, old.id
        from accounts a cross join lateral (
            select v.account_id, v.id from events v
            where v.account_id = a.id and v.id < before
                and v.created_at < now() - interval '1 day'
                and not exists (
                    select from deliveries d
                    where d.account_id = v.account_id and d.event_id = v.id and d.state = 'due'
                )
            order by v.id limit count_max for update of v skip locked
        ) old
        limit count_max
    ) e;
    perform from deliveries d
        join unnest(owners, ids) as c (account_id, event_id) using (account_id, event_id)
        for update of d;
    -- One that was sent again by hand since the choice stays.
    select array_agg(c.account_id), array_agg(c.event_id) into owners, ids
    from unnest(owners, ids) as c (account_id, event_id)
    where not exists (
        select from deliveries d
        where d.account_id = c.account_id and d.event_id = c.event_id and d.state = 'due'
    );
    delete from delivery_tries t using unnest(owners, ids) as c (account_id, event_id)
        where t.account_id = c.account_id and t.event_id = c.event_id;
    delete from deliveries d using unnest(owners, ids) as c (account_id, event_id)
        where d.account_id = c.account_id and d.event_id = c.event_id;
    delete from feed f using unnest(owners, ids) as c (account_id, event_id)
        where f.account_id = c.account_id and f.event_id = c.event_id;
    delete from events v using unnest(owners, ids) as c (account_id, id)
        where v.account_id = c.account_id and v.id = c.id;
    return chosen;
end $$;
revoke execute on function drop_old_events from public;
