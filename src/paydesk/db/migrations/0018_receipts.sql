-- What a payer's way back to the shop waits for and brings along.

alter table accounts
    -- The bound is limits.REDIRECT_WAIT_SECONDS_MAX; here it holds against any program.
    add column redirect_wait_seconds smallint not null default 5
        check (redirect_wait_seconds between 0 and 30),
    add column signed_receipts boolean not null default false;
