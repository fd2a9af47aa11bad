"""`/invoices`: list and show tax invoices, receipts and credit notes."""

from typing import Annotated

from starlette.responses import Response

from paydesk import invoices
from paydesk.invoices import Filters, InvoiceMissing, Kind
from paydesk.kit.fields import ID, Checked, Shown, Text, fault
from paydesk.merchants import Section
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import From, ListQuery, Until, read_query


def _known_kind(value: str | None) -> str | None:
    if value is not None and value.upper() not in set(Kind):
        raise fault("invoice_kind", f"The kind is {', '.join(_KINDS[:-1])} or {_KINDS[-1]}.")
    return None if value is None else value.upper()


_KINDS = tuple(map(str, Kind))
_Kind = Annotated[Text, Checked(_known_kind, Shown([{"type": "string", "enum": [*_KINDS]}]))]


class InvoicesQuery(ListQuery):
    """What the list of invoices can be narrowed by. Dates are South African."""

    kind: _Kind = None
    order_id: ID = None
    checkout_id: ID = None
    payments_id: ID = None
    transaction_id: ID = None
    issued_at_start_date: From = None
    issued_at_end_date: Until = None


async def list_all(counter: Counter, call: Call) -> Response:
    """`GET /invoices`: newest first."""
    query = read_query(call, InvoicesQuery)
    filters = Filters(
        kind=query.kind,
        order_id=query.order_id,
        checkout_id=query.checkout_id,
        payment_id=query.payments_id,
        transaction_id=query.transaction_id,
        issued_from=query.issued_at_start_date,
        issued_until=query.issued_at_end_date,
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await invoices.list_page(
            connection, call.account.id, filters, query.page("inv")
        )
    return listed([_shown(counter, one) for one in found], next_cursor, key="invoices")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /invoices/{id}`."""
    named = call.named("inv", InvoiceMissing)
    async with counter.desk.db.connection() as connection:
        found = await invoices.find(connection, call.account.id, named)
    if found is None:
        raise InvoiceMissing("id")
    return answered(success(_shown(counter, found)))


def _shown(counter: Counter, invoice: invoices.Invoice) -> invoices.InvoiceReply:
    return invoices.show(invoice, counter.desk.settings.public_url or "", counter.desk.page_key)


OPERATIONS = (
    Operation(
        "GET",
        "/invoices",
        list_all,
        Section.TRANSACTIONS,
        "List invoices",
        reply=list[invoices.InvoiceReply],
        key="invoices",
        query=InvoicesQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/invoices/{id}",
        show,
        Section.TRANSACTIONS,
        "Show an invoice",
        reply=invoices.InvoiceReply,
        refusals=(InvoiceMissing,),
    ),
)
