"""Every indicator of every scheme."""

import pytest

from paydesk.cards.brand import BRANDS
from paydesk.threeds.eci import shifts_liability

NAMES = {brand.name for brand in BRANDS}
MASTERCARDS = {"mastercard", "maestro"}


@pytest.mark.parametrize("brand", sorted(NAMES - MASTERCARDS))
def test_liability_shifts_where_the_payer_was_authenticated_or_it_was_tried(brand):
    shifting = {eci for eci in ECIS if shifts_liability(eci, brand)}

    assert shifting == {"05", "06"}


@pytest.mark.parametrize("brand", sorted(MASTERCARDS))
def test_mastercard_has_indicators_of_its_own(brand):
    shifting = {eci for eci in ECIS if shifts_liability(eci, brand)}

    assert shifting == {"01", "02", "07"}


ECIS = [None, "", "N0", "N2", *(f"{number:02}" for number in range(100))]
