"""3-D Secure: whether the card's issuer says that the payer is its holder."""

from paydesk.threeds.carry import read_method_data, read_return, write_creq, write_method_data
from paydesk.threeds.decide import (
    DECISIONS,
    DECISIONS_OF_RESULTS,
    Decision,
    contradicts,
    decide,
    decide_not_enrolled,
    reason_for,
)
from paydesk.threeds.directory import Asking, Heard, Purchase, ask
from paydesk.threeds.eci import shifts_liability
from paydesk.threeds.hear import read_rreq, write_erro, write_rres
from paydesk.threeds.model import (
    Authentication,
    Browser,
    MessageAtFault,
    MessageFault,
    Payer,
    Policy,
    Purpose,
    Recurrence,
    Result,
    Returned,
    Script,
    Status,
    Version,
)
from paydesk.threeds.move import move
from paydesk.threeds.record import keep_message, keep_messages
from paydesk.threeds.seal import proof, said_in_answer, said_in_result
from paydesk.threeds.states import MOVES, State, Step
from paydesk.threeds.store import (
    forget_messages,
    has_message,
    insert,
    lock_of_transaction,
    note_method,
    note_return,
    of_id,
    of_token,
    of_transaction,
)
from paydesk.threeds.versions import choose, method_seconds
from paydesk.threeds.window import FULL, WINDOWS, window_for

__all__ = [
    "DECISIONS",
    "DECISIONS_OF_RESULTS",
    "FULL",
    "MOVES",
    "WINDOWS",
    "Asking",
    "Authentication",
    "Browser",
    "Decision",
    "Heard",
    "MessageAtFault",
    "MessageFault",
    "Payer",
    "Policy",
    "Purchase",
    "Purpose",
    "Recurrence",
    "Result",
    "Returned",
    "Script",
    "State",
    "Status",
    "Step",
    "Version",
    "ask",
    "choose",
    "contradicts",
    "decide",
    "decide_not_enrolled",
    "forget_messages",
    "has_message",
    "insert",
    "keep_message",
    "keep_messages",
    "lock_of_transaction",
    "method_seconds",
    "move",
    "note_method",
    "note_return",
    "of_id",
    "of_token",
    "of_transaction",
    "proof",
    "read_method_data",
    "read_return",
    "read_rreq",
    "reason_for",
    "said_in_answer",
    "said_in_result",
    "shifts_liability",
    "window_for",
    "write_creq",
    "write_erro",
    "write_method_data",
    "write_rres",
]
