"""What the guard says to which counts, and which level follows from which signs."""

import pytest

from paydesk import limits
from paydesk.abuse.judge import judge, level_everywhere, level_of, pause_milliseconds
from paydesk.abuse.model import Seen, Signs, Verdict, Window
from paydesk.merchants import GuardLevel

NORMAL, WORK, AUTHENTICATION, PAUSED = GuardLevel


def failed(cards, attempts=None):
    return Window(cards if attempts is None else attempts, cards)


@pytest.mark.parametrize(
    ("seen", "verdict", "by"),
    [
        ({}, Verdict.GO, ""),
        # Everybody of an office pays at once, and some have two cards declined.
        ({"address_open": 19, "address": failed(5), "network": failed(19)}, Verdict.GO, ""),
        ({"address": failed(6)}, Verdict.STOP, "address"),
        # A school when a sale begins, or a tester in a hurry: the issuers can tell.
        ({"address_open": 20}, Verdict.CHALLENGE, "address_open"),
        ({"address_open": 20, "is_card_known": True}, Verdict.GO, ""),
        ({"network": failed(20)}, Verdict.STOP, "network"),
        ({"email": failed(9)}, Verdict.GO, ""),
        ({"email": failed(10)}, Verdict.STOP, "email"),
        ({"card_failures": 9}, Verdict.GO, ""),
        ({"card_failures": 10}, Verdict.STOP, "card"),
        ({"bin": failed(11)}, Verdict.GO, ""),
        ({"bin": failed(12)}, Verdict.CHALLENGE, "bin"),
        ({"bin": failed(12), "address": failed(6)}, Verdict.STOP, "address"),
        ({"address": failed(6), "checkout_stops": 1}, Verdict.END, "address"),
        ({"checkout_stops": 1}, Verdict.GO, ""),
        # Where many pay, some are declined.
        ({"address": failed(6, 12)}, Verdict.STOP, "address"),
        ({"address": failed(6, 13)}, Verdict.GO, ""),
        ({"network": failed(49, 100)}, Verdict.GO, ""),
        ({"email": failed(49, 100), "bin": failed(49, 100)}, Verdict.GO, ""),
        # A shop that is being attacked: half the bounds.
        ({"level": WORK, "address": failed(2)}, Verdict.GO, ""),
        ({"level": WORK, "address": failed(3)}, Verdict.STOP, "address"),
        ({"level": WORK, "address": failed(3, 7)}, Verdict.GO, ""),
        ({"level": WORK, "address_open": 9}, Verdict.GO, ""),
        ({"level": WORK, "address_open": 10}, Verdict.CHALLENGE, "address_open"),
        ({"level": WORK, "network": failed(10)}, Verdict.STOP, "network"),
        ({"level": WORK, "email": failed(5)}, Verdict.STOP, "email"),
        ({"level": AUTHENTICATION}, Verdict.CHALLENGE, "level"),
        ({"level": AUTHENTICATION, "is_card_known": True}, Verdict.GO, ""),
        ({"level": AUTHENTICATION, "address": failed(3)}, Verdict.STOP, "address"),
        ({"level": PAUSED}, Verdict.STOP, "level"),
        ({"level": PAUSED, "checkout_stops": 1}, Verdict.END, "level"),
        ({"level": PAUSED, "is_card_known": True}, Verdict.GO, ""),
        ({"level": PAUSED, "is_card_known": True, "card_failures": 10}, Verdict.STOP, "card"),
    ],
)
def test_the_verdict_on_an_attempt(seen, verdict, by):
    assert judge(Seen(**seen)) == (verdict, by)


def signs(attempts, cards, *, asked=None, alike=1, merchants=1):
    """Signs where each failure was of another card."""
    return Signs(attempts, cards, cards, cards if asked is None else asked, alike, merchants)


@pytest.mark.parametrize(
    ("seen", "before", "level"),
    [
        (signs(0, 0), NORMAL, NORMAL),
        (signs(7, 7), NORMAL, NORMAL),
        (signs(8, 8), NORMAL, WORK),
        (signs(16, 8), NORMAL, WORK),
        (signs(17, 8), NORMAL, NORMAL),  # more than half are paid
        (signs(100, 20), NORMAL, NORMAL),  # a bad day of a large shop
        (signs(16, 16), NORMAL, AUTHENTICATION),
        (signs(20, 20), NORMAL, AUTHENTICATION),  # ABU-3's twentieth
        (signs(8, 8, alike=7), NORMAL, AUTHENTICATION),  # they share a BIN or an expiry date
        (signs(8, 8, alike=6), NORMAL, WORK),
        (signs(100, 100), NORMAL, AUTHENTICATION),  # never two steps at once
        (signs(100, 100), AUTHENTICATION, PAUSED),
        (signs(100, 100, asked=29), AUTHENTICATION, AUTHENTICATION),  # authentication helps
        (signs(100, 100, asked=30), PAUSED, PAUSED),
        (signs(100, 49, asked=40), PAUSED, NORMAL),  # it is over, and the level's time runs out
    ],
)
def test_the_level_of_a_merchant(seen, before, level):
    assert level_of(seen, before) is level


@pytest.mark.parametrize(
    ("seen", "level"),
    [
        (signs(12, 12, merchants=2), NORMAL),
        (signs(11, 11, merchants=3), NORMAL),
        (signs(19, 12, merchants=3), WORK),
        (signs(24, 12, merchants=3), WORK),
        (signs(25, 12, merchants=3), NORMAL),
        # Two thirds fail, or they share a BIN or an expiry date: chance does not do that.
        (signs(18, 12, merchants=3), AUTHENTICATION),
        (signs(24, 12, alike=9, merchants=3), WORK),
        (signs(24, 12, alike=10, merchants=3), AUTHENTICATION),
        (signs(11, 11, alike=11, merchants=3), NORMAL),
        (signs(48, 24, merchants=3), AUTHENTICATION),
        (signs(24, 24, merchants=20), AUTHENTICATION),
        (signs(200, 200, merchants=20), AUTHENTICATION),
    ],
)
def test_the_level_of_all_merchants_where_cards_failed(seen, level):
    assert level_everywhere(seen) is level


def test_the_pause_between_attempts_doubles():
    pauses = [
        pause_milliseconds(failures, since_milliseconds=0)
        for failures in range(1, limits.FAILED_ATTEMPTS_MAX)
    ]
    assert pauses == [1000, 2000, 4000, 8000]
    assert pause_milliseconds(4, since_milliseconds=7750) == 250
    assert pause_milliseconds(4, since_milliseconds=9000) == 0


def test_every_bound_is_reached_before_counting_ends():
    assert limits.GUARD_CARD_FAILURES_MAX < limits.GUARD_COUNT_MAX
    assert limits.GUARD_NETWORK_CARDS_MAX < limits.GUARD_SAMPLE
    assert limits.GUARD_ADDRESS_OPEN_MAX <= limits.GUARD_OPEN_LOOKED_AT
