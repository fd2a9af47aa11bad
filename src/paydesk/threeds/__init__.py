"""3-D Secure: whether the card's issuer says that the payer is its holder.

The pure half: what is asked, what is heard, what follows. Nothing here calls anybody.
"""

from paydesk.connectors.contract import Proof
from paydesk.threeds.ask import write_areq
from paydesk.threeds.carry import read_method_data, read_return, write_creq, write_method_data
from paydesk.threeds.decide import (
    DECISIONS,
    DECISIONS_OF_RESULTS,
    Decision,
    Policy,
    decide,
    decide_not_enrolled,
    reason_for,
)
from paydesk.threeds.eci import eci_without_proof, shifts_liability
from paydesk.threeds.hear import read_ares, read_rreq, write_erro, write_rres
from paydesk.threeds.model import (
    Answer,
    Browser,
    Completion,
    ErrorHeard,
    Fault,
    MessageAtFault,
    Payer,
    Question,
    Requestor,
    Result,
    Returned,
    Script,
    Status,
    Version,
)
from paydesk.threeds.prove import prove
from paydesk.threeds.timers import (
    ANSWER_SECONDS,
    CHALLENGE_SECONDS,
    QUESTION_SECONDS,
    RESULT_SECONDS,
    challenge_ends_at,
    method_ends_at,
    question_ends_at,
    result_due_at,
)
from paydesk.threeds.versions import choose, headers
from paydesk.threeds.window import WINDOWS, window_for

__all__ = [
    "ANSWER_SECONDS",
    "CHALLENGE_SECONDS",
    "DECISIONS",
    "DECISIONS_OF_RESULTS",
    "QUESTION_SECONDS",
    "RESULT_SECONDS",
    "WINDOWS",
    "Answer",
    "Browser",
    "Completion",
    "Decision",
    "ErrorHeard",
    "Fault",
    "MessageAtFault",
    "Payer",
    "Policy",
    "Proof",
    "Question",
    "Requestor",
    "Result",
    "Returned",
    "Script",
    "Status",
    "Version",
    "challenge_ends_at",
    "choose",
    "decide",
    "decide_not_enrolled",
    "eci_without_proof",
    "headers",
    "method_ends_at",
    "prove",
    "question_ends_at",
    "read_ares",
    "read_method_data",
    "read_return",
    "read_rreq",
    "reason_for",
    "result_due_at",
    "shifts_liability",
    "window_for",
    "write_areq",
    "write_creq",
    "write_erro",
    "write_method_data",
    "write_rres",
]
