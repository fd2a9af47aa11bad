"""VAT by date, and its share of an amount to the cent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.invoices.rates import rate_on, share, vat_in


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(1992, 1, 1), 1000),
        (date(2018, 3, 31), 1400),
        (date(2018, 4, 1), 1500),
        # The increase to 15.5 % of this day was withdrawn.
        (date(2025, 5, 1), 1500),
    ],
)
def test_the_rate_is_the_one_of_the_day(day, rate):
    assert rate_on(day) == rate


@pytest.mark.parametrize(
    ("total", "vat"),
    # 15/115 of the total: 156.5217…, 0.1304…, 0.0652…; a half cent goes up.
    [(120000, 15652), (11500, 1500), (100, 13), (50, 7), (23, 3), (1, 0), (4, 1), (3, 0)],
)
def test_the_vat_in_a_total_is_its_tax_fraction_to_the_nearest_cent(total, vat):
    assert vat_in(total, 1500) == vat


@given(st.integers(1, 10**14), st.integers(0, 10**4))
def test_value_and_vat_come_to_the_total_within_half_a_cent(total, rate):
    vat = vat_in(total, rate)
    assert 0 <= vat <= total
    assert abs(2 * (vat * (10_000 + rate) - total * rate)) <= 10_000 + rate


@given(st.lists(st.integers(1, 10**10), min_size=1, max_size=8), st.data())
def test_the_shares_of_all_parts_are_exactly_the_whole(parts, data):
    total = sum(parts)
    whole = data.draw(st.integers(0, total))
    shares = [
        share(whole, total=total, before=sum(parts[:number]), amount=part)
        for number, part in enumerate(parts)
    ]
    assert sum(shares) == whole
    for part, one in zip(parts, shares, strict=True):
        assert 0 <= one <= part
