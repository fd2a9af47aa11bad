-- The vault's own schema. Only the vault's role reads it; the web and the worker never do.

create schema vault;
revoke all on schema vault from public;

-- Keys that must outlive a change of master key, wrapped by it. The first is also the proof, at
-- every start, that the master key is the one that sealed the cards.
create table vault.keys (
    purpose text collate "C" primary key,
    key_version smallint not null,
    wrapped bytea not null,
    created_at timestamptz not null default now()
);

-- Number, expiry and name of a card: sealed under a data key of its own, which is wrapped by
-- master key number key_version. kept_until is null for a card that was asked to be saved.
create table vault.cards (
    account_id bigint not null,
    id text collate "C" not null check (id like 'crd\_%'),
    is_live boolean not null,
    key_version smallint not null,
    wrapped_key bytea not null,
    sealed bytea not null,
    kept_until timestamptz,
    created_at timestamptz not null default now(),
    primary key (account_id, id)
);

create index cards_kept_until on vault.cards (kept_until) where kept_until is not null;
