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

-- Events about records, for endpoints of the account alone. --------------------------------------

-- They are about no checkout.
alter table events alter column checkout_id drop not null;

-- What changed and is still to be told of. A line is written with the change itself, and only where
-- an endpoint wants to hear of it: see docs/decisions/0025.
create table record_changes (
    number bigint generated always as identity primary key,
    account_id integer not null,
    type text not null,
    record_id text collate "C" not null
);

-- In plpgsql, which keeps its plans: in sql each call would be planned anew, which takes longer than
-- the payment's own statements.
create function note_change(integer, text, text) returns void language plpgsql as $$
begin
    if exists (
        select from webhook_endpoints
        where account_id = $1 and disabled_at is null and (events = '{}' or $2 = any(events))
    ) then
        insert into record_changes (account_id, type, record_id) values ($1, $2, $3);
    end if;
end $$;

create function note_customer() returns trigger language plpgsql as $$
begin
    -- One that is made in this transaction is told of already.
    if tg_op = 'INSERT' or new.created_at < now() then
        perform note_change(new.account_id, tg_argv[0], new.id);
    end if;
    return null;
end $$;
create trigger customers_made after insert on customers
    for each row execute function note_customer('customer.created');
create trigger customers_changed after update on customers
    for each row execute function note_customer('customer.updated');

-- A checkout brings the address of a customer it knows up to date, and nothing else of it.
create function note_address() returns trigger language plpgsql as $$
begin
    if exists (
        select from customers
        where account_id = new.account_id and id = new.customer_id and updated_at < now()
    ) then
        perform note_change(new.account_id, 'customer.updated', new.customer_id);
    end if;
    return null;
end $$;
create trigger addresses_noted after insert or update on addresses
    for each row execute function note_address();

create function note_transaction() returns trigger language plpgsql as $$
begin
    perform note_change(new.account_id, tg_argv[0], new.id);
    return null;
end $$;
create trigger transactions_made after insert on transactions
    for each row execute function note_transaction('transaction.created');
-- Of what the API shows; a step on the way, such as the next question to the acquirer, is none.
create trigger transactions_changed after update on transactions
    for each row when (
        (old.status, old.approved_at, old.captured, old.voided, old.refunded, old.received,
            old.returned)
        is distinct from
        (new.status, new.approved_at, new.captured, new.voided, new.refunded, new.received,
            new.returned)
    )
    execute function note_transaction('transaction.updated');
