"""pay_: instructions to charge a stored card, once or by a schedule."""

from paydesk.payments.begin import Agreed, begin
from paydesk.payments.change import STEPS, set_status, stop_by_payer
from paydesk.payments.charge import charge_due
from paydesk.payments.errors import (
    CardOfCustomer,
    DayPast,
    DayTooFar,
    MonthlyLimitReached,
    NoDayLeft,
    PaymentMissing,
    SavedCardMissing,
    StatusConflict,
    StatusUnknown,
)
from paydesk.payments.model import Filters, Payment, PaymentID, ShownPayment
from paydesk.payments.schedule import DAYS_BETWEEN_MIN, Interval, Schedule, day_of, due_after
from paydesk.payments.settle import look_at_charge, settle
from paydesk.payments.states import MOVES, Event, State, Step
from paydesk.payments.store import cards_in_use, charge_other_card, find_anywhere, listed, shown
from paydesk.payments.submit import submit
from paydesk.payments.wanted import Wanted, check_rest, kept, read_kept
from paydesk.payments.wire import (
    PaymentReply,
    RecurringBody,
    SubmitBody,
    read_recurring,
    read_submit,
    show,
)

__all__ = [
    "DAYS_BETWEEN_MIN",
    "MOVES",
    "STEPS",
    "Agreed",
    "CardOfCustomer",
    "DayPast",
    "DayTooFar",
    "Event",
    "Filters",
    "Interval",
    "MonthlyLimitReached",
    "NoDayLeft",
    "Payment",
    "PaymentID",
    "PaymentMissing",
    "PaymentReply",
    "RecurringBody",
    "SavedCardMissing",
    "Schedule",
    "ShownPayment",
    "State",
    "StatusConflict",
    "StatusUnknown",
    "Step",
    "SubmitBody",
    "Wanted",
    "begin",
    "cards_in_use",
    "charge_due",
    "charge_other_card",
    "check_rest",
    "day_of",
    "due_after",
    "find_anywhere",
    "kept",
    "listed",
    "look_at_charge",
    "read_kept",
    "read_recurring",
    "read_submit",
    "set_status",
    "settle",
    "show",
    "shown",
    "stop_by_payer",
    "submit",
]
