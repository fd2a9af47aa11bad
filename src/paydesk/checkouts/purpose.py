"""What the card's issuer is told that a payment is for. Pure.

Source: reliability paper A.4.1, threeDSRequestorAuthenticationInd.
"""

from datetime import datetime

from paydesk import payments
from paydesk.checkouts.model import SAVE
from paydesk.payments import Wanted
from paydesk.threeds import Purpose, Recurrence


def purpose_of(
    mode: str, recurring: Wanted | None, at: datetime
) -> tuple[Purpose, Recurrence | None]:
    """The purpose of a checkout that is paid at this time, and the payments that come after it."""
    if recurring is not None and (recurrence := _recurrence(recurring, at)):
        return Purpose.RECURRING, recurrence
    return (Purpose.ADD_CARD if mode == SAVE else Purpose.PAYMENT), None


def _recurrence(recurring: Wanted, at: datetime) -> Recurrence | None:
    today = payments.day_of(at)
    schedule = recurring.schedule(today)
    following = payments.due_after(schedule, today)
    if following is None:
        return None  # its last day has passed since the checkout was made
    return Recurrence(following, schedule.end, payments.DAYS_BETWEEN_MIN[schedule.interval])
