"""Which cards take part in 3-D Secure, and what their issuer does with each.

Source: reliability paper A.11. Of a number of the digit scheme, d1 says which versions, d2 how
the method goes, d3 what the ARes says, and d4 how a challenge goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from paydesk.sandbox.cards import CLASSIC, is_of_scheme


class Method(StrEnum):
    """How the method page behaves."""

    PRESENT = "present"
    ABSENT = "absent"  # the range has no method URL
    SILENT = "silent"
    LATE = "late"
    WRONG_ID = "wrong_id"


class Answer(StrEnum):
    """What comes back for an AReq: a transStatus, or trouble."""

    Y = "Y"
    N = "N"
    A = "A"
    R = "R"
    I = "I"  # noqa: E741 (the protocol's own letter)
    U = "U"
    NONE = "none"
    C = "C"
    ERROR = "error"
    MALFORMED = "malformed"


class Course(StrEnum):
    """How a challenge goes."""

    PASSES = "passes"
    FAILS = "fails"
    BY_HAND = "by_hand"
    TIMES_OUT = "times_out"
    CANCELLED = "cancelled"
    UNREPORTED = "unreported"  # the CRes says Y, and no RReq is ever sent
    REPORTED_LATE = "reported_late"  # the CRes comes before the RReq
    REPORTED_TWICE = "reported_twice"
    CONTRADICTED = "contradicted"  # the CRes says Y and the RReq N
    ESCAPING = "escaping"  # the page tries to navigate the top page, then goes by hand

    @property
    def is_by_hand(self) -> bool:
        return self in {Course.BY_HAND, Course.ESCAPING}


@dataclass(frozen=True, slots=True)
class Versions:
    """The lowest and the highest protocol version that an issuer speaks for a card."""

    start: str
    end: str

    def __contains__(self, version: str) -> bool:
        return self.start <= version <= self.end  # in the order of texts while all are one digit


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the issuer does with an enrolled card."""

    versions: Versions
    method: Method
    answer: Answer
    course: Course


VERSIONS: Mapping[str, Versions] = {
    "1": Versions("2.2.0", "2.2.0"),
    "2": Versions("2.2.0", "2.3.1"),
    "9": Versions("1.0.2", "1.0.2"),  # shares no version with anybody today
}
METHODS: Mapping[str, Method] = {
    "1": Method.ABSENT,
    "2": Method.SILENT,
    "3": Method.LATE,
    "4": Method.WRONG_ID,
}
_CLASSIC_CARD = Enrolment(VERSIONS["1"], Method.ABSENT, Answer.Y, Course.PASSES)
_ANSWERS = tuple(Answer)
_COURSES = tuple(Course)


def enrolment_of(number: str) -> Enrolment | None:
    """What the issuer does with this card; None where it is not enrolled."""
    if number in CLASSIC:
        return _CLASSIC_CARD
    if not is_of_scheme(number) or number[11] not in VERSIONS:
        return None
    return Enrolment(
        VERSIONS[number[11]],
        METHODS.get(number[12], Method.PRESENT),
        _ANSWERS[int(number[13])],
        _COURSES[int(number[14])],
    )
