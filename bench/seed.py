"""Fills a database with checkouts of the past, as SQL, some thousand a second.

The rows are what a busy shop has after a while: every checkout with an order, an item and a
customer, and the newest of them paid.
"""

from collections.abc import Callable

import asyncpg

from bench.server import Server

# A checkout with all that belongs to it, indexes included; seen, rounded up.
BYTES_PER_CHECKOUT = 2_500
_CHUNK = 20_000

# $1 is the account, $2 and $3 the first and the last number. Ids made from a number sort below all
# that the program makes itself. Every seventh customer comes back for the next six orders.
_STATEMENTS = (
    """
    insert into customers (
        account_id, id, reference, person_name, person_surname, client_type, email,
        contact_number, metadata, created_at
    )
    select $1, 'cus_' || lpad(n::text, 26, '0'), 'SEED' || n, 'John', 'Doe',
        'RESIDENT_INDIVIDUAL', 'john' || n || '@mail.com', '+27831234567',
        '{"custom_field_1": "custom data 1"}', now() - interval '90 days'
    from generate_series($2::int, $3::int) n where n % 7 = 1
    """,
    """
    insert into addresses (
        account_id, customer_id, kind, line1, city_or_town, province_or_state,
        postal_or_zip_code, country
    )
    select $1, 'cus_' || lpad(n::text, 26, '0'), 'billing', '1 Loop Street', 'Cape Town',
        'Western Cape', '8001', 'ZA'
    from generate_series($2::int, $3::int) n where n % 7 = 1
    """,
    """
    insert into orders (
        account_id, id, reference, description, customer_id, currency, amount_total,
        amount_subtotal, amount_tax, status, created_at
    )
    select $1, 'ord_' || lpad(n::text, 26, '0'), 'SEED' || n, 'Monthly plan + setup',
        'cus_' || lpad((n - (n - 1) % 7)::text, 26, '0'), 'ZAR', 120000, 110000, 10000,
        case when n > $4 then 'PAID' else 'PENDING' end, now() - interval '90 days'
    from generate_series($2::int, $3::int) n
    """,
    """
    insert into order_items (
        account_id, order_id, position, sku, name, quantity, unit_amount, tax, discount, metadata
    )
    select $1, 'ord_' || lpad(n::text, 26, '0'), 0, 'SKU00567', 'Pro Plan (Monthly)', 1, 120000,
        0, 0, '{"custom_field_1": "custom data 1"}'
    from generate_series($2::int, $3::int) n
    """,
    """
    insert into checkouts (
        account_id, id, session_id, order_id, customer_id, mode, payment_type, amount, currency,
        state, attempts, moves, events, success_url, cancel_url, notify_url, customization,
        save_card, show_cards, send_invoice, send_confirmation_email, transaction_id, created_at,
        expires_at, completed_at
    )
    select $1, 'chk_' || lpad(n::text, 26, '0'), 'ses_' || lpad(n::text, 26, '0'),
        'ord_' || lpad(n::text, 26, '0'), 'cus_' || lpad((n - (n - 1) % 7)::text, 26, '0'),
        'ONE_TIME', 'DIRECT_DEBIT', 120000, 'ZAR',
        case when n > $4 then 'completed' else 'expired' end,
        (n > $4)::int, 1 + (n > $4)::int, 1, 'https://merchant.example/success?order=ord_12345',
        'https://merchant.example/cancel?order=ord_12345',
        'https://merchant.example/webhooks/payments',
        '{"type": "page", "brand": {"primary": "#00DC82"}, "theme": "light", "locale": "en-ZA"}',
        true, true, true, true,
        case when n > $4 then 'tra_' || lpad(n::text, 26, '0') end, now() - interval '90 days',
        now() - interval '89 days', case when n > $4 then now() - interval '90 days' end
    from generate_series($2::int, $3::int) n
    """,
    """
    insert into sessions (token_hash, account_id, checkout_id)
    select sha256(('seed' || n)::bytea), $1, 'chk_' || lpad(n::text, 26, '0')
    from generate_series($2::int, $3::int) n
    """,
    """
    insert into transactions (
        account_id, id, checkout_id, order_id, customer_id, attempt, amount, currency, state,
        moves, connector, provider_id, authorisation_code, status, captured, created_at,
        approved_at, captured_at
    )
    select $1, 'tra_' || lpad(n::text, 26, '0'), 'chk_' || lpad(n::text, 26, '0'),
        'ord_' || lpad(n::text, 26, '0'), 'cus_' || lpad((n - (n - 1) % 7)::text, 26, '0'),
        1, 120000, 'ZAR', 'approved', 1, 'sandbox', 'acq_' || n, '123456', 'PAID', 120000,
        now() - interval '90 days', now() - interval '90 days', now() - interval '90 days'
    from generate_series($2::int, $3::int) n where n > $4
    """,
)


async def seed(
    server: Server, *, checkouts: int, transactions: int, progress: Callable[[int], None]
) -> None:
    """Adds this many checkouts; the newest of them, one for each transaction, are paid."""
    account_id = await server.account_id()
    connection = await asyncpg.connect(server.database_url())
    try:
        # Off for this connection: foreign keys, and the triggers that know how a state is reached.
        await connection.execute("set session_replication_role = replica")
        await connection.execute("set synchronous_commit = off")
        for first in range(1, checkouts + 1, _CHUNK):
            last = min(first + _CHUNK - 1, checkouts)
            async with connection.transaction():
                for sql in _STATEMENTS:
                    values = (account_id, first, last, checkouts - transactions)
                    await connection.execute(sql, *values[: 4 if "$4" in sql else 3])
            progress(last)
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
