"""The life of an authentication: how far the asking has come. What was answered stands beside it.

Source: reliability paper A.2.
"""

from collections.abc import Mapping
from enum import StrEnum

from paydesk.kit.moves import Move


class State(StrEnum):
    """How far an authentication has come."""

    METHOD = "method"  # the issuer's method frame runs in the payer's browser
    ASKING = "asking"  # the AReq may be on its way
    CHALLENGE = "challenge"  # the payer is with the issuer
    ENDED = "ended"


class Step(StrEnum):
    """What can happen to an authentication."""

    ASK = "ask"
    CHALLENGE = "challenge"
    END = "end"


class NoFact(StrEnum):
    """Nobody is told of an authentication's moves: those of its attempt tell."""


MOVES: Mapping[tuple[State, Step], Move[State, NoFact]] = {
    (State.METHOD, Step.ASK): Move(State.ASKING),
    (State.METHOD, Step.END): Move(State.ENDED),
    (State.ASKING, Step.CHALLENGE): Move(State.CHALLENGE),
    (State.ASKING, Step.END): Move(State.ENDED),
    (State.CHALLENGE, Step.END): Move(State.ENDED),
}
