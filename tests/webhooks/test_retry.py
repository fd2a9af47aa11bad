"""When a webhook is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.webhooks.retry import asked_pause_seconds, is_acknowledged, pause_seconds

SCHEDULE = (60, 300, 1500)
chances = st.floats(0, 1)


@given(tries=st.integers(1, 3), chance=chances)
def test_a_pause_is_within_a_fifth_of_the_schedule(tries, chance):
    pause = pause_seconds(tries, SCHEDULE, asked_for=0, chance=chance)
    assert 0.8 * SCHEDULE[tries - 1] <= pause <= 1.2 * SCHEDULE[tries - 1]


@given(tries=st.integers(4, 100), chance=chances, asked_for=st.integers(0, 3600))
def test_there_is_no_fifth_try(tries, chance, asked_for):
    assert pause_seconds(tries, SCHEDULE, asked_for=asked_for, chance=chance) is None


def test_a_receiver_may_ask_for_more_time_not_for_less():
    assert pause_seconds(1, SCHEDULE, asked_for=900, chance=0.5) == 900
    assert pause_seconds(1, SCHEDULE, asked_for=1, chance=0.5) == 60


@pytest.mark.parametrize(
    ("status", "text", "seconds"),
    [
        (429, "120", 120),
        (503, " 120 ", 120),
        (429, "86400", 3600),
        (429, "9" * 400, 3600),
        (429, "-1", 0),
        (429, "1.5", 0),
        (429, "١٢٠", 0),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", 0),
        (500, "120", 0),
        (200, "120", 0),
    ],
)
def test_only_a_busy_receivers_whole_seconds_count(status, text, seconds):
    assert asked_pause_seconds(status, {"Retry-After": text}) == seconds


@pytest.mark.parametrize(
    ("status", "is_taken"),
    [(200, True), (204, True), (299, True), (199, False), (302, False), (304, False), (410, False)],
)
def test_only_a_2xx_takes_a_webhook(status, is_taken):
    assert is_acknowledged(status) is is_taken
