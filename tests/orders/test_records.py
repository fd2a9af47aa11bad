"""JSON ⇄ the records of `/orders`: what is read, what is refused, and what a total is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk import lookups
from paydesk.errors import Invalid
from paydesk.kit.money import Money
from paydesk.orders.model import Amounts, Order
from paydesk.orders.states import State
from paydesk.orders.wire import order_after, read_create, read_delete, read_update, show

ZAR = lookups.currency("ZAR")
BARE = {"currency": "ZAR", "description": "Tea"}
ITEM = {"name": "Tea", "quantity": 2, "unit_amount": "10.00"}
AT = datetime(2026, 1, 1, tzinfo=UTC)


def _faults(read, record):
    with pytest.raises(Invalid) as refused:
        read(record)
    return {fault.path: fault.rule for fault in refused.value.faults()}


def _kept(record):
    """The order as it would be kept."""
    command = read_create(record)
    new = command.order
    return Order(
        id=new.id,
        reference=new.reference,
        description=new.description,
        customer_id=command.customer_id,
        amounts=new.amounts,
        items=new.items,
        metadata=new.metadata,
        status=State.PENDING,
        fulfillment_status=new.fulfillment_status,
        created_at=AT,
        updated_at=AT,
        deleted_at=None,
    )


def _after(order, **changes):
    return order_after(order, read_update({"id": order.id, **changes}))


def _total_after(order, **changes):
    return _after(order, **changes).amounts.total.text()


def test_a_record_is_read_whole():
    command = read_create(
        {
            "reference": "ORD0045",
            "description": "Monthly plan",
            "customer_id": "cus_1",
            "currency_lookups_id": lookups.id_of("currency", "ZAR"),
            "order_status": "cancelled",
            "fulfillment_status": "Partial",
            "amount_total": 12,
            "metadata": {"a": 1},
            "items": [{**ITEM, "currency": "ZAR"}],
        }
    )
    assert command.customer_id == "cus_1"
    assert (command.status, command.status_path) == (State.CANCELLED, "order_status")
    order = command.order
    assert (order.reference, order.fulfillment_status) == ("ORD0045", "PARTIAL")
    assert (order.amounts, order.metadata) == (Amounts(Money(1200, ZAR)), {"a": 1})
    assert order.items[0].unit_amount == Money(1000, ZAR)


@pytest.mark.parametrize(
    ("sums", "total"),
    [
        ({"amount_total": "5"}, "5.00"),
        ({"amount_subtotal": "5.00"}, "5.00"),
        ({"amount_subtotal": "5.00", "amount_tax": "1", "amount_discount": "2"}, "4.00"),
        ({"amount_subtotal": "5.00", "amount_shipping": "1", "amount_total": "6"}, "6.00"),
        ({"items": [ITEM, {**ITEM, "tax_amount": 3, "discount_amount": "0.5"}]}, "39.50"),
        ({"items": [ITEM], "amount_total": "7.00"}, "7.00"),
        ({"items": [ITEM], "amount_subtotal": "7.00"}, "7.00"),
    ],
)
def test_a_total_is_given_or_follows(sums, total):
    assert read_create({**BARE, **sums}).order.amounts.total.text() == total


@pytest.mark.parametrize(
    ("record", "faults"),
    [
        ({}, {"currency_lookups_id": "required", "description": "required"}),
        ({"currency": "ZAR", "amount_total": "1"}, {"description": "required"}),
        (BARE, {"amount_total": "required"}),
        ({**BARE, "items": []}, {"amount_total": "required"}),
        ({**BARE, "items": [ITEM], "amount_shipping": "1"}, {"amount_total": "required"}),
        ({**BARE, "amount_total": "0.00"}, {"amount_total": "amount"}),
        ({**BARE, "amount_subtotal": "1", "amount_discount": "2"}, {"amount_total": "amount"}),
        ({**BARE, "amount_subtotal": "1", "amount_total": "2"}, {"amount_total": "order_sum"}),
        (
            {**BARE, "items": [{**ITEM, "quantity": 10**6, "unit_amount": "9" * 12}]},
            {"amount_total": "amount"},
        ),
        ({**BARE, "amount_total": "1.005"}, {"amount_total": "amount"}),
        (
            {**BARE, "items": [{}]},
            dict.fromkeys(("items.0.name", "items.0.quantity", "items.0.unit_amount"), "required"),
        ),
        ({**BARE, "items": [{**ITEM, "currency": "USD"}]}, {"items.0.currency": "order_currency"}),
        ({**BARE, "amount_total": "1", "currency": "XXQ"}, {"currency": "lookup"}),
        ({**BARE, "amount_total": "1", "order_status": "SOLD"}, {"order_status": "lookup"}),
        (
            {
                **BARE,
                "amount_total": "1",
                "order_status": "PENDING",
                "order_status_lookups_id": lookups.id_of("order_status", "EXPIRED"),
            },
            {"order_status": "same_value"},
        ),
        (
            {**BARE, "amount_total": "1", "metadata": [], "reference": 7},
            {"metadata": "object", "reference": "string"},
        ),
    ],
)
def test_all_faults_of_a_record_are_told_at_once(record, faults):
    assert _faults(read_create, record) == faults


def test_an_update_and_a_deletion_name_an_order():
    assert _faults(read_update, {"reference": "x" * 36}) == {
        "id": "required",
        "reference": "max_length",
    }
    assert _faults(read_delete, {"id": " "}) == {"id": "required"}
    assert read_delete({"id": "ord_1", "more": 1}) == "ord_1"


def test_what_an_update_does_not_name_stays_and_null_clears():
    order = replace(
        _kept(
            {**BARE, "items": [ITEM], "amount_total": "20", "amount_tax": "0", "metadata": {"a": 1}}
        ),
        customer_id="cus_1",
    )
    assert _after(order) == order
    cleared = _after(order, customer_id=None, metadata=None, description=" ", amount_tax=None)
    assert (cleared.customer_id, cleared.metadata, cleared.description) == (None, None, None)
    assert (cleared.amounts.tax, cleared.items) == (None, order.items)
    assert _after(order, items=None).items == ()


def test_what_an_order_is_never_without_can_t_be_cleared():
    names = ("reference", "currency", "order_status", "fulfillment_status_lookups_id")
    record = {"id": "ord_1", **dict.fromkeys(names)}
    assert _faults(read_update, record) == dict.fromkeys(names, "required")
    named = read_update({"id": "ord_1", "currency": "ZAR", "currency_lookups_id": None})
    assert named.sums["currency"] == "ZAR"
    plain = _kept({**BARE, "amount_total": "10.00"})
    for change in ({"description": None}, {"amount_total": None}):
        assert _faults(lambda record: _after(plain, **record), change) == dict.fromkeys(
            change, "required"
        )


def test_a_total_that_followed_follows_again():
    by_items = _kept({**BARE, "items": [ITEM]})
    assert _total_after(by_items, items=[{**ITEM, "quantity": 3}]) == "30.00"
    by_sums = _kept({**BARE, "amount_subtotal": "10.00", "amount_tax": "1.50"})
    assert _total_after(by_sums, amount_tax="2.00") == "12.00"
    own = _kept({**BARE, "items": [ITEM], "amount_total": "15.00"})
    assert _total_after(own, items=[{**ITEM, "quantity": 3}]) == "15.00"
    assert _total_after(own, amount_total="16") == "16.00"
    assert _total_after(own, items=[], amount_subtotal="3") == "3.00"


def test_an_update_is_checked_with_what_stays():
    order = _kept({"currency": "ZAR", "items": [ITEM]})
    read = lambda record: _after(order, **record)  # noqa: E731
    assert _faults(read, {"items": []}) == {"items": "required"}
    assert _faults(read, {"amount_subtotal": "1", "amount_total": "2"}) == {
        "amount_total": "order_sum"
    }
    bare = _kept({**BARE, "amount_total": "10.00"})
    assert _total_after(bare, currency="USD") == "10.00"
    assert _total_after(order, currency="USD") == "20.00"
    read = lambda record: _after(bare, **record)  # noqa: E731
    assert _faults(read, {"currency": "JPY"}) == {"amount_total": "amount"}


_AMOUNTS = st.integers(0, 10**6).map(lambda minor: Money(minor, ZAR).text())


@given(
    st.fixed_dictionaries(
        {"amount_subtotal": _AMOUNTS},
        optional={
            "amount_discount": _AMOUNTS,
            "amount_shipping": _AMOUNTS,
            "amount_tax": _AMOUNTS,
        },
    )
)
def test_what_is_shown_reads_back_as_the_same_order(sums):
    try:
        order = _kept({**BARE, **sums})
    except Invalid:
        return  # more discount than all the rest
    shown = show(order)
    assert _kept({**shown, "customer_id": None}).amounts == order.amounts
    assert order_after(order, read_update(shown)) == order
