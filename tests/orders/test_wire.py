"""JSON ⇄ orders."""

import pytest

from paydesk import lookups
from paydesk.kit.fields import Given, check
from paydesk.kit.money import Money
from paydesk.orders.wire import OrderBody, check_order, new_order

ZAR = lookups.currency("ZAR")
AMOUNT = Money(120000, ZAR)


def _zar(minor):
    return Money(minor, ZAR)


def _read(order):
    body, faults = check(OrderBody, order)
    assert faults == []
    given = Given({"order": order}, [])
    check_order(given, ZAR, AMOUNT)
    assert given.faults == []
    return new_order(body, given, AMOUNT)


def test_an_order_is_read_whole():
    order = _read(
        {
            "reference": "ORD0045",
            "description": "Monthly plan + setup",
            "amount_subtotal": "1100.00",
            "amount_tax": 100,
            "amount_total": "1200.00",
            "items": [
                {
                    "sku": "SKU00567",
                    "name": "Pro Plan",
                    "quantity": 2,
                    "unit_amount": "600.00",
                    "tax_amount": 0,
                    "discount_amount": "0.5",
                    "metadata": {"a": 1},
                }
            ],
        }
    )
    assert (order.reference, order.description) == ("ORD0045", "Monthly plan + setup")
    assert order.amounts.subtotal == _zar(110000)
    assert order.amounts.tax == _zar(10000)
    assert (order.amounts.discount, order.amounts.shipping) == (None, None)
    (item,) = order.items
    assert (item.sku, item.quantity, item.unit_amount) == ("SKU00567", 2, _zar(60000))
    assert (item.tax, item.discount, item.metadata) == (_zar(0), _zar(50), {"a": 1})


@pytest.mark.parametrize(
    ("sums", "total"),
    [
        ({}, 120000),
        ({"amount_tax": "156.52"}, 120000),
        ({"amount_subtotal": "1100", "amount_tax": "100"}, 120000),
    ],
)
def test_a_total_that_is_not_given_is_filled_in(sums, total):
    assert _read({"description": "d", **sums}).amounts.total == _zar(total)


def test_without_an_order_there_is_one_of_the_bare_amount():
    order = new_order(None, Given({}, []), AMOUNT)
    assert order.reference == order.id
    assert order.id.startswith("ord_")
    assert (order.amounts.total, order.items) == (AMOUNT, ())


@pytest.mark.parametrize(("currency", "amount"), [(None, None), (ZAR, None), (None, AMOUNT)])
def test_without_currency_or_amount_what_can_be_asked_is_asked(currency, amount):
    given = Given({"order": {"items": [{"quantity": 1, "unit_amount": "1.00"}, {}]}}, [])
    check_order(given, currency, amount)
    assert [fault.path for fault in given.faults] == [
        "order.items.0.name",
        "order.items.1.name",
        "order.items.1.quantity",
        "order.items.1.unit_amount",
    ]
