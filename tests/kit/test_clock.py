from datetime import UTC, datetime, timedelta, timezone

import pytest

from paydesk.kit import clock

SAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2025, 9, 13, 12, 30, tzinfo=UTC), "2025-09-13T12:30:00Z"),
        (datetime(2025, 9, 13, 12, 30, 59, 999999, tzinfo=UTC), "2025-09-13T12:30:59Z"),
        (datetime(2025, 1, 1, 1, 0, tzinfo=SAST), "2024-12-31T23:00:00Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_second(at: datetime, text: str) -> None:
    assert clock.iso(at) == text


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(SAST)) < timedelta(seconds=1)
