"""What a payment refuses."""

from paydesk.errors import Kind, Refusal


class PaymentMissing(Refusal):
    """There is no payment with this id."""

    kind = Kind.MISSING


class SavedCardMissing(Refusal):
    """There is no saved card with this token, or it can't be charged any more."""

    kind = Kind.MISSING


class CardOfCustomer(Refusal):
    """The card is another customer's."""


class DayPast(Refusal):
    """A payment begins today or later."""


class DayTooFar(Refusal):
    """That is too many years ahead."""


class NoDayLeft(Refusal):
    """No day of this schedule comes before it ends."""


class MonthlyLimitReached(Refusal):
    """The monthly_limit of the account's cards leaves no room for this amount."""

    kind = Kind.CONFLICT


class StatusUnknown(Refusal):
    """A payment is set to PAUSED, RUNNING, STOPPED or CANCELLED."""

    kind = Kind.URL


class StatusConflict(Refusal):
    """A payment can't go there from its payment_status; one that has ended stays ended."""

    kind = Kind.CONFLICT
