"""The days of payments, against a calendar that is walked day by day."""

from datetime import UTC, date, datetime
from itertools import islice

import pytest

from paydesk.payments.schedule import (
    Interval,
    Schedule,
    day_of,
    due_after,
    due_days,
    due_from,
    moment_of,
)
from payments_calendar import DAY, walked


def days(text):
    return [date.fromisoformat(part) for part in text.split()]


@pytest.mark.parametrize(
    ("schedule", "first"),
    [
        (Schedule(Interval.MONTHLY, date(2026, 1, 15)), "2026-01-15 2026-02-15 2026-03-15"),
        # Past a month's end: its last day, and the wanted day again in the next one.
        (Schedule(Interval.MONTHLY, date(2026, 1, 31)), "2026-01-31 2026-02-28 2026-03-31"),
        (Schedule(Interval.MONTHLY, date(2028, 1, 30)), "2028-01-30 2028-02-29 2028-03-30"),
        # A day of the month that is over when it starts comes in the next month.
        (Schedule(Interval.MONTHLY, date(2026, 12, 6), None, 5), "2027-01-05 2027-02-05"),
        (Schedule(Interval.MONTHLY, date(2026, 12, 5), None, 5), "2026-12-05 2027-01-05"),
        (Schedule(Interval.MONTHLY, date(2026, 4, 30), None, 31), "2026-04-30 2026-05-31"),
        (Schedule(Interval.YEARLY, date(2028, 2, 29)), "2028-02-29 2029-02-28 2030-02-28"),
        (Schedule(Interval.YEARLY, date(2026, 3, 10), None, 5), "2027-03-05 2028-03-05"),
        (Schedule(Interval.WEEKLY, date(2026, 12, 29)), "2026-12-29 2027-01-05 2027-01-12"),
        (Schedule(Interval.DAILY, date(2028, 2, 28)), "2028-02-28 2028-02-29 2028-03-01"),
    ],
)
def test_the_days_of_a_schedule(schedule, first):
    wanted = days(first)
    assert list(islice(due_days(schedule), len(wanted))) == wanted


@pytest.mark.parametrize(
    ("schedule", "all_of_them"),
    [
        (Schedule(Interval.ONCE, date(2026, 5, 1)), "2026-05-01"),
        (Schedule(Interval.MONTHLY, date(2026, 1, 31), date(2026, 3, 30)), "2026-01-31 2026-02-28"),
        (Schedule(Interval.MONTHLY, date(2026, 1, 31), date(2026, 2, 28)), "2026-01-31 2026-02-28"),
        (Schedule(Interval.DAILY, date(2026, 1, 1), date(2026, 1, 1)), "2026-01-01"),
        (Schedule(Interval.MONTHLY, date(2026, 1, 6), date(2026, 1, 31), 5), ""),
    ],
)
def test_a_schedule_with_an_end(schedule, all_of_them):
    assert list(due_days(schedule)) == days(all_of_them)


def test_days_are_those_of_south_africa():
    # Ten in the evening in Greenwich is midnight there.
    assert day_of(datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert day_of(datetime(2026, 12, 31, 22, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert moment_of(date(2026, 7, 1)) == datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


def starts():
    """Every day of a leap year and of the one after it."""
    return [date(2028, 1, 1) + number * DAY for number in range(366 + 365)]


@pytest.mark.parametrize("interval", list(Interval))
def test_a_year_from_every_day_is_as_a_walk_through_the_calendar_has_it(interval):
    for start in starts():
        until = start + 400 * DAY
        schedule = Schedule(interval, start)
        expected = walked(schedule, until)
        assert list(islice(due_days(schedule), len(expected))) == expected
        assert expected[0] == start


@pytest.mark.parametrize("interval", [Interval.MONTHLY, Interval.YEARLY])
@pytest.mark.parametrize("process_day", [1, 5, 28, 29, 30, 31])
def test_every_process_day_is_as_a_walk_has_it(interval, process_day):
    for start in starts()[::3]:
        until = start + 800 * DAY
        schedule = Schedule(interval, start, until - 17 * DAY, process_day)
        assert list(due_days(schedule)) == walked(schedule, until)


@pytest.mark.parametrize("interval", list(Interval))
def test_from_any_day_the_next_one_is_the_first_that_is_left(interval):
    schedule = Schedule(interval, date(2028, 1, 31), date(2029, 3, 1))
    expected = walked(schedule, schedule.end)
    for number in range(-40, 460):
        day = schedule.start + number * DAY
        assert due_from(schedule, day) == next((due for due in expected if due >= day), None)
        assert due_after(schedule, day) == next((due for due in expected if due > day), None)
