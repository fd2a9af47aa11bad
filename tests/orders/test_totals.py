"""How an order adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.kit.money import Currency, Money
from paydesk.orders.model import Amounts, Item
from paydesk.orders.totals import total_of_parts, totals_of_items

ZAR, JPY = Currency("ZAR", 2), Currency("JPY", 0)


def _zar(minor):
    return None if minor is None else Money(minor, ZAR)


def _item(quantity, unit, tax=None, discount=None):
    return Item(None, "", quantity, _zar(unit), _zar(tax), _zar(discount), None)


@pytest.mark.parametrize(
    ("subtotal", "discount", "shipping", "tax", "total"),
    [
        (110000, 0, 0, 10000, 120000),
        (110000, None, None, 10000, 120000),
        (110000, None, None, None, 110000),
        (130000, 15000, 5000, 0, 120000),
        (0, 1, None, None, -1),
        (None, 1, 2, 3, None),
        (None, None, None, None, None),
    ],
)
def test_the_parts_come_to_the_total(subtotal, discount, shipping, tax, total):
    amounts = Amounts(_zar(1), _zar(subtotal), _zar(discount), _zar(shipping), _zar(tax))
    assert total_of_parts(amounts) == _zar(total)


@pytest.mark.parametrize(
    ("items", "inclusive", "with_tax"),
    [
        ([_item(1, 120000)], 120000, 120000),
        ([_item(3, 1000, discount=500), _item(1, 0, tax=375)], 2500, 2875),
        ([_item(2, 150, tax=15, discount=100)] * 2, 400, 430),
        ([_item(1_000_000, 10**14)] * 100, 10**22, 10**22),
    ],
)
def test_items_come_to_two_totals_tax_inside_or_on_top(items, inclusive, with_tax):
    assert totals_of_items(items) == (_zar(inclusive), _zar(with_tax))


@given(st.lists(st.tuples(*[st.integers(0, 10**14)] * 3, st.integers(1, 10**6)), min_size=1))
def test_no_cent_is_lost(rows):
    items = [_item(count, unit, tax, discount) for unit, tax, discount, count in rows]
    inclusive = sum(unit * count - discount for unit, _, discount, count in rows)
    taxes = sum(tax for _, tax, _, _ in rows)
    assert totals_of_items(items) == (_zar(inclusive), _zar(inclusive + taxes))


def test_two_currencies_do_not_add():
    items = [_item(1, 1), Item(None, "", 1, Money(1, JPY), None, None, None)]
    with pytest.raises(TypeError):
        totals_of_items(items)
