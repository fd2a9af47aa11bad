-- Recurring payments: instructions to charge a stored card by a schedule, and their charges.

create table payments (
    account_id integer not null references accounts,
    id text collate "C" not null,
    customer_id text collate "C" not null,
    card_id text collate "C" not null,
    -- The checkout that made it, and was its first charge; null where it was submitted.
    checkout_id text collate "C",
    batch_reference text,
    reference text not null,
    description text,
    amount bigint not null check (amount > 0),
    currency char(3) not null,
    interval text not null
        check (interval in ('ONCE', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')),
    process_day smallint check (process_day between 1 and 31),
    date_start date not null,
    date_end date,
    state text not null,
    moves integer not null default 0,
    events integer not null default 0,
    -- The day whose charge is next or under way, the number of its try, the day of its first try,
    -- and when it is made.
    due_on date,
    try_number smallint not null default 1 check (try_number >= 1),
    tried_on date,
    charge_at timestamptz,
    -- The charge on its way. There is one at most, and meanwhile no other is made.
    transaction_id text collate "C",
    charges integer not null default 0,
    missed integer not null default 0,
    decline_reason text,
    -- The sentence that its payer agreed to; null where the merchant has submitted it.
    consent text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, customer_id) references customers,
    foreign key (account_id, card_id) references cards,
    foreign key (account_id, checkout_id) references checkouts,
    check (transaction_id is null or charge_at is null),
    check (due_on is not null or charge_at is null)
) with (fillfactor = 85);
create index payments_due on payments (charge_at) where charge_at is not null;
-- Of its payer's page, which knows no account.
create unique index payments_by_id on payments (id);
create index payments_by_customer on payments (customer_id, account_id, id);
create index payments_by_card on payments (card_id, account_id);
create unique index payments_by_checkout on payments (checkout_id, account_id)
    where checkout_id is not null;

create table payment_moves (
    account_id integer not null,
    payment_id text collate "C" not null,
    sequence integer not null,
    from_state text not null,
    to_state text not null,
    step text not null,
    event text,
    at timestamptz not null default now(),
    primary key (account_id, payment_id, sequence),
    foreign key (account_id, payment_id) references payments
);
create trigger payment_moves_fixed before update or delete or truncate on payment_moves
    for each statement execute function refuse_change();

insert into state_edges (machine, from_state, to_state) values
    ('payments', 'PENDING', 'RUNNING'),
    ('payments', 'PENDING', 'COMPLETED'),
    ('payments', 'PENDING', 'REJECTED'),
    ('payments', 'PENDING', 'PAUSED'),
    ('payments', 'PENDING', 'STOPPED'),
    ('payments', 'PENDING', 'CANCELLED'),
    ('payments', 'RUNNING', 'COMPLETED'),
    ('payments', 'RUNNING', 'REJECTED'),
    ('payments', 'RUNNING', 'PAUSED'),
    ('payments', 'RUNNING', 'STOPPED'),
    ('payments', 'RUNNING', 'CANCELLED'),
    ('payments', 'PAUSED', 'RUNNING'),
    ('payments', 'PAUSED', 'COMPLETED'),
    ('payments', 'PAUSED', 'REJECTED'),
    ('payments', 'PAUSED', 'STOPPED'),
    ('payments', 'PAUSED', 'CANCELLED');
create trigger payments_legal before update of state on payments
    for each row when (old.state is distinct from new.state)
    execute function refuse_illegal_move();
-- One that a checkout makes has its first charge behind it.
create trigger payments_start before insert on payments
    for each row when (new.state <> case when new.checkout_id is null then 'PENDING' else 'RUNNING' end)
    execute function refuse_illegal_start();

-- The schedule that a recurring checkout asks for; its payment begins when it is paid.
alter table checkouts add column recurring json;

-- A charge is a transaction without a checkout: one for each try of each day.
alter table transactions
    alter column checkout_id drop not null,
    add column payment_id text collate "C",
    add column due_on date,
    add foreign key (account_id, payment_id) references payments,
    add constraint transactions_for_one check (
        num_nonnulls(checkout_id, payment_id) = 1
        and (payment_id is null) = (due_on is null)
    );
alter table transactions add column scheme_id text;
create unique index transactions_once_a_try
    on transactions (payment_id, due_on, attempt, account_id) where payment_id is not null;
