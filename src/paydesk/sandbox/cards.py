"""What the sandbox acquirer does with which card number.

Source: reliability paper A.11. A number of the digit scheme is a prefix and f1 f2 f3 d1 d2 d3
    d4, then the Luhn digit: f1 says how an authorisation goes, f2 how a reversal goes, f3 how a
    capture, void or refund goes, or a charge of the stored card without its payer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SLOW_SECONDS = 20  # past the 15 seconds callers wait by default
REVIEW_SECONDS = 10
SLOW_REVERSAL_SECONDS = 10

SCHEME_PREFIXES = ("40000012", "52000012")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided. code is ISO 8583's response code; eci is an approval's."""

    outcome: str
    reason: str | None = None
    code: str = "00"
    eci: str | None = None

    @property
    def is_approval(self) -> bool:
        return self.outcome == "approved"


APPROVED = Verdict("approved")
DECLINED = Verdict("declined", "declined", "05")
REVERSED_BEFORE = Verdict("declined", "reversed", "12")
INCORRECT_NUMBER = Verdict("declined", "incorrect_number", "14")
INSUFFICIENT_FUNDS = Verdict("declined", "insufficient_funds", "51")
EXPIRED_CARD = Verdict("declined", "expired_card", "54")
AUTHENTICATION_FAILED = Verdict("declined", "authentication_failed", "82")
PAYER_NEEDED = Verdict("declined", "authentication_required", "1A")
INCORRECT_CVC = Verdict("declined", "incorrect_cvc", "N7")
NOT_POSSIBLE = Verdict("declined", "invalid_transaction", "12")
TOO_MUCH = Verdict("declined", "exceeds_amount", "61")


class Moment(StrEnum):
    """When something is decided."""

    AT_ONCE = "at_once"
    AFTER_REVIEW = "after_review"
    AFTER_NOT_FOUND = "after_not_found"  # once an inquiry was told that it is not known
    NEVER = "never"


class Reaction(StrEnum):
    """What the caller sees of it."""

    ANSWER = "answer"
    SILENCE = "silence"  # the connection is dropped without an answer
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Handling:
    """How an authorisation or a modification with a card goes."""

    verdict: Verdict
    moment: Moment = Moment.AT_ONCE
    reaction: Reaction = Reaction.ANSWER
    delay_seconds: int = 0
    is_downgraded: bool = False  # approved as if the payer had not been authenticated


class Reversing(StrEnum):
    """How a reversal with a card goes."""

    DONE = "done"
    DONE_IN_SILENCE = "done_in_silence"
    LOST_ONCE = "lost_once"  # no answer and nothing done; the next try works
    REFUSED = "refused"
    SLOW = "slow"


class Modifying(StrEnum):
    """How a capture, void or refund with a card goes, as far as the money left allows it."""

    DONE = "done"
    DECLINED = "declined"
    DONE_IN_SILENCE = "done_in_silence"
    LOST = "lost"  # no answer and nothing done
    SLOW = "slow"
    DONE_LATE = "done_late"  # no answer, and done once an inquiry was told that it is not known


@dataclass(frozen=True, slots=True)
class Script:
    """Everything a card number makes the acquirer do."""

    authorising: Handling
    # A charge whose payer is not there, because the card was stored.
    alone: Handling
    reversing: Reversing = Reversing.DONE
    modifying: Modifying = Modifying.DONE


_APPROVING = Handling(APPROVED)

CLASSIC: Mapping[str, Handling] = {
    "4242424242424242": _APPROVING,
    "5555555555554444": _APPROVING,
    "378282246310005": _APPROVING,
    "4000000000000002": Handling(DECLINED),
    "4000000000009995": Handling(INSUFFICIENT_FUNDS),
    "4000000000000069": Handling(EXPIRED_CARD),
    "4000000000000127": Handling(INCORRECT_CVC),
}

_BY_F1: Mapping[str, Handling] = {
    "0": _APPROVING,
    "1": Handling(DECLINED),
    "2": Handling(INSUFFICIENT_FUNDS),
    "3": Handling(APPROVED, reaction=Reaction.SILENCE),
    "4": Handling(APPROVED, Moment.NEVER, Reaction.SILENCE),
    "5": Handling(APPROVED, delay_seconds=SLOW_SECONDS),
    "6": Handling(APPROVED, Moment.AFTER_NOT_FOUND, Reaction.SILENCE),
    "7": Handling(APPROVED, Moment.AFTER_REVIEW),
    "8": Handling(APPROVED, Moment.NEVER, Reaction.ERROR),
    "9": Handling(APPROVED, is_downgraded=True),
}

_BY_F2: Mapping[str, Reversing] = {
    "0": Reversing.DONE,
    "1": Reversing.DONE_IN_SILENCE,
    "2": Reversing.LOST_ONCE,
    "3": Reversing.REFUSED,
    "4": Reversing.SLOW,
}

_BY_F3: Mapping[str, Modifying] = {
    "5": Modifying.DECLINED,
    "6": Modifying.DONE_IN_SILENCE,
    "7": Modifying.LOST,
    "8": Modifying.SLOW,
    "9": Modifying.DONE_LATE,
}

HANDLINGS: Mapping[Modifying, Handling] = {
    Modifying.DONE: _APPROVING,
    Modifying.DECLINED: Handling(DECLINED),
    Modifying.DONE_IN_SILENCE: Handling(APPROVED, reaction=Reaction.SILENCE),
    Modifying.LOST: Handling(APPROVED, Moment.NEVER, Reaction.SILENCE),
    Modifying.SLOW: Handling(APPROVED, delay_seconds=SLOW_SECONDS),
    Modifying.DONE_LATE: Handling(APPROVED, Moment.AFTER_NOT_FOUND, Reaction.SILENCE),
}

# By f3 too, in digits that change nothing else: what becomes of the card after it was stored.
_ALONE_BY_F3: Mapping[str, Handling] = {
    "1": Handling(INSUFFICIENT_FUNDS),
    "2": Handling(EXPIRED_CARD),
    "3": Handling(APPROVED, reaction=Reaction.SILENCE),
    "4": Handling(APPROVED, Moment.NEVER, Reaction.SILENCE),
}

_UNKNOWN = Script(Handling(INCORRECT_NUMBER), Handling(INCORRECT_NUMBER))


def script_for(number: str) -> Script:
    """What to do with this card; a number that is no test card is declined as incorrect."""
    if number in CLASSIC:
        return Script(CLASSIC[number], CLASSIC[number])
    if not is_of_scheme(number):
        return _UNKNOWN
    return Script(
        _BY_F1[number[8]],
        _ALONE_BY_F3.get(number[10], _BY_F1[number[8]]),
        _BY_F2.get(number[9], Reversing.DONE),
        _BY_F3.get(number[10], Modifying.DONE),
    )


def is_of_scheme(number: str) -> bool:
    is_digits = number.isascii() and number.isdigit()
    return (
        is_digits
        and len(number) == 16
        and number.startswith(SCHEME_PREFIXES)
        and _luhn_holds(number)
    )


def _luhn_holds(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
