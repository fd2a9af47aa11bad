-- What a later charge refers to is found by its card, and by the copies of it that were paid with.

create index cards_copied on cards (saved_as, account_id, id) where saved_as is not null;
create index transactions_present on transactions (card_id, account_id)
    where payment_id is null and scheme_id is not null;
