-- A card that is to be saved can be verified without an amount.
alter table checkouts
    drop constraint checkouts_amount_check,
    add constraint checkouts_amount_check check (amount > 0 or amount = 0 and mode = 'save');
alter table transactions
    drop constraint transactions_amount_check,
    add constraint transactions_amount_check check (amount >= 0);
