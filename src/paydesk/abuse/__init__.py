"""The guard against card testing: who tries stolen cards, and what becomes of the attempts."""

from paydesk.abuse.judge import pause_milliseconds
from paydesk.abuse.keys import Guard
from paydesk.abuse.model import Verdict
from paydesk.abuse.store import forget, take_proof, take_turn
from paydesk.abuse.watch import judge_attempt, learn
from paydesk.abuse.work import new_challenge, read_answer

__all__ = [
    "Guard",
    "Verdict",
    "forget",
    "judge_attempt",
    "learn",
    "new_challenge",
    "pause_milliseconds",
    "read_answer",
    "take_proof",
    "take_turn",
]
