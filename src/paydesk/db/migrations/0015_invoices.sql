-- Invoices, receipts and credit notes: numbered without gaps, and never changed.

-- The last number that was given; its row is locked until the document that took it is committed.
create table invoice_series (
    account_id integer not null,
    series text not null,
    last_number integer not null check (last_number > 0),
    primary key (account_id, series)
);

create table invoices (
    account_id integer not null,
    id text collate "C" not null,
    kind text not null check (kind in (
        'FULL_TAX_INVOICE', 'ABRIDGED_TAX_INVOICE', 'RECEIPT', 'CREDIT_NOTE', 'REFUND_RECEIPT'
    )),
    series text not null,
    number integer not null,
    issued_at timestamptz not null default now(),
    checkout_id text collate "C" not null,
    order_id text collate "C" not null,
    transaction_id text collate "C" not null,
    -- The capture or refund that it is of; null for a payment that was taken at once.
    modification_id text collate "C",
    currency char(3) not null,
    -- value + vat = total. Null where the document says nothing of VAT.
    vat bigint check (vat >= 0),
    total bigint not null check (total > 0),
    -- Parties and lines as they were that day: what is printed.
    content json not null,
    primary key (account_id, id),
    unique (id),
    unique (series, number, account_id),
    check (vat is null or vat <= total),
    check ((kind in ('RECEIPT', 'REFUND_RECEIPT')) = (vat is null)),
    foreign key (account_id, transaction_id) references transactions,
    foreign key (account_id, modification_id) references modifications
);
create unique index invoices_one_of_each
    on invoices (coalesce(modification_id, transaction_id), account_id);
create index invoices_by_transaction on invoices (transaction_id, account_id);
create index invoices_by_checkout on invoices (checkout_id, account_id);
create index invoices_by_order on invoices (order_id, account_id);

create trigger invoices_fixed before update or delete or truncate on invoices
    for each statement execute function refuse_change();
