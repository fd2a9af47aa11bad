"""What issuers are told that a payment is for."""

from datetime import UTC, date, datetime

import pytest

from paydesk.checkouts.purpose import purpose_of
from paydesk.payments import Interval, Wanted
from paydesk.threeds import Purpose, Recurrence

# Already the 28th in South Africa.
AT = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "purpose"), [("one-off", Purpose.PAYMENT), ("save", Purpose.ADD_CARD)]
)
def test_without_a_plan_the_mode_tells(mode, purpose):
    assert purpose_of(mode, None, AT) == (purpose, None)


@pytest.mark.parametrize(
    ("wanted", "recurrence"),
    [
        (Wanted(Interval.DAILY), Recurrence(date(2026, 11, 29), None, 1)),
        (Wanted(Interval.WEEKLY), Recurrence(date(2026, 12, 5), None, 7)),
        (Wanted(Interval.MONTHLY, process_day=31), Recurrence(date(2026, 11, 30), None, 28)),
        (
            Wanted(Interval.YEARLY, start=date(2027, 2, 28), end=date(2030, 1, 1)),
            Recurrence(date(2027, 2, 28), date(2030, 1, 1), 365),
        ),
        (Wanted(Interval.ONCE, start=date(2026, 12, 1)), Recurrence(date(2026, 12, 1), None, 1)),
    ],
)
def test_a_plan_is_told_from_its_next_day_on(wanted, recurrence):
    assert purpose_of("recurring", wanted, AT) == (Purpose.RECURRING, recurrence)


def test_a_plan_whose_last_day_has_passed_is_a_payment():
    over = Wanted(Interval.DAILY, end=date(2026, 11, 28))
    assert purpose_of("recurring", over, AT) == (Purpose.PAYMENT, None)
