"""A schedule as it is asked for, before the day on which it begins is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from paydesk import limits
from paydesk.payments.errors import DayPast, DayTooFar, NoDayLeft
from paydesk.payments.schedule import Interval, Schedule, due_after, due_from


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schedule as it is asked for; None is not said. A path names where a day stands."""

    interval: Interval
    process_day: int | None = None
    start: date | None = None
    end: date | None = None
    start_path: str = ""
    end_path: str = ""

    def schedule(self, today: date) -> Schedule:
        """The schedule, begun today where nothing else is said."""
        return Schedule(self.interval, self.start or today, self.end, self.process_day)


def first_day(wanted: Wanted, today: date) -> tuple[Schedule, date]:
    """The schedule that is wanted, and its first day.

    Raises: DayPast, DayTooFar, NoDayLeft.
    """
    _check_days(wanted, today)
    schedule = wanted.schedule(today)
    due_on = due_from(schedule, today)
    if due_on is None:
        raise NoDayLeft(wanted.end_path)
    return schedule, due_on


def check_rest(wanted: Wanted, today: date) -> None:
    """Sees that a schedule whose first payment is made today goes on after it.

    Raises: DayPast, DayTooFar, NoDayLeft.
    """
    _check_days(wanted, today)
    if due_after(wanted.schedule(today), today) is None:
        raise NoDayLeft(wanted.end_path)


def kept(wanted: Wanted) -> Mapping[str, Any]:
    """The schedule as JSON, as checkouts keep it."""
    return {
        "interval": wanted.interval,
        "process_day": wanted.process_day,
        "start": None if wanted.start is None else str(wanted.start),
        "end": None if wanted.end is None else str(wanted.end),
    }


def read_kept(record: Mapping[str, Any]) -> Wanted:
    """The schedule that `kept` wrote."""
    start, end = (record[name] and date.fromisoformat(record[name]) for name in ("start", "end"))
    return Wanted(Interval(record["interval"]), record["process_day"], start, end)


def _check_days(wanted: Wanted, today: date) -> None:
    last_year = today.year + limits.SCHEDULE_YEARS_MAX
    if wanted.start is not None and wanted.start < today:
        raise DayPast(wanted.start_path)
    if wanted.start is not None and wanted.start.year > last_year:
        raise DayTooFar(wanted.start_path)
    if wanted.end is not None and wanted.end.year > last_year:
        raise DayTooFar(wanted.end_path)
