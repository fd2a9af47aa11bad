"""How long is each step of an authentication waited for?

Source: reliability paper A.8.
"""

from datetime import datetime, timedelta

from paydesk.threeds.model import Version
from paydesk.threeds.versions import DIALECTS

QUESTION_SECONDS = 80  # a question's id is good for its AReq that long
ANSWER_SECONDS = 10  # for the ARes; two are usual
RESULT_SECONDS = 10  # the payer waits for the RReq, once back; then the page says "processing"
# The issuer gives a payer 10 minutes for a page, and itself 60 s to tell that they were not used.
CHALLENGE_SECONDS = 11 * 60


def method_ends_at(version: Version, now: datetime) -> datetime:
    """When the issuer's method frame, opened now, has failed."""
    return now + timedelta(seconds=DIALECTS[version].method_seconds)


def question_ends_at(now: datetime) -> datetime:
    """When a question that is made now has to be made anew if it was not asked."""
    return now + timedelta(seconds=QUESTION_SECONDS)


def challenge_ends_at(now: datetime, seconds: int = CHALLENGE_SECONDS) -> datetime:
    """When a challenge that begins now has failed for want of a result."""
    return now + timedelta(seconds=seconds)


def result_due_at(now: datetime) -> datetime:
    """Until when the page of a payer who is back now waits for the result."""
    return now + timedelta(seconds=RESULT_SECONDS)
