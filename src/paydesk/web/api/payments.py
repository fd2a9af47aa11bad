"""`/payments`: charge saved cards, once or by a schedule, and pause or stop that."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from starlette.responses import Response

from paydesk import lookups, payments
from paydesk.customers import CustomerMissing
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.errors import Invalid
from paydesk.kit.fields import ID, Reference, Text, check
from paydesk.merchants import Section
from paydesk.payments import PaymentMissing, PaymentReply, State, StatusUnknown, SubmitBody
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.idempotency import answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import (
    From,
    ListQuery,
    NoQuery,
    Until,
    either,
    enum_of,
    read_query,
    refuse_query,
)
from paydesk.web.api.records import Batch, answer_batch, read_records


class PaymentsQuery(ListQuery):
    """What `GET /payments/list` can be narrowed by. Dates are South African."""

    payments_id: ID = None
    payment_id: ID = None
    customer_id: ID = None
    customers_id: ID = None
    card_id: ID = None
    checkout_id: ID = None
    payment_status_lookups_id: Annotated[Text, lookups.lookup_id("payment_status")] = None
    payment_status: Annotated[Text, lookups.lookup_enum("payment_status")] = None
    batch_reference: Reference = None
    transaction_reference: Reference = None
    created_at_start_date: From = None
    created_at_end_date: Until = None


async def submit(counter: Counter, call: Call) -> Response:
    """`POST /payments/submit`: charges saved cards by their tokens.

    All of a batch are taken, or none.
    """
    account_id = call.account.id
    batch_reference = _batch_reference(call)
    methods = await counter.payment_methods(call.account)
    records = read_records(
        call, partial(payments.read_submit, methods=methods), key="payments", may_be_single=False
    )

    async def one(connection: Connection, command: Any) -> PaymentReply:
        made = await payments.submit(
            connection, account_id, replace(command, batch_reference=batch_reference)
        )
        return await _shown(connection, account_id, made.id)

    return await answer_batch(counter, call, Batch("POST /payments/submit", records, one))


def _batch_reference(call: Call) -> str | None:
    """Raises: Invalid, where it is at fault by itself; what the payments say is read apart."""
    body, faults = check(SubmitBody, {**call.record(), "payments": None})
    if body is None:
        raise Invalid(faults)
    return body.batch_reference


async def set_status(counter: Counter, call: Call) -> Response:
    """`POST /payments/status/{id}/{status}`: pauses, resumes, stops or cancels a payment."""
    refuse_query(call)
    payment_id = call.named("pay", PaymentMissing)
    status = call.request.path_params["status"].upper()
    if status not in payments.STEPS:
        raise StatusUnknown("status")

    async def work(connection: Connection) -> StoredReply:
        await payments.set_status(connection, call.account.id, payment_id, State(status))
        return StoredReply(200, success(await _shown(connection, call.account.id, payment_id)))

    route = f"POST /payments/status/{payment_id}/{status}"
    return await answer_once(counter.desk, call, route, work)


async def _shown(connection: Connection, account_id: int, payment_id: str) -> PaymentReply:
    found = await payments.shown(connection, account_id, payment_id)
    if found is None:
        raise PaymentMissing("id")
    return payments.show(found)


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /payments/list`: newest first."""
    query = read_query(call, PaymentsQuery)
    filters = payments.Filters(
        payment_id=either(query, "payments_id", "payment_id"),
        customer_id=either(query, "customer_id", "customers_id"),
        card_id=query.card_id,
        checkout_id=query.checkout_id,
        state=enum_of(query, "payment_status"),
        batch_reference=query.batch_reference,
        reference=query.transaction_reference,
        created_from=query.created_at_start_date,
        created_until=query.created_at_end_date,
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await payments.listed(
            connection, call.account.id, filters, query.page("pay")
        )
    return listed([payments.show(one) for one in found], next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /payments/{id}`."""
    payment_id = call.named("pay", PaymentMissing)
    async with counter.desk.db.connection() as connection:
        return answered(success(await _shown(connection, call.account.id, payment_id)))


OPERATIONS = (
    Operation(
        "POST",
        "/payments/submit",
        submit,
        Section.PAYMENTS,
        "Charge saved cards",
        reply=list[PaymentReply],
        key="results",
        body=SubmitBody,
        refusals=(
            payments.DayPast,
            payments.DayTooFar,
            payments.NoDayLeft,
            CustomerMissing,
            payments.SavedCardMissing,
            payments.CardOfCustomer,
            payments.MonthlyLimitReached,
        ),
        example={
            "batch_reference": "BATCH0012",
            "payments": [
                {
                    "customer_id": "cus_01m82g11arfy28f93zdxts9mq5",
                    "card": {
                        "token": "60d678e2465b5b6c4fd5e847ef39c70c4b0c22d1b826f39eb80a107b3b8433ad"
                    },
                    "payment": {
                        "amount": "1200.00",
                        "transaction_reference": "INV0045",
                        "description": "Pro Plan",
                        "recurring": {
                            "payment_interval": "MONTHLY",
                            "process_day": 31,
                            "date_end": "2040-01-31",
                        },
                    },
                }
            ],
        },
    ),
    Operation(
        "POST",
        "/payments/status/{id}/{status}",
        set_status,
        Section.PAYMENTS,
        "Pause, resume, stop or cancel a payment",
        reply=PaymentReply,
        query=NoQuery,
        refusals=(PaymentMissing, StatusUnknown, payments.StatusConflict),
    ),
    Operation(
        "GET",
        "/payments/list",
        list_all,
        Section.PAYMENTS,
        "List payments",
        reply=list[PaymentReply],
        key="results",
        query=PaymentsQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/payments/{id}",
        show,
        Section.PAYMENTS,
        "Show a payment",
        reply=PaymentReply,
        refusals=(PaymentMissing,),
    ),
)
