-- When a payment was resumed while a charge of it was undecided: days before it are not charged.
alter table payments add column resumed_on date;
