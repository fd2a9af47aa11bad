"""Making a checkout: everything it needs is written in one go, or nothing is."""

import asyncio
from dataclasses import replace

import pytest

from paydesk import checkouts
from paydesk.checkouts.errors import AccountWithoutConnector
from paydesk.checkouts.wire import Terms, read_create
from paydesk.customers import CustomerMissing
from paydesk.kit.page_tokens import token_hash
from paydesk.merchants import Policies
from paydesk.orders import OrderMissing, OrderReferencePaid
from workshop import CARD

pytestmark = pytest.mark.anyio

TABLES = ("customers", "addresses", "orders", "order_items", "checkouts", "sessions")
TERMS = Terms(is_live=False, loopback_allowed=False, payment_methods=(CARD,), life_seconds=7200)
BODY = {
    "mode": "one-off",
    "amount": "1200.00",
    "currency": "ZAR",
    "order": {"items": [{"name": "Pen", "quantity": 2, "unit_amount": "600.00"}]},
    "customer": {
        "reference": "CLN1",
        "email": "johndoe@mail.com",
        "company_name": "Acme",
        "billing_address": {
            "line1": "1 Loop Street",
            "city_or_town": "Cape Town",
            "postal_or_zip_code": "8001",
            "country": "ZA",
        },
    },
    "redirects": {
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
        "notify_url": "https://merchant.example/webhooks",
    },
}


async def _create(shop, body, *, account=None):
    command = read_create(body, TERMS)
    async with shop.desk.db.connection() as connection:
        return await checkouts.create_checkout(
            connection, account or shop.account, command, token_hash(command.id)
        )


async def _counts(shop):
    return {table: await shop.owner.fetchval(f"select count(*) from {table}") for table in TABLES}


async def test_all_that_a_checkout_needs_is_written(shop):
    before = await _counts(shop)
    made = await _create(shop, BODY)
    after = await _counts(shop)
    assert {table: after[table] - before[table] for table in TABLES} == dict.fromkeys(TABLES, 1)
    assert (made.state, made.moves, made.attempts) == ("open", 0, 0)
    assert made.amount.text() == "1200.00"


async def test_one_statement_writes_it_all(shop):
    async def create(connection):
        command = read_create(BODY, TERMS)
        await checkouts.create_checkout(connection, shop.account, command, token_hash(command.id))

    ran = []
    async with shop.desk.db.connection() as connection:
        await create(connection)  # a new connection asks about types once
        with connection.query_logger(ran.append):
            await create(connection)
    assert len(ran) == 1


@pytest.mark.parametrize(
    ("field", "refusal"),
    [("order_id", OrderMissing), ("customer_id", CustomerMissing)],
)
async def test_what_is_refused_writes_nothing(shop, field, refusal):
    before = await _counts(shop)
    with pytest.raises(refusal):
        await _create(shop, {**BODY, field: f"{field[:3]}_unknown"})
    assert await _counts(shop) == before


async def test_an_account_without_acquirer_writes_nothing(shop):
    before = await _counts(shop)
    with pytest.raises(AccountWithoutConnector):
        await _create(shop, BODY, account=replace(shop.account, connector=None))
    assert await _counts(shop) == before


async def test_a_paid_order_s_reference_is_taken_again_unless_the_policy_says_no(shop):
    strict = replace(shop.account, policies=Policies(unique_order_references=True))

    def body(reference):
        return {**BODY, "order": {**BODY["order"], "reference": reference}}

    first = await _create(shop, body("ORD-ONCE"), account=strict)
    await _create(shop, body("ORD-ONCE"), account=strict)  # not paid yet
    await shop.owner.execute("update orders set status = 'PAID' where id = $1", first.order_id)
    with pytest.raises(OrderReferencePaid):
        await _create(shop, body("ORD-ONCE"), account=strict)
    await _create(shop, body("ORD-TWICE"), account=strict)
    await _create(shop, body("ORD-ONCE"))


async def test_a_customer_met_again_changes_and_stays_one(shop):
    body = {**BODY, "customer": {**BODY["customer"], "reference": "CLN2"}}
    first = await _create(shop, body)
    moved = {**body["customer"]["billing_address"], "line1": "2 Long Street"}
    changed = {**body["customer"], "company_name": "Acme 2", "billing_address": moved}
    second = await _create(shop, {**body, "customer": changed})
    assert second.customer_id == first.customer_id
    row = await shop.owner.fetchrow(
        """
        select c.company_name, a.line1 from customers c
        join addresses a on a.account_id = c.account_id and a.customer_id = c.id
        where c.id = $1
        """,
        first.customer_id,
    )
    assert tuple(row) == ("Acme 2", "2 Long Street")


async def test_a_customer_of_twenty_requests_at_once_is_one(shop):
    bodies = [
        {**BODY, "customer": {**BODY["customer"], "reference": "CLN3", "company_name": f"Acme {n}"}}
        for n in range(20)
    ]
    made = await asyncio.gather(*(_create(shop, body) for body in bodies))
    assert len({checkout.customer_id for checkout in made}) == 1
    assert len({checkout.id for checkout in made}) == 20
