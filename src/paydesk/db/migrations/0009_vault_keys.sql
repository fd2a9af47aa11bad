-- Master keys by version, cards on shelves that are emptied as files, and a card's token.

-- The versions of the master key that rows are wrapped under. The foreign keys keep a version from
-- being retired under a card. proof is something the version wrapped: at every start it shows that
-- the key is the same one. Null for what is older than this table; vault.keys prove those.
create table vault.key_versions (
    version smallint primary key check (version > 0),
    proof bytea,
    created_at timestamptz not null default now()
);

insert into vault.key_versions (version)
select key_version from vault.keys union select key_version from vault.cards;

alter table vault.keys add foreign key (key_version) references vault.key_versions;

-- A deleted row's bytes stay in its table's file until something happens to be written over them.
-- So an unsaved card stands on the shelf of its quarter of an hour, and a shelf whose cards are
-- all gone is truncated: docs/decisions/0013. A saved card (kept_until null) stands on shelf -1.
alter table vault.cards rename to cards_before;
alter index vault.cards_pkey rename to cards_before_pkey;
alter index vault.cards_kept_until rename to cards_before_kept_until;

create table vault.cards (
    account_id bigint not null,
    id text collate "C" not null check (id like 'crd\_%'),
    shelf smallint not null,
    is_live boolean not null,
    key_version smallint not null references vault.key_versions,
    wrapped_key bytea not null,
    sealed bytea not null,
    kept_until timestamptz,
    created_at timestamptz not null default now(),
    primary key (account_id, id, shelf)
) partition by list (shelf);

create table vault.cards_saved partition of vault.cards for values in (-1);
create table vault.cards_0 partition of vault.cards for values in (0);
create table vault.cards_1 partition of vault.cards for values in (1);
create table vault.cards_2 partition of vault.cards for values in (2);
create table vault.cards_3 partition of vault.cards for values in (3);
create table vault.cards_4 partition of vault.cards for values in (4);
create table vault.cards_5 partition of vault.cards for values in (5);

create index cards_kept_until on vault.cards (kept_until) where kept_until is not null;

insert into vault.cards
select account_id, id, case when kept_until is null then -1
                            else extract(epoch from now())::bigint / 900 % 6 end,
       is_live, key_version, wrapped_key, sealed, kept_until, created_at
from vault.cards_before;

drop table vault.cards_before;

-- What merchants will know a saved card by: random, never made from the number.
alter table cards add column token text check (token ~ '^[0-9a-f]{64}$');
update cards set token = encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                                       || uuid_send(gen_random_uuid())), 'hex');
alter table cards alter column token set not null;
