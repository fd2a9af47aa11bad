-- What becomes of an approved attempt: captures, voids and refunds, and sums of them.

alter table transactions
    -- Authorised only (Pre-Authorization); what is taken of it is captured later.
    add column is_hold boolean not null default false,
    -- transaction_status as the API shows it; it follows from the columns here, see status.py.
    add column status text not null default 'PENDING',
    add column status_changed_at timestamptz,
    add column captured bigint not null default 0,
    add column refunded bigint not null default 0,
    add column voided bigint not null default 0,
    add column captured_at timestamptz,
    -- While something authorised is left to capture: until when, and when it is next let go of.
    add column capture_before timestamptz,
    add column lapse_at timestamptz,
    add column lapse_tries smallint not null default 0,
    add column warned_at timestamptz,
    -- What the acquirer is held to, the database holds us to (MON-7).
    add constraint transactions_never_above check (
        captured >= 0 and voided >= 0 and captured + voided <= amount
        and refunded >= 0 and refunded <= captured
    );

update transactions set
    status = case state when 'approved' then 'PAID' when 'declined' then 'DECLINED'
        when 'reversed' then 'REVERSED' else 'PENDING' end,
    status_changed_at = updated_at,
    captured = case state when 'approved' then amount else 0 end,
    captured_at = case state when 'approved' then approved_at end;

alter table transactions
    alter column status_changed_at set not null,
    alter column status_changed_at set default now();

-- An order may be paid through several checkouts, never twice: at most one attempt at a time that
-- may hold money, over all checkouts of an order (MON-6). What was let go of holds none.
do $$
declare
    twice text;
begin
    select string_agg(distinct order_id, ', ') into twice from (
        select order_id from transactions where state not in ('declined', 'reversed')
        group by order_id, account_id having count(*) > 1
    ) found;
    if twice is not null then
        raise exception 'These orders were paid twice, through several checkouts: %. Refund one '
            'payment of each at the acquirer, and set its state to reversed, before upgrading.',
            twice;
    end if;
end $$;
drop index transactions_one_live;
create unique index transactions_one_live on transactions (order_id, account_id)
    where state not in ('declined', 'reversed') and status <> 'CANCELLED';
create index transactions_by_order on transactions (order_id, account_id);
create index transactions_by_customer on transactions (customer_id, account_id, id);
create index transactions_for_a_person on transactions (id) where state = 'manual';
create index transactions_not_lapsed on transactions (id)
    where capture_before is not null and lapse_at is null;
create index transactions_to_lapse on transactions (lapse_at) where lapse_at is not null;

create table modifications (
    account_id integer not null,
    id text collate "C" not null,
    transaction_id text collate "C" not null,
    kind text not null check (kind in ('capture', 'void', 'refund')),
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    -- By the system: what was not captured in time is let go of.
    is_automatic boolean not null,
    state text not null,
    moves smallint not null default 0,
    connector text not null,
    provider_id text,
    decline_reason text,
    decline_code text,
    inquiries smallint not null default 0,
    due_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    approved_at timestamptz,
    reversed_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, transaction_id) references transactions
) with (fillfactor = 85);
create index modifications_by_transaction on modifications (transaction_id, account_id);
create index modifications_due on modifications (due_at) where due_at is not null;
create index modifications_for_a_person on modifications (id) where state = 'manual';

create table modification_moves (
    account_id integer not null,
    modification_id text collate "C" not null,
    sequence smallint not null,
    from_state text not null,
    to_state text not null,
    step text not null,
    fact text,
    detail text,
    at timestamptz not null default now(),
    primary key (account_id, modification_id, sequence),
    foreign key (account_id, modification_id) references modifications
);

create trigger modification_moves_fixed before update or delete or truncate on modification_moves
    for each statement execute function refuse_change();

-- A person who has asked the acquirer can settle what machines could not.
insert into state_edges (machine, from_state, to_state) values
    ('transactions', 'manual', 'approved'),
    -- A review that the acquirer has forgotten is fenced like any other attempt.
    ('transactions', 'review', 'reversing'),
    ('transactions', 'manual', 'reversed');
-- Both are attempts to move money, with one and the same life.
insert into state_edges (machine, from_state, to_state)
select 'modifications', from_state, to_state from state_edges where machine = 'transactions';

create trigger modifications_legal before update of state on modifications
    for each row when (old.state is distinct from new.state)
    execute function refuse_illegal_move();
create trigger modifications_start before insert on modifications
    for each row when (new.state <> 'submitting') execute function refuse_illegal_start();

-- An entry tells of an attempt, or of a modification of it: one of each fact at most.
alter table ledger_entries
    add column modification_id text collate "C",
    add foreign key (account_id, modification_id) references modifications,
    drop constraint ledger_entries_transaction_id_fact_account_id_key;
create unique index ledger_entries_one_of_each
    on ledger_entries (coalesce(modification_id, transaction_id), fact, account_id);

-- A reply that is still to be made: the modification it will tell of.
alter table idempotency_keys add column modification_id text collate "C";
