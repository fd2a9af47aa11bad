"""mod_: captures, voids and refunds of an approved attempt, and returns of what came besides."""

from paydesk.modifications.begin import begin
from paydesk.modifications.errors import (
    AmountAboveRest,
    ModificationDeclined,
    NothingLeft,
    OutcomeNotKnown,
    PaidByHand,
    TransactionMissing,
    TransactionNotApproved,
    VoidIsWhole,
)
from paydesk.modifications.left import left_for
from paydesk.modifications.look import (
    look_at_modification,
    return_surplus,
    void_by_person,
    void_lapsed,
)
from paydesk.modifications.model import Modification, ModificationID
from paydesk.modifications.settle import finish, settle
from paydesk.modifications.store import find, of_transactions, overdue, waiting_for_person
from paydesk.modifications.wire import (
    DoneReply,
    ModificationBody,
    TransactionReply,
    read_amount,
    show_done,
    show_transaction,
)

__all__ = [
    "AmountAboveRest",
    "DoneReply",
    "Modification",
    "ModificationBody",
    "ModificationDeclined",
    "ModificationID",
    "NothingLeft",
    "OutcomeNotKnown",
    "PaidByHand",
    "TransactionMissing",
    "TransactionNotApproved",
    "TransactionReply",
    "VoidIsWhole",
    "begin",
    "find",
    "finish",
    "left_for",
    "look_at_modification",
    "of_transactions",
    "overdue",
    "read_amount",
    "return_surplus",
    "settle",
    "show_done",
    "show_transaction",
    "void_by_person",
    "void_lapsed",
    "waiting_for_person",
]
