-- The spine: accounts, customers, orders, checkouts, attempts, ledger, webhooks.
--
-- Every business table carries the account in its key, so that it can be spread by account.
-- Metadata is the merchant's own and comes back as it was written, hence json and not jsonb.
-- Ids compare byte by byte ("C"), which is also their order in time. Amounts are minor units.
--
-- Only primary keys begin with the account. A second index that did would look as good to a
-- planner without statistics, and a foreign key's check planned in a new database would then
-- read all rows of the account each time (seen in `make bench`, as a cost that grew with use).
--
-- The tables from customers on do not refer to accounts by a foreign key: each such check locks
-- the account's one row, which all requests of a busy merchant would queue up to mark. Accounts
-- are never deleted, and the account in a key is always that of the authenticated caller.

-- Merchants ---------------------------------------------------------------------------------

create table merchants (
    id text collate "C" primary key,
    name text not null,
    created_at timestamptz not null default now()
);

create table accounts (
    id integer generated always as identity primary key,
    merchant_id text collate "C" not null references merchants,
    is_live boolean not null,
    public_key text collate "C" not null unique,
    webhook_secret bytea not null,
    -- Null until an acquirer is configured: nothing can be created with the account before.
    connector text,
    created_at timestamptz not null default now(),
    unique (merchant_id, is_live)
);

create table api_keys (
    id integer generated always as identity primary key,
    account_id integer not null references accounts,
    api_key text collate "C" not null unique,
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

create table payment_methods (
    account_id integer not null references accounts,
    id text collate "C" not null,
    type text not null,
    abbreviated_name text not null check (length(abbreviated_name) <= 8),
    item_limit bigint check (item_limit > 0),
    monthly_limit bigint check (monthly_limit > 0),
    is_active boolean not null default true,
    primary key (account_id, id),
    unique (account_id, type)
);

-- Web processes keep accounts in memory; they drop what this names within a second.
create function tell_account_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('paydesk_accounts', '');
    return null;
end $$;

create trigger accounts_changed after update or delete on accounts
    for each statement execute function tell_account_changed();
create trigger api_keys_changed after update or delete on api_keys
    for each statement execute function tell_account_changed();
create trigger payment_methods_changed after insert or update or delete on payment_methods
    for each statement execute function tell_account_changed();

-- Customers ---------------------------------------------------------------------------------

create table customers (
    account_id integer not null,
    id text collate "C" not null,
    reference text not null,
    company_name text,
    person_name text,
    person_surname text,
    client_type text,
    id_type text,
    id_number text,
    email text,
    contact_number text,
    shipping_contact_name text,
    shipping_contact_number text,
    metadata json,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    unique (reference, account_id)
);

create table addresses (
    account_id integer not null,
    customer_id text collate "C" not null,
    kind text not null check (kind in ('billing', 'shipping')),
    line1 text,
    line2 text,
    city_or_town text,
    province_or_state text,
    postal_or_zip_code text,
    country char(2),
    primary key (account_id, customer_id, kind),
    foreign key (account_id, customer_id) references customers
);

-- Orders ------------------------------------------------------------------------------------

create table orders (
    account_id integer not null,
    id text collate "C" not null,
    reference text not null,
    description text,
    customer_id text collate "C",
    currency char(3) not null,
    amount_total bigint not null check (amount_total >= 0),
    amount_subtotal bigint check (amount_subtotal >= 0),
    amount_discount bigint check (amount_discount >= 0),
    amount_shipping bigint check (amount_shipping >= 0),
    amount_tax bigint check (amount_tax >= 0),
    status text not null default 'PENDING',
    fulfillment_status text not null default 'UNFULFILLED',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, customer_id) references customers
);
create index orders_by_reference on orders (reference, account_id);

create table order_items (
    account_id integer not null,
    order_id text collate "C" not null,
    position smallint not null,
    sku text,
    name text not null,
    quantity integer not null check (quantity >= 1),
    unit_amount bigint not null check (unit_amount >= 0),
    tax bigint check (tax >= 0),
    discount bigint check (discount >= 0),
    metadata json,
    primary key (account_id, order_id, position),
    foreign key (account_id, order_id) references orders
);

-- Checkouts ---------------------------------------------------------------------------------

create table checkouts (
    account_id integer not null,
    id text collate "C" not null,
    session_id text collate "C" not null,
    order_id text collate "C" not null,
    customer_id text collate "C",
    mode text not null,
    payment_type text not null,
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    state text not null default 'open',
    -- Attempts to pay so far, those among them that failed, and events announced so far.
    attempts smallint not null default 0,
    failures smallint not null default 0,
    events smallint not null default 0,
    moves smallint not null default 0,
    success_url text not null,
    cancel_url text not null,
    notify_url text not null,
    customization jsonb not null,
    payment_method_ids text[],
    payment_metadata json,
    save_card boolean not null,
    show_cards boolean not null,
    card_ids text[],
    customer_fields text[],
    send_invoice boolean not null,
    send_confirmation_email boolean not null,
    confirmation_email_override text,
    transaction_id text collate "C",
    card_id text collate "C",
    cancellation_reason text check (cancellation_reason in ('customer', 'merchant', 'fraud')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    expires_at timestamptz not null,
    completed_at timestamptz,
    cancelled_at timestamptz,
    abandoned_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, order_id) references orders,
    foreign key (account_id, customer_id) references customers
) with (fillfactor = 85);
create index checkouts_to_expire on checkouts (expires_at) where state = 'open';

-- The payer's side of a checkout. Only a hash of the page's token is kept.
create table sessions (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    account_id integer not null,
    checkout_id text collate "C" not null,
    opened_at timestamptz,
    last_seen_at timestamptz,
    foreign key (account_id, checkout_id) references checkouts
) with (fillfactor = 85);
create index sessions_by_checkout on sessions (checkout_id, account_id);
create index sessions_seen on sessions (last_seen_at) where last_seen_at is not null;

create table checkout_moves (
    account_id integer not null,
    checkout_id text collate "C" not null,
    sequence smallint not null,
    from_state text not null,
    to_state text not null,
    step text not null,
    event text,
    at timestamptz not null default now(),
    primary key (account_id, checkout_id, sequence),
    foreign key (account_id, checkout_id) references checkouts
);

-- Cards: what may be shown. The number itself is the vault's alone.
create table cards (
    account_id integer not null,
    id text collate "C" not null,
    customer_id text collate "C",
    brand text not null,
    bin text not null check (length(bin) <= 8),
    ending char(4) not null,
    expire_month smallint not null check (expire_month between 1 and 12),
    expire_year smallint not null,
    fingerprint text not null,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, customer_id) references customers
);

-- Attempts to move money --------------------------------------------------------------------

create table transactions (
    account_id integer not null,
    id text collate "C" not null,
    checkout_id text collate "C" not null,
    order_id text collate "C" not null,
    customer_id text collate "C",
    card_id text collate "C",
    attempt smallint not null check (attempt >= 1),
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    state text not null,
    moves smallint not null default 0,
    connector text not null,
    provider_id text,
    authorisation_code text,
    decline_reason text,
    decline_code text,
    -- Questions asked of the acquirer about an unclear outcome, and when the next is due.
    inquiries smallint not null default 0,
    due_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    approved_at timestamptz,
    reversed_at timestamptz,
    primary key (account_id, id),
    -- A form sent twice is one attempt.
    unique (checkout_id, attempt, account_id),
    foreign key (account_id, checkout_id) references checkouts,
    foreign key (account_id, card_id) references cards
) with (fillfactor = 85);
-- At most one attempt at a time, and at most one that holds money (MON-6).
create unique index transactions_one_live on transactions (checkout_id, account_id)
    where state not in ('declined', 'reversed');
create index transactions_due on transactions (due_at) where due_at is not null;

create table transaction_moves (
    account_id integer not null,
    transaction_id text collate "C" not null,
    sequence smallint not null,
    from_state text not null,
    to_state text not null,
    step text not null,
    fact text,
    detail text,
    at timestamptz not null default now(),
    primary key (account_id, transaction_id, sequence),
    foreign key (account_id, transaction_id) references transactions
);

-- The legal moves, refused here too, whatever the program does (MON-10). -----------------------

create table state_edges (
    machine text not null,
    from_state text not null,
    to_state text not null,
    primary key (machine, from_state, to_state)
);

insert into state_edges (machine, from_state, to_state) values
    ('checkouts', 'open', 'pending'),
    ('checkouts', 'open', 'cancelled'),
    ('checkouts', 'open', 'expired'),
    ('checkouts', 'pending', 'completed'),
    ('checkouts', 'pending', 'open'),
    ('checkouts', 'pending', 'failed'),
    ('transactions', 'created', 'submitting'),
    ('transactions', 'submitting', 'approved'),
    ('transactions', 'submitting', 'declined'),
    ('transactions', 'submitting', 'review'),
    ('transactions', 'submitting', 'unknown'),
    ('transactions', 'review', 'approved'),
    ('transactions', 'review', 'declined'),
    ('transactions', 'unknown', 'approved'),
    ('transactions', 'unknown', 'declined'),
    ('transactions', 'unknown', 'review'),
    ('transactions', 'unknown', 'reversing'),
    ('transactions', 'approved', 'reversing'),
    ('transactions', 'reversing', 'reversed'),
    ('transactions', 'reversing', 'unknown_reversal'),
    ('transactions', 'reversing', 'manual'),
    ('transactions', 'unknown_reversal', 'reversed'),
    ('transactions', 'unknown_reversal', 'manual');

create function refuse_illegal_move() returns trigger language plpgsql as $$
begin
    if not exists (
        select from state_edges
        where machine = tg_table_name and from_state = old.state and to_state = new.state
    ) then
        raise exception 'illegal move of % from % to %', tg_table_name, old.state, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger checkouts_legal before update of state on checkouts
    for each row when (old.state is distinct from new.state)
    execute function refuse_illegal_move();
create trigger transactions_legal before update of state on transactions
    for each row when (old.state is distinct from new.state)
    execute function refuse_illegal_move();

create function refuse_illegal_start() returns trigger language plpgsql as $$
begin
    raise exception 'illegal start of % in %', tg_table_name, new.state
        using errcode = 'check_violation';
end $$;

create trigger checkouts_start before insert on checkouts
    for each row when (new.state <> 'open') execute function refuse_illegal_start();
-- An attempt is written when it is about to be sent; before, nobody needs to know of it.
create trigger transactions_start before insert on transactions
    for each row when (new.state <> 'submitting') execute function refuse_illegal_start();

-- Ledger: append-only, each entry balanced per currency at commit (MON-8). ------------------------

create table ledger_entries (
    account_id integer not null,
    id text collate "C" not null,
    transaction_id text collate "C" not null,
    fact text not null,
    at timestamptz not null default now(),
    primary key (account_id, id),
    -- One approval and one reversal at most per attempt.
    unique (transaction_id, fact, account_id),
    foreign key (account_id, transaction_id) references transactions
);

create table ledger_lines (
    account_id integer not null,
    entry_id text collate "C" not null,
    position smallint not null,
    book text not null,
    currency char(3) not null,
    -- Debits are positive, credits negative.
    amount bigint not null check (amount <> 0),
    primary key (account_id, entry_id, position),
    foreign key (account_id, entry_id) references ledger_entries
);

create function refuse_unbalanced_entry() returns trigger language plpgsql as $$
begin
    if exists (
        select from ledger_lines
        where account_id = new.account_id and entry_id = new.entry_id
        group by currency having sum(amount) <> 0
    ) then
        raise exception 'ledger entry % does not balance', new.entry_id
            using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger ledger_lines_balance after insert on ledger_lines
    deferrable initially deferred for each row execute function refuse_unbalanced_entry();

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger ledger_entries_fixed before update or delete or truncate on ledger_entries
    for each statement execute function refuse_change();
create trigger ledger_lines_fixed before update or delete or truncate on ledger_lines
    for each statement execute function refuse_change();
create trigger checkout_moves_fixed before update or delete or truncate on checkout_moves
    for each statement execute function refuse_change();
create trigger transaction_moves_fixed before update or delete or truncate on transaction_moves
    for each statement execute function refuse_change();

-- Webhooks ----------------------------------------------------------------------------------

create table events (
    account_id integer not null,
    id text collate "C" not null,
    type text not null,
    checkout_id text collate "C" not null,
    sequence smallint not null,
    -- The very bytes that are signed and sent, the same at every try.
    body bytea not null,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    unique (checkout_id, sequence, account_id)
);

create table deliveries (
    account_id integer not null,
    event_id text collate "C" not null,
    url text not null,
    -- scheme://host:port; deliveries to one endpoint share its slots.
    endpoint text not null,
    state text not null default 'due' check (state in ('due', 'delivered', 'dead')),
    -- Tries begun. While one runs, due_at is the end of its lease.
    tries smallint not null default 0,
    due_at timestamptz default now(),
    delivered_at timestamptz,
    primary key (account_id, event_id, url),
    foreign key (account_id, event_id) references events,
    check ((state = 'due') = (due_at is not null))
) with (fillfactor = 80);
create index deliveries_due on deliveries (due_at) where state = 'due';

create table delivery_tries (
    account_id integer not null,
    event_id text collate "C" not null,
    url text not null,
    try smallint not null,
    at timestamptz not null default now(),
    milliseconds integer not null,
    status smallint,
    failure text,
    answer text,
    primary key (account_id, event_id, url, try),
    foreign key (account_id, event_id, url) references deliveries
);

-- Replies that a repeated Idempotency-Key is answered with. ------------------------------------

create table idempotency_keys (
    account_id integer not null,
    route text not null,
    key text collate "C" not null,
    fingerprint bytea not null,
    status smallint not null,
    body bytea not null,
    -- The page token in the body is cut out; it is made again from this checkout's id.
    checkout_id text collate "C",
    created_at timestamptz not null default now(),
    primary key (account_id, route, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
