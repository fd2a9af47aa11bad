"""Is somebody testing cards, and what follows? Pure: counts in, a verdict or a level out.

Testing cards means many different cards that fail. So it is different failed cards that count
here, never payments: many honest people may share an address, and they mostly pay.
"""

from collections.abc import Mapping

from paydesk import limits
from paydesk.abuse.model import Seen, Signs, Verdict
from paydesk.merchants import GuardLevel


def judge(seen: Seen) -> tuple[Verdict, str]:
    """The verdict on an attempt, and the name of what it was judged by.

    The second stop of a checkout ends it: a person who was stopped by mistake has had the advice
    to come back later or to use another card, and whoever goes on at once has not followed it.

    >>> judge(Seen())
    (<Verdict.GO: 'go'>, '')
    """
    if why := _reason_to_stop(seen):
        return (Verdict.END if seen.checkout_stops else Verdict.STOP), why
    if seen.is_card_known:
        return Verdict.GO, ""
    if why := _reason_to_challenge(seen):
        return Verdict.CHALLENGE, why
    return Verdict.GO, ""


def _tightness(seen: Seen) -> int:
    """At a merchant that is being attacked, whoever fails is given half the tries."""
    return 1 if seen.level is GuardLevel.NORMAL else 2


def _reason_to_stop(seen: Seen) -> str:
    tightness = _tightness(seen)
    reasons = {
        "address": seen.address.holds(limits.GUARD_ADDRESS_CARDS_MAX // tightness),
        "network": seen.network.holds(limits.GUARD_NETWORK_CARDS_MAX // tightness),
        "email": seen.email.holds(limits.GUARD_EMAIL_CARDS_MAX // tightness),
        "card": seen.card_failures >= limits.GUARD_CARD_FAILURES_MAX,
        "level": seen.level is GuardLevel.NEW_CARDS_PAUSED and not seen.is_card_known,
    }
    return _first(reasons)


def _reason_to_challenge(seen: Seen) -> str:
    # Many at once from one address are a tester in a hurry, or a school when a sale begins: the
    # issuers can tell one from the other.
    open_max = limits.GUARD_ADDRESS_OPEN_MAX // _tightness(seen)
    reasons = {
        "level": seen.level is GuardLevel.AUTHENTICATION,
        "address_open": seen.address_open >= open_max,
        "bin": seen.bin.holds(limits.GUARD_BIN_CARDS_MAX),
    }
    return _first(reasons)


def _first(reasons: Mapping[str, bool]) -> str:
    return next((name for name, holds in reasons.items() if holds), "")


def level_of(signs: Signs, before: GuardLevel) -> GuardLevel:
    """The level that the latest attempts at a merchant call for; before is the one it has.

    New cards are paused only where authentication was tried and the acquirer still declines many:
    attempts that are stopped, or fail with the issuer, are no reason to stop everybody.

    >>> level_of(Signs(), GuardLevel.NORMAL)
    <GuardLevel.NORMAL: 0>
    """
    if signs.cards < limits.GUARD_WORK_CARDS or not signs.fail_at_least(
        limits.GUARD_FAILED_PERCENT
    ):
        return GuardLevel.NORMAL
    is_let_down = before >= GuardLevel.AUTHENTICATION
    if is_let_down and signs.asked_cards >= limits.GUARD_PAUSE_CARDS:
        return GuardLevel.NEW_CARDS_PAUSED
    if signs.are_alike or signs.cards >= limits.GUARD_AUTHENTICATION_CARDS:
        return GuardLevel.AUTHENTICATION
    return GuardLevel.PROOF_OF_WORK


def level_everywhere(signs: Signs) -> GuardLevel:
    """The level that the latest attempts at all merchants call for, where any card failed.

    A tester who spreads over many merchants stays below each one's own figures.
    """
    is_spread = signs.merchants >= limits.GUARD_SPREAD_MERCHANTS
    if not (is_spread and signs.fail_at_least(limits.GUARD_FAILED_PERCENT)):
        return GuardLevel.NORMAL
    if signs.cards < limits.GUARD_SPREAD_WORK_CARDS:
        return GuardLevel.NORMAL
    is_plain = signs.are_alike or signs.fail_at_least(limits.GUARD_MOSTLY_FAILED_PERCENT)
    if is_plain or signs.cards >= limits.GUARD_SPREAD_AUTHENTICATION_CARDS:
        return GuardLevel.AUTHENTICATION
    return GuardLevel.PROOF_OF_WORK


def pause_milliseconds(failures: int, *, since_milliseconds: int) -> int:
    """How long until the next attempt of a checkout that failed that often, last so long ago.

    It grows 1, 2, 4, 8 s. Source: reliability paper ABU-1.

    >>> [pause_milliseconds(failures, since_milliseconds=0) for failures in range(6)]
    [0, 1000, 2000, 4000, 8000, 8000]
    >>> pause_milliseconds(3, since_milliseconds=3500)
    500
    """
    if failures == 0:
        return 0
    pause_seconds = min(1 << (failures - 1), limits.ATTEMPT_PAUSE_SECONDS_MAX)
    return max(0, 1000 * pause_seconds - since_milliseconds)
