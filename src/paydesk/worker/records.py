"""The records that an account's endpoints hear of, each as its list shows it."""

from collections.abc import Mapping

from paydesk import customers, modifications, payments, transactions
from paydesk.customers import CustomerReply
from paydesk.db.connection import Connection
from paydesk.modifications import TransactionReply
from paydesk.payments import PaymentReply
from paydesk.webhooks import Show


async def _customer(
    connection: Connection, account_id: int, customer_id: str
) -> CustomerReply | None:
    try:
        found = await customers.show_customer(connection, account_id, customer_id)
    except customers.CustomerMissing:
        return None
    return customers.show(found)


async def _transaction(
    connection: Connection, account_id: int, transaction_id: str
) -> TransactionReply | None:
    found = await transactions.shown(connection, account_id, transaction_id)
    if found is None:
        return None
    done = await modifications.of_transactions(connection, account_id, [transaction_id])
    return modifications.show_transaction(found, done.get(transaction_id, ()))


async def _payment(connection: Connection, account_id: int, payment_id: str) -> PaymentReply | None:
    found = await payments.shown(connection, account_id, payment_id)
    return None if found is None else payments.show(found)


SHOWS: Mapping[str, Show] = {
    "customer": _customer,
    "payment": _payment,
    "transaction": _transaction,
}
