-- The checkouts of an order: for the list of them, and for all that an order's payment concerns.

create index checkouts_by_order on checkouts (order_id, account_id);
