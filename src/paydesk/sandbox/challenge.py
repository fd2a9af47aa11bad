"""A challenge as the sandbox issuer keeps it: what it is about, how it can end, what is reported.

Sources: reliability paper A.5.1 and A.6 for reasons and cancellations, A.11 for the courses.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paydesk.sandbox.enrolment import Course
from paydesk.sandbox.messages import CReq, CRes, RReq
from paydesk.sandbox.versions import VERSIONS

RIGHT_CODE = "123456"
TRIES_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is challenged, as its line in the log says; no card number.

    Shape: sealed_value is the proof that a passed challenge brings, sealed, in hexadecimal.
    """

    server_id: str
    directory_id: str
    issuer_id: str
    version: str
    category: str
    card_ending: str
    course: Course
    merchant: str
    amount: str
    notification_url: str
    eci: str
    eci_failed: str
    sealed_value: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """How a challenge ended. shown is what the browser's CRes says of it."""

    status: str
    shown: str
    reason: str | None = None
    cancel: str | None = None


PASSED = Result("Y", "Y")
FAILED = Result("N", "N", "01")
TOO_MANY_TRIES = Result("N", "N", "19")
CANCELLED = Result("N", "N", "01", "01")
TIMED_OUT = Result("N", "N", "14", "04")
NEVER_OPENED = Result("N", "N", "14", "05")
_CONTRADICTED = Result("N", "Y", "01")

# How the courses end that need nobody's hand.
ENDS: Mapping[Course, Result] = {
    Course.PASSES: PASSED,
    Course.FAILS: FAILED,
    Course.CANCELLED: CANCELLED,
    Course.UNREPORTED: PASSED,
    Course.REPORTED_LATE: PASSED,
    Course.REPORTED_TWICE: PASSED,
    Course.CONTRADICTED: _CONTRADICTED,
}
_REPORTS = {Course.UNREPORTED: 0, Course.REPORTED_TWICE: 2}


@dataclass(slots=True)
class Challenge:
    """A challenge from its ARes on."""

    subject: Subject
    creq: CReq | None = None
    session_data: str | None = None
    tries: int = 0
    result: Result | None = None
    reports_sent: int = 0
    reporting: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def reports_left(self) -> int:
        return _REPORTS.get(self.subject.course, 1) - self.reports_sent

    def ids(self) -> dict[str, Any]:
        """What every line of the log says of a challenge."""
        return {
            "server_id": self.subject.server_id,
            "directory_id": self.subject.directory_id,
            "issuer_id": self.subject.issuer_id,
            "version": self.subject.version,
            "card_ending": self.subject.card_ending,
        }


def rreq_of(subject: Subject, result: Result, *, tries: int, value: str | None) -> RReq:
    """The result as it is reported. value is the proof, which only a passed challenge brings."""
    passed = result.status == "Y"
    return RReq.of(
        messageVersion=subject.version,
        threeDSServerTransID=subject.server_id,
        dsTransID=subject.directory_id,
        acsTransID=subject.issuer_id,
        messageCategory=subject.category,
        transStatus=result.status,
        transStatusReason=result.reason,
        authenticationValue=value if passed else None,
        eci=subject.eci if passed else subject.eci_failed,
        interactionCounter=f"{tries:02d}",
        challengeCancel=result.cancel,
        **VERSIONS[subject.version].code_was_asked(),
    )


def cres_of(subject: Subject, result: Result) -> CRes:
    """What the browser carries back."""
    return CRes(
        messageVersion=subject.version,
        threeDSServerTransID=subject.server_id,
        acsTransID=subject.issuer_id,
        transStatus=result.shown,
    )
