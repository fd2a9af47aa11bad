-- Keys with a kind, sections, a permission and an end; what an account says of its merchant.

-- A public key has no secret. sections null means all of the API; ends_at is set by a rotation.
alter table api_keys
    add column kind text not null default 'secret' check (kind in ('secret', 'public')),
    add column name text not null default '',
    add column sections text[],
    add column may_write boolean not null default true,
    add column ends_at timestamptz,
    alter column secret_hash drop not null,
    add check ((kind = 'public') = (secret_hash is null));

insert into api_keys (account_id, api_key, kind, created_at)
    select id, public_key, 'public', created_at from accounts order by id;

-- Each account has a record of its own, so that a test key can't change what is live.
-- A name of null is the merchant's. The logo's hash is its address, so a new logo has a new one.
alter table accounts
    drop column public_key,
    add column name text,
    add column logo bytea,
    add column logo_media_type text,
    add column logo_hash bytea generated always as (sha256(logo)) stored,
    add column legal_name text,
    add column registration_number text,
    add column is_vat_vendor boolean not null default false,
    add column vat_number text check (vat_number ~ '^4[0-9]{9}$'),
    add column address json,
    add column allowed_origins text[] not null default '{}',
    add column customization json not null default '{}',
    add column unique_order_references boolean not null default false,
    add column signed_forms_only boolean not null default false,
    add check ((logo is null) = (logo_media_type is null)),
    add check (not is_vat_vendor or vat_number is not null);

create index accounts_by_logo on accounts (logo_hash) where logo_hash is not null;
