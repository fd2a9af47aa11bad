"""Times as the API writes them. Decisions about time use the database's `now()`."""

from datetime import UTC, datetime, timedelta, timezone

# South African Standard Time, which knows no summer time.
SAST = timezone(timedelta(hours=2), "SAST")


def now() -> datetime:
    """The process's idea of the present, for timestamps on outgoing messages only."""
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    """RFC 3339 UTC to the second, as checkouts and webhooks show times.

    >>> iso(datetime(2025, 9, 13, 12, 30, tzinfo=UTC))
    '2025-09-13T12:30:00Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_or_none(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def sast(at: datetime) -> str:
    """South African time to the second, as the lists of records show times.

    >>> sast(datetime(2025, 9, 13, 12, 30, tzinfo=UTC))
    '2025-09-13 14:30:00'
    """
    return f"{at.astimezone(SAST):%Y-%m-%d %H:%M:%S}"


def sast_or_none(at: datetime | None) -> str | None:
    return None if at is None else sast(at)
