-- What the guard against card testing knows, and for how long: see limits.py, "Card testing".

-- One row for each attempt to pay with a card, until nothing looks back that far. Addresses and
-- cards are keyed hashes: a reader can tell that two are the same, and no more.
create table card_attempts (
    account_id integer not null,
    transaction_id text collate "C" not null,
    checkout_id text collate "C" not null,
    is_live boolean not null,
    address bigint,
    network bigint,
    card bigint not null,
    bin text not null,
    expires_on integer not null,
    email bigint,
    -- Null while the attempt is under way, and once it is paid.
    outcome text check (outcome in ('declined', 'unproven', 'stopped')),
    at timestamptz not null default now(),
    primary key (transaction_id, account_id)
) with (fillfactor = 85);
create index card_attempts_by_age on card_attempts (at);
create index card_attempts_of_account on card_attempts (account_id, at);
create index card_attempts_by_address on card_attempts (address, at) where address is not null;
create index card_attempts_by_network on card_attempts (network, at) where network is not null;
create index card_attempts_by_email on card_attempts (email, at) where email is not null;
create index card_attempts_by_bin on card_attempts (bin, account_id, at);
create index card_attempts_by_card on card_attempts (card, at) where outcome is not null;
create index card_attempts_by_checkout on card_attempts (checkout_id, account_id)
    where outcome = 'stopped';

-- How wary an account is, by merchants.GuardLevel; a row whose time is up says nothing.
create table guard_levels (
    account_id integer primary key,
    level smallint not null check (level between 1 and 3),
    since timestamptz not null default now(),
    until timestamptz not null
);

-- When whoever sends cards without a proof of work gets a turn again.
create table guard_turns (
    key bigint primary key,
    next_at timestamptz not null
);
create index guard_turns_by_age on guard_turns (next_at);

-- Proofs of work that were taken: each counts once.
create table guard_proofs (
    nonce bytea primary key,
    until timestamptz not null
);
create index guard_proofs_by_age on guard_proofs (until);

-- Whether the issuer is asked to challenge the payer whatever it thinks of the payment.
alter table authentications add column demands_challenge boolean not null default false;
