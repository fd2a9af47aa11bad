"""tra_: one attempt to move money."""

from paydesk.transactions.acquire import Acquiring, authorise, inquire, reverse
from paydesk.transactions.decide import next_look_seconds, step_after
from paydesk.transactions.model import Transaction, TransactionID
from paydesk.transactions.states import MOVES, Fact, State, Step
from paydesk.transactions.store import (
    due,
    insert_submitting,
    lock,
    overdue,
    save_move,
    schedule,
)

__all__ = [
    "MOVES",
    "Acquiring",
    "Fact",
    "State",
    "Step",
    "Transaction",
    "TransactionID",
    "authorise",
    "due",
    "inquire",
    "insert_submitting",
    "lock",
    "next_look_seconds",
    "overdue",
    "reverse",
    "save_move",
    "schedule",
    "step_after",
]
