-- Other ways to pay than by card: at the payer's bank, by scanning a code, and by sending money.

alter table payment_methods
    -- The bank that collects. Null: cards, which the account's acquirer takes, and transfers that
    -- the merchant sees come in.
    add column connector text,
    -- Where payers send money: what the page shows them.
    add column bank_account json;

alter table accounts
    -- Money that came by hand and pays for nothing goes back by itself, where the bank can.
    add column return_surplus boolean not null default true;

alter table transactions
    add column method text not null default 'CARD',
    -- Where the payer goes to act at their bank, and until when they can.
    add column handover_url text,
    add column handover_until timestamptz,
    -- Of the secret in the addresses that the payer comes back to and that the bank notifies.
    add column return_hash bytea check (octet_length(return_hash) = 32),
    -- What the payer of a transfer is to name.
    add column payer_reference text collate "C",
    -- Of a transfer: what came, and what of it went back because it paid for nothing.
    add column received bigint not null default 0,
    add column returned bigint not null default 0,
    add constraint transactions_never_returned_above check (0 <= returned and returned <= received);
-- What of it pays for nothing and is still to go back.
alter table transactions add column surplus bigint not null generated always as (
    case when received = 0 then 0
        when state = 'approved' then received - returned - amount
        when state in ('declined', 'reversed') then received - returned
        else 0 end
) stored;
create unique index transactions_by_return on transactions (return_hash)
    where return_hash is not null;
create unique index transactions_by_payer_reference on transactions (payer_reference)
    where payer_reference is not null;
create index transactions_with_surplus on transactions (id) where surplus > 0;

-- Money that payers sent by hand, each sum as it came; never changed but by the bank's own id.
create table deposits (
    account_id integer not null,
    id text collate "C" not null,
    transaction_id text collate "C" not null,
    -- The bank's. Null while only the merchant says that it came.
    provider_id text collate "C",
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    sender text,
    at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, transaction_id) references transactions
);
create unique index deposits_once on deposits (transaction_id, provider_id, account_id)
    where provider_id is not null;
create index deposits_by_transaction on deposits (transaction_id, account_id);

alter table modifications
    drop constraint modifications_kind_check,
    add constraint modifications_kind_check
        check (kind in ('capture', 'void', 'refund', 'return'));

alter table ledger_entries
    add column deposit_id text collate "C",
    add foreign key (account_id, deposit_id) references deposits;
drop index ledger_entries_one_of_each;
create unique index ledger_entries_one_of_each
    on ledger_entries (coalesce(deposit_id, modification_id, transaction_id), fact, account_id);

insert into state_edges (machine, from_state, to_state) values
    ('transactions', 'created', 'awaiting'),
    ('transactions', 'submitting', 'awaiting'),
    ('transactions', 'unknown', 'awaiting'),
    ('transactions', 'awaiting', 'approved'),
    ('transactions', 'awaiting', 'declined'),
    ('transactions', 'awaiting', 'review'),
    ('transactions', 'awaiting', 'reversing'),
    ('transactions', 'reversing', 'approved'),
    ('transactions', 'reversing', 'declined'),
    ('transactions', 'reversing', 'review'),
    ('transactions', 'unknown_reversal', 'approved'),
    ('transactions', 'unknown_reversal', 'declined'),
    ('transactions', 'unknown_reversal', 'review'),
    ('modifications', 'reversing', 'approved'),
    ('modifications', 'reversing', 'declined'),
    ('modifications', 'reversing', 'review'),
    ('modifications', 'unknown_reversal', 'approved'),
    ('modifications', 'unknown_reversal', 'declined'),
    ('modifications', 'unknown_reversal', 'review');

drop trigger transactions_start on transactions;
create trigger transactions_start before insert on transactions
    for each row when (new.state not in ('submitting', 'authenticating', 'awaiting'))
    execute function refuse_illegal_start();
