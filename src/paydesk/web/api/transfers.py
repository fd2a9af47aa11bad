"""`POST /transactions/{id}/receive`: the merchant has seen a payer's transfer come in."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from paydesk import checkouts, modifications, transactions
from paydesk.connectors.contract import Deposit
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.errors import Invalid
from paydesk.kit.fields import Body, MeantAmount, Text, check, not_of_currency, nothing
from paydesk.kit.money import Currency, Money, MoneyFault
from paydesk.merchants import Section
from paydesk.modifications import TransactionMissing
from paydesk.web.api.endpoint import Call, Counter, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import NoQuery, refuse_query


class ReceiveBody(Body):
    """What came in: the amount, and who sent it as the statement names them."""

    amount: MeantAmount
    sender: Text = None


async def receive(counter: Counter, call: Call) -> Response:
    """Records the amount; the checkout is paid once there is enough."""
    refuse_query(call)
    desk, account = counter.desk, call.account
    transaction_id = call.named("tra", TransactionMissing)
    record = call.record()

    async def work(connection: Connection) -> StoredReply:
        transaction = await transactions.find(connection, account.id, transaction_id)
        if transaction is None:
            raise TransactionMissing("id")
        told = _read(record, transaction.amount.currency)
        await checkouts.receive_transfer(connection, desk.acquiring, transaction, told)
        shown = await transactions.shown(connection, account.id, transaction_id)
        assert shown is not None
        done = await modifications.of_transactions(connection, account.id, [transaction_id])
        reply = modifications.show_transaction(shown, done.get(transaction_id, ()))
        return StoredReply(200, success(reply))

    return await answer_once(desk, call, f"POST /transactions/{transaction_id}/receive", work)


def _read(record: Mapping[str, Any], currency: Currency) -> Deposit:
    body, faults = check(ReceiveBody, record)
    if body is None:
        raise Invalid(faults)
    try:
        amount = Money.parse(body.amount, currency)
    except MoneyFault:
        raise Invalid([not_of_currency("amount", currency)]) from None
    if amount.minor == 0:
        raise Invalid([nothing("amount")])
    return Deposit("", amount, body.sender)


OPERATIONS = (
    Operation(
        "POST",
        "/transactions/{id}/receive",
        receive,
        Section.TRANSACTIONS,
        "Record what came in by bank transfer",
        reply=modifications.TransactionReply,
        body=ReceiveBody,
        query=NoQuery,
        refusals=(TransactionMissing, checkouts.NotByHand, checkouts.TransferEnded),
        example={"amount": "1200.00"},
    ),
)
