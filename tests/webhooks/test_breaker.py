"""When an endpoint is spared, and when it is not any more."""

from hypothesis import given
from hypothesis import strategies as st

from paydesk import limits
from paydesk.webhooks.breaker import Breaker

ENOUGH = limits.WEBHOOK_BREAKER_TRIES_MIN
PROBE = limits.WEBHOOK_PROBE_SECONDS
WINDOW = limits.WEBHOOK_BREAKER_WINDOW_SECONDS


def after(outcomes, *, now=0.0):
    """A breaker that has seen these tries: x failed, . succeeded."""
    breaker = Breaker()
    for outcome in outcomes:
        breaker.note(now, failed=outcome == "x")
    return breaker


def test_what_succeeds_is_never_spared():
    breaker = after("." * 1000)
    assert breaker.admits(0.0)
    assert not breaker.spares


def test_few_failures_say_nothing():
    assert after("x" * (ENOUGH - 1)).admits(0.0)


def test_seven_in_ten_are_enough_and_six_are_not():
    assert not after("..." + "x" * 7).admits(0.0)
    assert after("...." + "x" * 6).admits(0.0)


@given(st.text("x.", min_size=ENOUGH, max_size=60))
def test_it_opens_exactly_when_the_share_is_reached(outcomes):
    opened = next(
        (
            count
            for count in range(ENOUGH, len(outcomes) + 1)
            if outcomes[:count].count("x") * 100 >= limits.WEBHOOK_BREAKER_FAILED_PERCENT * count
        ),
        None,
    )
    for count in range(len(outcomes) + 1):
        if opened is None or count < opened:
            assert not after(outcomes[:count]).spares
    if opened is not None:
        assert after(outcomes[:opened]).spares


def test_it_is_probed_once_a_minute():
    breaker = after("x" * ENOUGH)
    admitted = [second for second in range(10 * PROBE) if breaker.admits(float(second))]
    assert admitted == [PROBE * number for number in range(1, 10)]


def test_one_success_ends_it():
    breaker = after("x" * ENOUGH)
    assert breaker.admits(PROBE)
    breaker.note(PROBE + 1, failed=False)
    assert not breaker.spares
    # What was before is forgotten: it takes as many failures anew.
    for _ in range(ENOUGH - 1):
        breaker.note(PROBE + 2, failed=True)
    assert not breaker.spares


def test_a_failed_probe_puts_off_the_next():
    breaker = after("x" * ENOUGH)
    assert breaker.admits(PROBE)
    breaker.note(PROBE + 15, failed=True)
    assert not breaker.admits(PROBE + 20)
    assert breaker.admits(2 * PROBE)


def test_failures_are_forgotten_after_five_minutes():
    breaker = after("x" * (ENOUGH - 1))
    breaker.note(WINDOW + 1.0, failed=True)
    assert not breaker.spares
    assert not breaker.is_idle(WINDOW + 2.0)
    assert breaker.is_idle(2 * WINDOW + 2.0)


def test_a_busy_endpoint_costs_no_more_than_a_quiet_one():
    breaker = Breaker()
    for number in range(100_000):
        breaker.note(number / 100, failed=False)
    assert len(breaker._spans) <= WINDOW / 10 + 1
