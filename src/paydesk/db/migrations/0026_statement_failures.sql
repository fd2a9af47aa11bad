-- Since when a bank's statement can't be read, and why; both are null where it was read.
alter table bank_statements
    add column failing_since timestamptz,
    add column failure text,
    add check ((failing_since is null) = (failure is null));
