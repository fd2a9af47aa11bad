-- 3-D Secure: an attempt may first have the card's issuer say whether the payer is its holder.

-- What a merchant decided to charge without an authentication; refused by default.
alter table accounts
    add column charge_if_unavailable boolean not null default false,
    add column charge_if_not_enrolled boolean not null default false;

alter table transactions
    -- Its payer was sent to the issuer, of which the merchant was told.
    add column is_challenged boolean not null default false,
    -- As the acquirer answered it: it tells who bears a loss.
    add column eci text;

create table authentications (
    account_id integer not null,
    -- The threeDSServerTransID.
    id text collate "C" not null check (length(id) = 36),
    transaction_id text collate "C" not null,
    state text not null,
    moves smallint not null default 1,
    version text not null,
    -- Of the secret in the addresses that browsers are sent back to.
    token_hash bytea not null check (octet_length(token_hash) = 32),
    -- Forgotten together with the messages.
    browser json,
    method_url text,
    method_seen_at timestamptz,
    charge_if_unavailable boolean not null,
    directory_id text collate "C",
    issuer_id text collate "C",
    challenge_url text,
    challenge_window text,
    -- What the ARes said, and the RReq after a challenge.
    status text,
    status_reason text,
    result_status text,
    result_reason text,
    challenge_cancel text,
    eci text,
    -- The authentication value, sealed.
    sealed_value bytea,
    cardholder_text text,
    -- What the payer's browser brought back: a hint.
    returned_at timestamptz,
    returned_status text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, transaction_id) references transactions
) with (fillfactor = 80);
create unique index authentications_by_id on authentications (id);
create unique index authentications_by_token on authentications (token_hash);
create unique index authentications_by_transaction on authentications (transaction_id, account_id);
-- For forgetting the browsers.
create index authentications_by_age on authentications (created_at) where browser is not null;

-- The messages as they went, without number and authentication value; kept for a while.
create table authentication_messages (
    account_id integer not null,
    authentication_id text collate "C" not null,
    sequence smallint not null,
    kind text not null,
    -- Of the whole message, so that a repeated one is known.
    digest bytea not null,
    body json not null,
    at timestamptz not null default now(),
    primary key (account_id, authentication_id, sequence),
    foreign key (account_id, authentication_id) references authentications
);
create index authentication_messages_by_age on authentication_messages (at);

insert into state_edges (machine, from_state, to_state) values
    ('checkouts', 'pending', 'cancelled'),
    ('transactions', 'created', 'authenticating'),
    ('transactions', 'authenticating', 'authenticated'),
    ('transactions', 'authenticating', 'submitting'),
    ('transactions', 'authenticating', 'auth_failed'),
    ('transactions', 'authenticating', 'auth_abandoned'),
    ('transactions', 'authenticated', 'submitting'),
    ('transactions', 'authenticated', 'auth_abandoned'),
    ('transactions', 'submitting', 'authenticated'),
    ('authentications', 'method', 'asking'),
    ('authentications', 'method', 'ended'),
    ('authentications', 'asking', 'challenge'),
    ('authentications', 'asking', 'ended'),
    ('authentications', 'challenge', 'ended');

drop trigger transactions_start on transactions;
create trigger transactions_start before insert on transactions
    for each row when (new.state not in ('submitting', 'authenticating'))
    execute function refuse_illegal_start();
create trigger authentications_legal before update of state on authentications
    for each row when (old.state is distinct from new.state)
    execute function refuse_illegal_move();
create trigger authentications_start before insert on authentications
    for each row when (new.state not in ('method', 'asking'))
    execute function refuse_illegal_start();

-- What holds no money, and never will, has one of these three; the states behind them are more.
drop index transactions_one_live;
create unique index transactions_one_live on transactions (order_id, account_id)
    where status not in ('DECLINED', 'REVERSED', 'CANCELLED');
