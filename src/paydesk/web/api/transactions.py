"""`/transactions`: list, show, and what can be done with one: capture, void, refund."""

from typing import Annotated

from starlette.responses import Response

from paydesk import limits, lookups, modifications, transactions
from paydesk.connectors.contract import ModificationKind
from paydesk.db.connection import Connection
from paydesk.db.once import RequestInFlight, StoredReply
from paydesk.errors import DatabaseAway
from paydesk.kit.fields import ID, Reference, Text
from paydesk.merchants import Section
from paydesk.modifications import (
    Modification,
    ModificationDeclined,
    OutcomeNotKnown,
    TransactionMissing,
)
from paydesk.transactions import State
from paydesk.web.api.endpoint import Call, Counter, Verb, answered, listed, success
from paydesk.web.api.errors import refused
from paydesk.web.api.idempotency import Begun, answer_begun_once
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


class TransactionsQuery(ListQuery):
    """What the list of transactions can be narrowed by. Dates are South African."""

    transaction_status_lookups_id: Annotated[Text, lookups.lookup_id("transaction_status")] = None
    transaction_status: Annotated[Text, lookups.lookup_enum("transaction_status")] = None
    charged_at_start_date: From = None
    charged_end_date: Until = None
    charged_at_end_date: Until = None
    status_changed_at_start_date: From = None
    status_changed_at_end_date: Until = None
    created_at_start_date: From = None
    created_at_end_date: Until = None
    payment_methods_id: ID = None
    payment_method_id: ID = None
    customers_id: ID = None
    customer_id: ID = None
    order_id: ID = None
    checkout_id: ID = None
    transaction_reference: Reference = None


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /transactions`: newest first, each with its captures, voids and refunds."""
    query = read_query(call, TransactionsQuery)
    filters = {
        "status": enum_of(query, "transaction_status"),
        "charged_from": query.charged_at_start_date,
        "charged_until": either(query, "charged_end_date", "charged_at_end_date"),
        "status_changed_from": query.status_changed_at_start_date,
        "status_changed_until": query.status_changed_at_end_date,
        "created_from": query.created_at_start_date,
        "created_until": query.created_at_end_date,
        "payment_method_id": either(query, "payment_methods_id", "payment_method_id"),
        "customer_id": either(query, "customers_id", "customer_id"),
        "order_id": query.order_id,
        "checkout_id": query.checkout_id,
        "reference": query.transaction_reference,
    }
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await transactions.list_transactions(
            connection, call.account.id, filters, query.page("tra")
        )
        done = await modifications.of_transactions(
            connection, call.account.id, [shown.transaction.id for shown in found]
        )
    entries = [
        modifications.show_transaction(shown, done.get(shown.transaction.id, ())) for shown in found
    ]
    return listed(entries, next_cursor, key="transactions")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /transactions/{id}`."""
    return await _shown(counter, call, call.named("tra", TransactionMissing), key="result")


async def show_record(counter: Counter, call: Call) -> Response:
    """`GET /transactions/record/{id}`: by id, or by the reference of its order.

    Of several attempts under one reference, the one that holds money, else the newest.
    """
    return await _shown(counter, call, call.request.path_params["id"], key="transaction")


async def _shown(counter: Counter, call: Call, named: str, *, key: str) -> Response:
    async with counter.desk.db.connection() as connection:
        # No text in the database holds a NUL, and it can't be asked for one.
        found = None
        if "\0" not in named:
            found = await transactions.find_record(connection, call.account.id, named)
        if found is None:
            raise TransactionMissing("id")
        done = await modifications.of_transactions(
            connection, call.account.id, [found.transaction.id]
        )
    entry = modifications.show_transaction(found, done.get(found.transaction.id, ()))
    return answered(success(entry, key=key))


async def capture(counter: Counter, call: Call) -> Response:
    """`POST /transactions/{id}/capture`: takes what was authorised, wholly or in part."""
    return await _modify(counter, call, ModificationKind.CAPTURE)


async def void(counter: Counter, call: Call) -> Response:
    """`POST /transactions/{id}/void`: lets go of what was authorised and not captured."""
    return await _modify(counter, call, ModificationKind.VOID)


async def refund(counter: Counter, call: Call) -> Response:
    """`POST /transactions/{id}/refund`: gives back what was taken, wholly or in part."""
    return await _modify(counter, call, ModificationKind.REFUND)


async def _modify(counter: Counter, call: Call, kind: ModificationKind) -> Response:
    refuse_query(call)
    desk, account = counter.desk, call.account
    transaction_id = call.named("tra", TransactionMissing)
    async with desk.db.connection() as connection:
        transaction = await transactions.find(connection, account.id, transaction_id)
    if transaction is None:
        raise TransactionMissing("id")
    record = call.record() if call.body else {}
    amount = modifications.read_amount(record, transaction.amount.currency)

    async def begin(connection: Connection) -> str:
        made = await modifications.begin(
            connection,
            account.id,
            transaction_id,
            kind,
            amount=amount,
            due_seconds=desk.acquiring.due_seconds,
        )
        return made.id

    async def finish(modification_id: str) -> StoredReply:
        try:
            modification = await _found(counter, call, modification_id)
            await counter.behind.run(
                modifications.finish(desk.db, desk.acquiring, modification),
                seconds_max=limits.PAY_ANSWER_SECONDS_MAX,
            )
            return await _reply(counter, call, modification_id)
        except DatabaseAway:
            # "Try again" would be read as "do it again" by a caller without an Idempotency-Key.
            raise OutcomeNotKnown(modification_id) from None

    async def resume(modification_id: str) -> StoredReply:
        modification = await _found(counter, call, modification_id)
        if modification.state is State.SUBMITTING:
            raise RequestInFlight("Idempotency-Key", retry_after_seconds=1)
        return await _reply(counter, call, modification_id)

    route = f"POST /transactions/{transaction_id}/{kind}"
    return await answer_begun_once(desk, call, route, Begun(begin, finish, resume))


async def _found(counter: Counter, call: Call, modification_id: str) -> Modification:
    async with counter.desk.db.connection() as connection:
        found = await modifications.find(connection, call.account.id, modification_id)
    assert found is not None, "what is begun is committed"
    return found


async def _reply(counter: Counter, call: Call, modification_id: str) -> StoredReply:
    """How a modification stands: its record, or the acquirer's no."""
    async with counter.desk.db.connection() as connection:
        modification = await modifications.find(connection, call.account.id, modification_id)
        assert modification is not None, "what is begun is committed"
        shown = await transactions.shown(connection, call.account.id, modification.transaction_id)
        assert shown is not None, "a modification has its transaction"
        done = await modifications.of_transactions(
            connection, call.account.id, [modification.transaction_id]
        )
    if modification.is_declined:
        # A plain `status: true` would be taken for money moved.
        no = refused(ModificationDeclined("id"))
        return StoredReply(no.status_code, bytes(no.body))
    reply = modifications.show_done(modification, shown, done[modification.transaction_id])
    return StoredReply(200, success(reply))


def _modifying(verb: Verb, kind: ModificationKind, summary: str) -> Operation:
    return Operation(
        "POST",
        f"/transactions/{{id}}/{kind}",
        verb,
        Section.TRANSACTIONS,
        summary,
        reply=modifications.DoneReply,
        body=modifications.ModificationBody,
        query=NoQuery,
        may_be_empty=True,
        refusals=(
            TransactionMissing,
            modifications.TransactionNotApproved,
            modifications.PaidByHand,
            modifications.NothingLeft,
            modifications.AmountAboveRest,
            ModificationDeclined,
            OutcomeNotKnown,
        ),
        # Of a void there is no part, and an amount is refused.
        example={} if kind is ModificationKind.VOID else {"amount": "100.00"},
    )


OPERATIONS = (
    Operation(
        "GET",
        "/transactions",
        list_all,
        Section.TRANSACTIONS,
        "List transactions",
        reply=list[modifications.TransactionReply],
        key="transactions",
        query=TransactionsQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/transactions/record/{id}",
        show_record,
        Section.TRANSACTIONS,
        "Show a transaction by id or reference",
        reply=modifications.TransactionReply,
        key="transaction",
        takes_slashes=True,
        refusals=(TransactionMissing,),
    ),
    Operation(
        "GET",
        "/transactions/{id}",
        show,
        Section.TRANSACTIONS,
        "Show a transaction",
        reply=modifications.TransactionReply,
        refusals=(TransactionMissing,),
    ),
    _modifying(capture, ModificationKind.CAPTURE, "Capture an authorised transaction"),
    _modifying(void, ModificationKind.VOID, "Void what is left of an authorised transaction"),
    _modifying(refund, ModificationKind.REFUND, "Refund a transaction"),
)
