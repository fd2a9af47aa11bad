"""`/customers`: create, update, archive, list and show customers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

from starlette.responses import Response

from paydesk import customers, lookups
from paydesk.customers import Customer, CustomerReply, Sought
from paydesk.db.connection import Connection
from paydesk.kit.fields import ID, Text
from paydesk.merchants import Section
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import From, ListQuery, Until, enum_of, read_query
from paydesk.web.api.records import Batch, answer_batch, read_records

T = TypeVar("T")


class CustomersQuery(ListQuery):
    """What `GET /customers/list` can be narrowed by."""

    customer_id: ID = None
    customer_reference: Text = None
    customer_email: Text = None
    customer_id_number: Text = None
    customer_contact_number: Text = None
    customer_status_lookups_id: Annotated[Text, lookups.lookup_id("customer_status")] = None
    customer_status: Annotated[Text, lookups.lookup_enum("customer_status")] = None
    created_at_start_date: From = None
    created_at_end_date: Until = None


async def create(counter: Counter, call: Call) -> Response:
    """`POST /customers/create`."""
    records = read_records(call, customers.read_create)
    one = _showing(call, customers.create_customer)
    return await answer_batch(counter, call, Batch("POST /customers/create", records, one))


async def update(counter: Counter, call: Call) -> Response:
    """`POST /customers/update`."""
    records = read_records(call, customers.read_update)
    one = _showing(call, customers.update_customer)
    lock = _locking(call, [command.id for _, command in records])
    return await answer_batch(counter, call, Batch("POST /customers/update", records, one, lock))


async def archive(counter: Counter, call: Call) -> Response:
    """`POST /customers/archive`."""
    records = read_records(call, customers.read_archive)
    one = _showing(call, customers.archive_customer)
    lock = _locking(call, [customer_id for _, customer_id in records])
    return await answer_batch(counter, call, Batch("POST /customers/archive", records, one, lock))


def _showing(
    call: Call, verb: Callable[[Connection, int, T], Awaitable[Customer]]
) -> Callable[[Connection, T], Awaitable[CustomerReply]]:
    async def one(connection: Connection, command: T) -> CustomerReply:
        return customers.show(await verb(connection, call.account.id, command))

    return one


def _locking(call: Call, customer_ids: Sequence[str]) -> Callable[[Connection], Awaitable[None]]:
    return lambda connection: customers.lock_customers(connection, call.account.id, customer_ids)


async def list_(counter: Counter, call: Call) -> Response:
    """`GET /customers/list`."""
    query = read_query(call, CustomersQuery)
    sought = Sought(
        id=query.customer_id,
        reference=query.customer_reference,
        email=query.customer_email,
        id_number=query.customer_id_number,
        contact_number=query.customer_contact_number,
        is_archived=enum_of(query, "customer_status") == "ARCHIVED",
        created_from=query.created_at_start_date,
        created_until=query.created_at_end_date,
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await customers.list_customers(
            connection, call.account.id, sought, query.page("cus")
        )
    return listed([customers.show(customer) for customer in found], next_cursor, key="results")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /customers/{id}`."""
    customer_id = call.named("cus", customers.CustomerMissing)
    async with counter.desk.db.connection() as connection:
        found = await customers.show_customer(connection, call.account.id, customer_id)
    return answered(success(customers.show(found)))


OPERATIONS = (
    Operation(
        "POST",
        "/customers/create",
        create,
        Section.CUSTOMERS,
        "Make customers",
        reply=list[CustomerReply],
        key="results",
        body=customers.CreateCustomerBody,
        is_batch=True,
        refusals=(customers.CustomerReferenceTaken,),
        example={
            "reference": "CLN240919000002",
            "person_name": "John",
            "person_surname": "Doe",
            "client_type": "RESIDENT_INDIVIDUAL",
            "id_type": "SOUTH_AFRICAN_ID",
            "id_number": "9001125009083",
            "email": "johndoe@mail.com",
            "contact_number": "+27831234567",
            "billing_address_line_1": "1 Loop Street",
            "billing_address_line_2": "Floor 5",
            "city_or_town": "Cape Town",
            "postal_code": 8001,
            "metadata": {"custom_field_1": "custom data 1"},
        },
    ),
    Operation(
        "POST",
        "/customers/update",
        update,
        Section.CUSTOMERS,
        "Change customers",
        reply=list[CustomerReply],
        key="results",
        body=customers.UpdateCustomerBody,
        is_batch=True,
        refusals=(
            customers.CustomerMissing,
            customers.CustomerArchived,
            customers.CustomerReferenceTaken,
        ),
        example={"id": "cus_01m82g11arfy28f93zdxts9mq5", "email": "john@mail.com"},
    ),
    Operation(
        "POST",
        "/customers/archive",
        archive,
        Section.CUSTOMERS,
        "Archive customers",
        reply=list[CustomerReply],
        key="results",
        body=customers.ArchiveCustomerBody,
        is_batch=True,
        refusals=(customers.CustomerMissing,),
        example={"id": "cus_01m82g11arfy28f93zdxts9mq5"},
    ),
    Operation(
        "GET",
        "/customers/list",
        list_,
        Section.CUSTOMERS,
        "List customers",
        reply=list[CustomerReply],
        key="results",
        query=CustomersQuery,
        is_list=True,
    ),
    Operation(
        "GET",
        "/customers/{id}",
        show,
        Section.CUSTOMERS,
        "Show a customer",
        reply=CustomerReply,
        refusals=(customers.CustomerMissing,),
    ),
)
