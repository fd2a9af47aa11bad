-- Money that came by hand and that no bank's notice told of.

-- Up to where each bank's statement was read.
create table bank_statements (
    bank text primary key,
    cursor text not null,
    read_at timestamptz not null default now()
);

-- Sums under no reference of ours: no account's, until a person finds out whose.
create table unclaimed_deposits (
    id text collate "C" primary key,
    bank text not null,
    -- The bank's own.
    provider_id text not null,
    -- What the sender wrote.
    reference text not null,
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    sender text,
    at timestamptz not null default now(),
    settled_at timestamptz,
    unique (bank, provider_id)
);
create index unclaimed_deposits_waiting on unclaimed_deposits (id) where settled_at is null;
