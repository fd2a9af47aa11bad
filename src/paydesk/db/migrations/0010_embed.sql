-- Whose pages may hold a checkout in a frame, and how often a payer has asked for more time.

alter table accounts add column embed_origins text[] not null default '{}';

-- The bound is limits.EXTENSIONS_MAX; here it holds against any program.
alter table checkouts add column extensions smallint not null default 0
    check (extensions between 0 and 10);
