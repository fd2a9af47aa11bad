"""Another calendar than the product's: whether a day is one of a schedule, asked of every day."""

from datetime import timedelta

from paydesk.payments.schedule import Interval

DAY = timedelta(days=1)


def is_month_end(day):
    return (day + DAY).month != day.month


def is_wanted_day(schedule, day):
    wanted = schedule.process_day or schedule.start.day
    return day.day == wanted or (is_month_end(day) and wanted > day.day)


IS_DUE = {
    Interval.ONCE: lambda schedule, day: day == schedule.start,
    Interval.DAILY: lambda schedule, day: True,
    Interval.WEEKLY: lambda schedule, day: day.weekday() == schedule.start.weekday(),
    Interval.MONTHLY: is_wanted_day,
    Interval.YEARLY: lambda schedule, day: (
        day.month == schedule.start.month and is_wanted_day(schedule, day)
    ),
}


def walked(schedule, until):
    found, day = [], schedule.start
    while day <= min(until, schedule.end or until):
        if IS_DUE[schedule.interval](schedule, day):
            found.append(day)
        day += DAY
    return found
