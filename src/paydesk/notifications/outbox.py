"""Puts a mail where the worker finds it, in the transaction of the change it tells of."""

from paydesk import invoices
from paydesk.db.connection import Connection, Database
from paydesk.db.statement import Statement
from paydesk.invoices import Movement
from paydesk.kit import ids
from paydesk.notifications.model import Kind
from paydesk.transactions import Transaction

_TELL_OF_PAYMENT = Statement("""
    with told as (
        insert into mails (account_id, id, kind, about, recipient)
        select c.account_id, wanted.id, wanted.kind, c.id, wanted.recipient
        from checkouts c
        join accounts a on a.id = c.account_id
        left join customers p on p.account_id = c.account_id and p.id = c.customer_id
        cross join lateral (values
            (:confirmation_id::text, 'confirmation', case when c.send_confirmation_email
                then coalesce(c.confirmation_email_override, p.email) end),
            (:payment_id::text, 'payment', case when a.mail_payments then a.email end)
        ) as wanted (id, kind, recipient)
        where c.account_id = :account_id and c.id = :checkout_id and wanted.recipient is not null
        on conflict do nothing
    )
    select send_invoice from checkouts where account_id = :account_id and id = :checkout_id
""")

# Of a later charge of a payment; what it tells of is the charge's transaction.
_TELL_OF_CHARGE = Statement("""
    insert into mails (account_id, id, kind, about, recipient)
    select p.account_id, wanted.id, wanted.kind, :transaction_id, wanted.recipient
    from payments p
    join accounts a on a.id = p.account_id
    left join customers k on k.account_id = p.account_id and k.id = p.customer_id
    cross join lateral (values
        (:confirmation_id::text, 'confirmation', case when p.send_confirmation_email
            then coalesce(p.confirmation_email_override, k.email) end),
        (:mail_id::text, 'payment', case when a.mail_payments then a.email end)
    ) as wanted (id, kind, recipient)
    where p.account_id = :account_id and p.id = :payment_id and wanted.recipient is not null
    on conflict do nothing
""")

# A confirmation brings its payment's document to the same address already.
_TELL_OF_INVOICE = Statement("""
    insert into mails (account_id, id, kind, about, recipient)
    select t.account_id, :id, :kind, :invoice_id, coalesce(k.billing_email, k.email)
    from transactions t
    left join checkouts c on c.account_id = t.account_id and c.id = t.checkout_id
    left join payments p on p.account_id = t.account_id and p.id = t.payment_id
    join customers k
        on k.account_id = t.account_id and k.id = coalesce(c.customer_id, p.customer_id)
    where t.account_id = :account_id and t.id = :transaction_id
        and coalesce(k.billing_email, k.email) is not null
        and (:is_later::boolean or not exists (
            select from mails m
            where m.about = coalesce(t.checkout_id, t.id) and m.kind = 'confirmation'
                and m.account_id = t.account_id
                and m.recipient = coalesce(k.billing_email, k.email)
        ))
    on conflict do nothing
""")


async def tell_of_payment(connection: Connection, transaction: Transaction) -> None:
    """Asks for the mails that the merchant of an approved payment wants sent.

    What is only authorised gets its documents when it is captured.
    """
    wanted = await _TELL_OF_PAYMENT.row(
        connection,
        {
            "account_id": transaction.account_id,
            "checkout_id": transaction.checkout_id,
            "confirmation_id": ids.new("mai"),
            "payment_id": ids.new("mai"),
        },
    )
    assert wanted is not None
    if wanted["send_invoice"] and not transaction.is_hold:
        await tell_of_movement(connection, transaction, Movement(transaction.amount))


async def tell_of_charge(
    connection: Connection, charge: Transaction, *, sends_mails: bool, sends_invoice: bool
) -> None:
    """Asks for the mails about a later charge of a payment, where it was approved.

    sends_mails is false where neither its payer nor the merchant is written to, which saves asking.
    """
    if sends_mails:
        await _TELL_OF_CHARGE.run(
            connection,
            {
                "account_id": charge.account_id,
                "payment_id": charge.payment_id,
                "transaction_id": charge.id,
                "confirmation_id": ids.new("mai"),
                "mail_id": ids.new("mai"),
            },
        )
    if sends_invoice:
        await tell_of_movement(connection, charge, Movement(charge.amount))


# Whoever has an endpoint that hears of payments knows already.
_TELL_OF_MISSED = Statement("""
    insert into mails (account_id, id, kind, about, recipient)
    select a.id, :id, :kind, :transaction_id, a.email from accounts a
    where a.id = :account_id and a.email is not null and not exists (
        select from webhook_endpoints e
        where e.account_id = a.id and e.disabled_at is null
            and (e.events = '{}' or 'payment.updated' = any(e.events))
    )
    on conflict do nothing
""")


async def tell_of_missed_charge(connection: Connection, charge: Transaction) -> None:
    """Asks for the mail to a merchant who would else not hear that a charge failed for good."""
    await _TELL_OF_MISSED.run(
        connection,
        {
            "account_id": charge.account_id,
            "transaction_id": charge.id,
            "id": ids.new("mai"),
            "kind": Kind.CHARGE_MISSED,
        },
    )


async def tell_of_movement(
    connection: Connection, transaction: Transaction, movement: Movement
) -> None:
    """Issues the document of money that was taken or given back, if one is wanted, and mails it."""
    invoice = await invoices.issue(connection, transaction, movement)
    if invoice is None:
        return
    await _TELL_OF_INVOICE.run(
        connection,
        {
            "account_id": transaction.account_id,
            "transaction_id": transaction.id,
            "id": ids.new("mai"),
            "kind": Kind.INVOICE,
            "invoice_id": invoice.id,
            "is_later": movement.modification_id is not None,
        },
    )


# A day's first; the receiver and the day are what it tells of.
_TELL_OF_UNDELIVERED = """
    insert into mails (account_id, id, kind, about, recipient)
    select id, $2, 'undelivered', $3::text || ' ' || to_char(now(), 'YYYY-MM-DD'), email
    from accounts where id = $1 and email is not null
    on conflict do nothing
"""


async def tell_of_undelivered(db: Database, account_id: int, endpoint: str) -> None:
    """Asks for the mail to a merchant whose receiver of webhooks was given up, once a day."""
    await db.execute(_TELL_OF_UNDELIVERED, account_id, ids.new("mai"), endpoint)


# A day's first.
_TELL_OF_CARD_TESTING = """
    insert into mails (account_id, id, kind, about, recipient)
    select id, $2, 'card_testing', to_char(now(), 'YYYY-MM-DD'), email
    from accounts where id = $1 and email is not null
    on conflict do nothing
"""


async def tell_of_card_testing(connection: Connection, account_id: int) -> None:
    """Asks for the mail to a merchant at whom stolen cards are tried out, once a day."""
    await connection.execute(_TELL_OF_CARD_TESTING, account_id, ids.new("mai"))
