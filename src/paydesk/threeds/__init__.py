"""3-D Secure: whether the card's issuer says that the payer is its holder."""

from paydesk.threeds.decide import Decision, decide, decide_not_enrolled, reason_for, window_for
from paydesk.threeds.directory import Asking, Heard, Purchase, ask
from paydesk.threeds.model import (
    Authentication,
    Browser,
    Fault,
    Payer,
    Policy,
    Result,
    Script,
    Status,
    Version,
)
from paydesk.threeds.move import move
from paydesk.threeds.prove import proof, said_in_answer, said_in_result
from paydesk.threeds.record import keep_message, keep_messages
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
