-- Customers of their own: what an invoice asks, and the ways a list is searched.

alter table customers
    add column is_tax boolean,
    add column tax_number text,
    add column billing_email text;

-- Capitals make no difference in an address of mail, so the search leaves them out. The id stands
-- in each index because lists are in its order, newest first.
create index customers_by_email on customers (lower(email), account_id, id)
    where email is not null;
create index customers_by_id_number on customers (id_number, account_id, id)
    where id_number is not null;
create index customers_by_contact_number on customers (contact_number, account_id, id)
    where contact_number is not null;
create index customers_archived on customers (id, account_id) where deleted_at is not null;
