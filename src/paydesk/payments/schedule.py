"""On which days a payment is charged. Pure; a day is one of South Africa's.

Source: kwik-api paper, section 8.3: a process_day past a month's end is that month's last day.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from paydesk import limits
from paydesk.kit.clock import SAST


class Interval(StrEnum):
    """How often a payment is charged."""

    ONCE = "ONCE"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of a payment: the first on start or after it, the last on end or before it.

    process_day is the day of the month, of monthly and yearly payments; None is start's own. A
    yearly payment is charged in start's month, a weekly one on start's weekday.
    """

    interval: Interval
    start: date
    end: date | None = None
    process_day: int | None = None


# The fewest days between two charges.
DAYS_BETWEEN_MIN: Mapping[Interval, int] = {
    Interval.ONCE: 1,
    Interval.DAILY: 1,
    Interval.WEEKLY: 7,
    Interval.MONTHLY: 28,
    Interval.YEARLY: 365,
}


def due_from(schedule: Schedule, day: date) -> date | None:
    """The first day of the schedule that is this one or later, None where it is over.

    >>> due_from(Schedule(Interval.MONTHLY, date(2028, 1, 31)), date(2028, 2, 1))
    datetime.date(2028, 2, 29)
    """
    due = _due_from(schedule, max(day, schedule.start))
    is_over = due is not None and schedule.end is not None and due > schedule.end
    return None if is_over else due


def due_after(schedule: Schedule, day: date) -> date | None:
    """The first day of the schedule that is later than this one, None where it is over."""
    return due_from(schedule, day + timedelta(days=1))


def due_days(schedule: Schedule) -> Iterator[date]:
    """All days of the schedule in their order, without an end where it has none."""
    due = due_from(schedule, schedule.start)
    while due is not None:
        yield due
        due = due_after(schedule, due)


def moment_of(day: date) -> datetime:
    """When the charges of a day begin.

    >>> moment_of(date(2026, 11, 28)).isoformat()
    '2026-11-28T06:00:00+02:00'
    """
    return datetime.combine(day, time(limits.CHARGE_HOUR), SAST)


def day_of(at: datetime) -> date:
    """The South African day of a moment."""
    return at.astimezone(SAST).date()


def _due_from(schedule: Schedule, day: date) -> date | None:
    start = schedule.start
    match schedule.interval:
        case Interval.ONCE:
            return start if day <= start else None
        case Interval.DAILY:
            return day
        case Interval.WEEKLY:
            return day + (start - day) % timedelta(days=7)
        case Interval.MONTHLY:
            year, month = day.year, day.month
            due = _day_in(schedule, year, month)
            return due if due >= day else _day_in(schedule, year + month // 12, month % 12 + 1)
        case Interval.YEARLY:
            due = _day_in(schedule, day.year, start.month)
            return due if due >= day else _day_in(schedule, day.year + 1, start.month)


def _day_in(schedule: Schedule, year: int, month: int) -> date:
    wanted = schedule.process_day or schedule.start.day
    return date(year, month, min(wanted, monthrange(year, month)[1]))
