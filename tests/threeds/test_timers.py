"""How long each step is waited for."""

from datetime import UTC, datetime, timedelta

import pytest

from paydesk import threeds
from paydesk.threeds import Version

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(("version", "seconds"), [(Version.V2_2_0, 10), (Version.V2_3_1, 5)])
def test_the_method_has_10_seconds_and_5_in_2_3_1(version, seconds):
    assert threeds.method_ends_at(version, NOW) == NOW + timedelta(seconds=seconds)


def test_a_challenge_ends_60_seconds_after_the_payer_s_ten_minutes():
    assert threeds.challenge_ends_at(NOW) == NOW + timedelta(minutes=11)
    assert threeds.challenge_ends_at(NOW, 60) == NOW + timedelta(minutes=1)


def test_a_question_is_asked_within_80_seconds_and_answered_within_10():
    assert threeds.question_ends_at(NOW) == NOW + timedelta(seconds=80)
    assert threeds.ANSWER_SECONDS == 10


def test_the_payer_waits_10_seconds_for_the_result():
    assert threeds.result_due_at(NOW) == NOW + timedelta(seconds=10)
