"""tra_: one attempt to move money."""

from paydesk.transactions.acquire import Acquiring, Schedule, authorise, inquire, reverse, send
from paydesk.transactions.decide import (
    facts_of,
    is_incident,
    learnt_from,
    next_look_seconds,
    step_after,
)
from paydesk.transactions.list import find_record, list_transactions
from paydesk.transactions.model import ShownTransaction, Transaction, TransactionID
from paydesk.transactions.states import IN_FLIGHT, MOVES, Fact, State, Step
from paydesk.transactions.status import Sums, status_of
from paydesk.transactions.store import (
    about_to_lapse,
    due,
    exists,
    find,
    insert_submitting,
    live_on_orders,
    lock,
    not_lapsed,
    note_warned,
    overdue,
    postpone_lapse,
    save_move,
    schedule,
    shown,
    try_lapse_again,
    waiting_for_person,
)
from paydesk.transactions.wire import TransactionRecord, show

__all__ = [
    "IN_FLIGHT",
    "MOVES",
    "Acquiring",
    "Fact",
    "Schedule",
    "ShownTransaction",
    "State",
    "Step",
    "Sums",
    "Transaction",
    "TransactionID",
    "TransactionRecord",
    "about_to_lapse",
    "authorise",
    "due",
    "exists",
    "facts_of",
    "find",
    "find_record",
    "inquire",
    "insert_submitting",
    "is_incident",
    "learnt_from",
    "list_transactions",
    "live_on_orders",
    "lock",
    "next_look_seconds",
    "not_lapsed",
    "note_warned",
    "overdue",
    "postpone_lapse",
    "reverse",
    "save_move",
    "schedule",
    "send",
    "show",
    "shown",
    "status_of",
    "step_after",
    "try_lapse_again",
    "waiting_for_person",
]
