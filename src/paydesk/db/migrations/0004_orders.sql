-- Orders as records of their own: metadata, states that move by a table, and their history.

alter table orders
    add column metadata json,
    add column moves integer not null default 0;

-- For the list of one customer's orders. Most orders of checkouts without a customer stay out.
create index orders_by_customer on orders (customer_id, account_id, id)
    where customer_id is not null;

create table order_moves (
    account_id integer not null,
    order_id text collate "C" not null,
    sequence integer not null,
    from_state text not null,
    to_state text not null,
    step text not null,
    at timestamptz not null default now(),
    primary key (account_id, order_id, sequence),
    foreign key (account_id, order_id) references orders
);

insert into state_edges (machine, from_state, to_state) values
    ('orders', 'PENDING', 'PAID'),
    ('orders', 'PENDING', 'PARTIALLY_PAID'),
    ('orders', 'PENDING', 'CANCELLED'),
    ('orders', 'PENDING', 'EXPIRED'),
    ('orders', 'PARTIALLY_PAID', 'PAID'),
    ('orders', 'PARTIALLY_PAID', 'REFUNDED'),
    ('orders', 'PAID', 'REFUNDED'),
    ('orders', 'CANCELLED', 'PENDING'),
    ('orders', 'CANCELLED', 'EXPIRED'),
    ('orders', 'EXPIRED', 'PENDING'),
    ('orders', 'EXPIRED', 'CANCELLED');

-- The state of an order stands in the column that the API calls order_status.
create function refuse_illegal_order_move() returns trigger language plpgsql as $$
begin
    if not exists (
        select from state_edges
        where machine = 'orders' and from_state = old.status and to_state = new.status
    ) then
        raise exception 'illegal move of orders from % to %', old.status, new.status
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger orders_legal before update of status on orders
    for each row when (old.status is distinct from new.status)
    execute function refuse_illegal_order_move();

create function refuse_illegal_order_start() returns trigger language plpgsql as $$
begin
    raise exception 'illegal start of orders in %', new.status using errcode = 'check_violation';
end $$;

create trigger orders_start before insert on orders
    for each row when (new.status <> 'PENDING') execute function refuse_illegal_order_start();

create trigger order_moves_fixed before update or delete or truncate on order_moves
    for each statement execute function refuse_change();
