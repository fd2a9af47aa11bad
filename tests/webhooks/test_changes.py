"""Endpoints hear of customers and transactions, as their lists show them, if they want to."""

import pytest

from paydesk import checkouts, customers, limits, payments, webhooks
from paydesk.db.listing import Page
from paydesk.kit import ids, json
from paydesk.webhooks import model
from paydesk.webhooks.envelope import account_body
from paydesk.worker.records import SHOWS
from workshop import CARD
from world import card

pytestmark = pytest.mark.anyio


@pytest.fixture
async def endpoint(shop):
    """Makes endpoints of the shop's account that last as long as the test."""
    made = []

    async def make(*events):
        described = webhooks.NewEndpoint("https://m.example/hook", "", events, model.Schedule.SHORT)
        one = await shop.db.transact(
            lambda connection: webhooks.create_endpoint(connection, 1, described, shop.desk.sealer)
        )
        made.append(one.id)
        return one.id

    yield make
    for id_ in made:
        await shop.db.transact(
            lambda connection, id_=id_: webhooks.remove_endpoint(connection, 1, id_)
        )
    await shop.db.execute("delete from record_changes")


async def told(shop, endpoint_id):
    """What the endpoint is owed, once all changes are told of: types, each with its record."""
    await webhooks.tell_changes(shop.db, SHOWS)
    rows = await shop.db.rows(
        """
        select e.body from events e join deliveries d
            on d.account_id = e.account_id and d.event_id = e.id
        where d.target = $1 order by e.id
        """,
        endpoint_id,
    )
    bodies = [json.read_object(account_body(row["body"])) for row in rows]
    about = (body for body in bodies if not body["type"].startswith("checkout."))
    return [(body["type"], body["results"][0]) for body in about]


def types(events):
    return [type_ for type_, _ in events]


def customer(**fields):
    return {"reference": ids.new("ref"), "email": "j@mail.com", "person_name": "J", **fields}


async def create(shop, **fields):
    command = customers.read_create(customer(person_surname="Doe", **fields))
    made = await shop.db.transact(
        lambda connection: customers.create_customer(connection, 1, command)
    )
    return made.described.id


async def shown(shop, customer_id):
    """The customer as the list shows it."""
    async with shop.db.connection() as connection:
        found, _ = await customers.list_customers(
            connection, 1, customers.Sought(id=customer_id), Page(limit=1)
        )
    return customers.show(found[0])


async def test_of_a_customer_it_hears_what_the_list_shows(shop, endpoint):
    hearing = await endpoint("customer.created", "customer.updated")
    customer_id = await create(shop)
    events = await told(shop, hearing)
    assert events == [("customer.created", await shown(shop, customer_id))]
    await shop.db.transact(
        lambda connection: customers.update_customer(
            connection, 1, customers.read_update({"id": customer_id, "email": "new@mail.com"})
        )
    )
    await shop.db.transact(
        lambda connection: customers.archive_customer(connection, 1, customer_id)
    )
    *_, last = events = await told(shop, hearing)
    # Two changes before it was told of are one event, of how it stands then.
    assert types(events) == ["customer.created", "customer.updated"]
    assert (last[1]["email"], last[1]["customer_status"]) == ("new@mail.com", "ARCHIVED")


async def test_a_checkout_s_customer_is_made_once_and_changed_when_it_changes(shop, endpoint):
    hearing = await endpoint("customer.created", "customer.updated")
    known = customer(person_surname="Doe", contact_number="+27831234567")
    await shop.create(customer=known)
    await shop.create(customer=known)
    assert types(await told(shop, hearing)) == ["customer.created"]
    address = {
        "line1": "1 Loop Street",
        "city_or_town": "Cape Town",
        "postal_or_zip_code": "8001",
        "country": "ZA",
    }
    await shop.create(customer={**known, "billing_address": address})
    *_, (type_, record) = await told(shop, hearing)
    assert type_ == "customer.updated"
    assert record["billing_address"]["line1"] == "1 Loop Street"
    await shop.create(customer={**known, "billing_address": address, "email": "k@mail.com"})
    *_, (type_, record) = events = await told(shop, hearing)
    assert types(events) == ["customer.created", "customer.updated", "customer.updated"]
    assert record["email"] == "k@mail.com"


async def test_of_a_transaction_it_hears_each_change_of_status_and_amounts(shop, endpoint):
    hearing = await endpoint("transaction.created", "transaction.updated")
    page = await shop.create()
    begun = await shop.begin(page)
    ((type_, record),) = await told(shop, hearing)
    assert (type_, record["transaction_status"]) == ("transaction.created", "PENDING")
    # It is the next question to the acquirer alone that changes: nothing to tell of.
    await shop.db.execute(
        "update transactions set due_at = now() where id = $1", begun.transaction.id
    )
    assert len(await told(shop, hearing)) == 1
    await checkouts.finish(shop.db, shop.acquiring, begun)
    *_, (type_, record) = await told(shop, hearing)
    assert (type_, record["transaction_status"]) == ("transaction.updated", "PAID")
    await shop.modify(begun.transaction, "refund", 20_000)
    *_, (type_, record) = events = await told(shop, hearing)
    assert (record["amount_refunded"], len(record["modifications"])) == ("200.00", 1)
    assert types(events) == ["transaction.created", *["transaction.updated"] * 2]
    async with shop.db.connection() as connection:
        listed = await SHOWS["transaction"](connection, 1, begun.transaction.id)
    assert json.write(listed) == json.write(record)


async def test_nothing_is_noted_where_nobody_wants_to_hear(shop, endpoint):
    hearing = await endpoint("checkout.completed", "transaction.updated")
    await create(shop)
    await shop.create(customer=customer(person_surname="Doe"))
    assert await shop.db.value("select count(*) from record_changes") == 0
    await shop.sale()
    assert types(await told(shop, hearing)) == ["transaction.updated"]


async def test_one_that_asks_for_all_hears_of_records_too(shop, endpoint):
    hearing, other = await endpoint(), await endpoint("customer.updated")
    await create(shop)
    assert types(await told(shop, hearing)) == ["customer.created"]
    assert await told(shop, other) == []


async def test_what_is_rolled_back_is_not_told_of(shop, endpoint):
    hearing = await endpoint("customer.created")

    class Undone(Exception):
        pass

    async def work(connection):
        await customers.create_customer(
            connection, 1, customers.read_create(customer(person_surname="Doe"))
        )
        raise Undone

    with pytest.raises(Undone):
        await shop.db.transact(work)
    assert await told(shop, hearing) == []


async def test_a_record_that_is_too_large_is_told_of_by_its_id(shop, endpoint, monkeypatch):
    hearing = await endpoint("customer.created")
    whole = await create(shop, metadata={"note": "x" * 8000})
    monkeypatch.setattr(limits, "WEBHOOK_BODY_BYTES_MAX", 20_000)
    assert await told(shop, hearing) == [("customer.created", await shown(shop, whole))]
    monkeypatch.setattr(limits, "WEBHOOK_BODY_BYTES_MAX", 8_000)
    cut = await create(shop, metadata={"note": "x" * 8000})
    assert (await told(shop, hearing))[-1] == ("customer.created", {"id": cut})


async def test_of_a_customer_is_told_in_the_log_but_not_in_the_feed(shop, endpoint):
    await endpoint("customer.created")
    await create(shop)
    await webhooks.tell_changes(shop.db, SHOWS)
    await webhooks.place_events(shop.db)
    row = await shop.db.row("select * from events where type = 'customer.created' order by id desc")
    assert (row["checkout_id"], row["sequence"]) == (None, 1)
    async with shop.db.connection() as connection:
        logged = await webhooks.show_webhook(connection, 1, row["id"])
        assert [one.target for one in logged.sent_to] != [model.NOTIFY_URL]
    assert not await shop.db.value("select count(*) from feed where event_id = $1", row["id"])
    # It goes to endpoints alone, by hand too.
    with pytest.raises(webhooks.EndpointMissing):
        await shop.db.transact(
            lambda connection: webhooks.resend_webhook(
                connection, 1, row["id"], target=model.NOTIFY_URL
            )
        )


async def submitted(shop, **payment):
    customer_id, token = await shop.stored(card())
    record = {
        "customer_id": customer_id,
        "card": {"token": token},
        "payment": {"amount": "100.00", **payment},
    }
    return await shop.db.transact(
        lambda connection: payments.submit(
            connection, shop.account.id, payments.read_submit(record, (CARD,))
        )
    )


async def fed(shop, payment):
    """What the feed has of a payment: types, each with the payment as it stood."""
    await webhooks.tell_changes(shop.db, SHOWS)
    await webhooks.place_events(shop.db)
    async with shop.db.connection() as connection:
        page = await webhooks.read_feed(
            connection,
            1,
            after=None,
            types=["payment.created", "payment.updated"],
            count=1000,
            kept_days=90,
        )
    events = [json.read_object(one.body) for one in page]
    of_it = [one for one in events if one["data"][0]["payment"]["id"] == payment.id]
    return [(one["event"], one["data"][0]["payment"]) for one in of_it]


async def test_the_feed_has_payments_though_there_is_no_endpoint(shop):
    payment = await submitted(shop)
    ((type_, record),) = await fed(shop, payment)
    assert (type_, record["payment"]["payment_status"]) == ("payment.created", "PENDING")
    await payments.charge_due(shop.db, shop.acquiring)
    *_, (type_, record) = events = await fed(shop, payment)
    assert types(events) == ["payment.created", "payment.updated"]
    assert (record["charges"], record["payment"]["payment_status"]) == (1, "COMPLETED")
    async with shop.db.connection() as connection:
        shown = await SHOWS["payment"](connection, 1, payment.id)
    assert json.write(shown) == json.write(record)
    event_id = await shop.db.value(
        "select id from events where type = 'payment.updated' and position($1 in body) > 0",
        payment.id.encode(),
    )
    resent = await shop.db.transact(
        lambda connection: webhooks.resend_webhook(connection, 1, event_id, target=None)
    )
    assert resent.sent_to == ()


async def test_a_charge_that_failed_is_in_the_feed_and_told_to_endpoints(shop, endpoint):
    hearing = await endpoint("payment.updated")
    payment = await submitted(
        shop, recurring={"payment_interval": "MONTHLY"}, description="Rent of flat 4"
    )
    await shop.owner.execute("update cards set expire_year = 2020 where id = $1", payment.card_id)
    await payments.charge_due(shop.db, shop.acquiring)
    *_, (type_, record) = events = await fed(shop, payment)
    assert (type_, record["error_code"], record["missed"]) == ("payment.updated", "expired_card", 1)
    assert await told(shop, hearing) == events[1:]


async def test_a_record_that_is_gone_holds_up_no_other(shop, endpoint):
    hearing = await endpoint("payment.updated", "customer.created")
    await shop.db.transact(
        lambda connection: webhooks.note_change(connection, 1, "payment.updated", ids.new("pay"))
    )
    await create(shop)
    assert types(await told(shop, hearing)) == ["customer.created"]
    assert await shop.db.value("select count(*) from record_changes") == 0
