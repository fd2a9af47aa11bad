-- Saved cards: what their payer agreed to, what they are called, and what the vault is still told.

alter table cards
    -- The sentence that the payer agreed to; null where the card is not to be saved.
    add column consent text,
    -- The saved card that this one is: where a saved one was paid with, or one was saved again.
    add column saved_as text collate "C",
    add column saved_at timestamptz,
    add column archived_at timestamptz,
    add column nickname text,
    add column is_default boolean not null default false,
    -- What the vault has to do with the number, and since when it is due; null where it has done so.
    add column vault_step text check (vault_step in ('save', 'destroy')),
    -- The card whose number is to be kept under this one's id: its own, or the newer one's.
    add column vault_source text collate "C",
    add column vault_due_at timestamptz,
    -- The vault had lost the number before it could be saved.
    add column is_lost boolean not null default false,
    add column updated_at timestamptz not null default now(),
    add foreign key (account_id, saved_as) references cards,
    add check (saved_at is null or customer_id is not null),
    add check ((vault_step is null) = (vault_due_at is null)),
    add check (archived_at is null or not is_default);
create index cards_saved on cards (customer_id, account_id, id desc) where saved_at is not null;
-- The same number saved twice is one card of its customer.
create unique index cards_saved_once on cards (customer_id, fingerprint, account_id)
    where saved_at is not null and archived_at is null;
create unique index cards_one_default on cards (customer_id, account_id) where is_default;
create unique index cards_by_token on cards (token, account_id) where saved_at is not null;
create index cards_vault_due on cards (vault_due_at) where vault_due_at is not null;

-- Of a checkout that asks for a card in the place of another.
alter table checkouts
    add column replaces_card_id text collate "C",
    add foreign key (account_id, replaces_card_id) references cards;

-- Saved cards stand on one of two shelves. Where one has left, the others move to the other shelf
-- and the file ends: docs/decisions/0023.
create table vault.cards_saved_too partition of vault.cards for values in (-2);
create table vault.saved_shelves (
    number smallint primary key check (number in (-1, -2)),
    is_filled boolean not null,
    leaves_traces boolean not null default false
);
insert into vault.saved_shelves (number, is_filled) values (-1, true), (-2, false);
