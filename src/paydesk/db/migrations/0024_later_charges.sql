-- Later charges of a payment have mails and documents, as checkouts have.

alter table payments
    -- What follows each charge: what the checkout that made it has asked for, or the request.
    add column send_invoice boolean not null default false,
    add column send_confirmation_email boolean not null default false,
    add column confirmation_email_override text,
    -- The tax that each charge contains, where one was submitted with it.
    add column amount_tax bigint check (amount_tax between 0 and amount),
    -- The language of a payment that was submitted, as a checkout's; null is not known.
    add column locale text;
update payments p set
    send_invoice = c.send_invoice,
    send_confirmation_email = c.send_confirmation_email,
    confirmation_email_override = c.confirmation_email_override
from checkouts c
where c.account_id = p.account_id and c.id = p.checkout_id;

-- The document of such a charge is about its payment, and no checkout.
alter table invoices
    alter column checkout_id drop not null,
    add column payment_id text collate "C",
    add foreign key (account_id, payment_id) references payments,
    add constraint invoices_for_one check (num_nonnulls(checkout_id, payment_id) = 1);
create index invoices_by_payment on invoices (payment_id, account_id)
    where payment_id is not null;
