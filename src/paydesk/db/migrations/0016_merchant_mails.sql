-- Whether a merchant is written to of each payment.
alter table accounts add column mail_payments boolean not null default false;
