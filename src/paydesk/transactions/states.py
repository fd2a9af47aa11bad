"""The life of one attempt to move money. An outcome is yes, no or unknown, never assumed.

Captures, voids and refunds are attempts too and go through the same states.

Source: reliability paper 1.4.
"""

from collections.abc import Mapping
from enum import StrEnum

from paydesk.kit.moves import Move


class State(StrEnum):
    """Where an attempt stands."""

    CREATED = "created"
    AUTHENTICATING = "authenticating"  # the card's issuer is asked who pays; nothing is sent yet
    AUTHENTICATED = "authenticated"  # proven; it waits for the security code to be given again
    AUTH_FAILED = "auth_failed"
    AUTH_ABANDONED = "auth_abandoned"  # the payer left the issuer's step
    SUBMITTING = "submitting"  # our reference is committed; bytes may be on their way
    AWAITING = "awaiting"  # the payer has to act at their bank, or send money by hand
    REVIEW = "review"  # the acquirer has it and decides later
    UNKNOWN = "unknown"  # no usable answer: it may or may not have happened
    APPROVED = "approved"
    DECLINED = "declined"
    REVERSING = "reversing"  # a reversal under the same reference is committed
    UNKNOWN_REVERSAL = "unknown_reversal"
    REVERSED = "reversed"
    MANUAL = "manual"  # machines are at their end; a person must ask the acquirer


# The outcome is not known, and bytes may have left.
IN_FLIGHT = frozenset(
    {
        State.SUBMITTING,
        State.AWAITING,
        State.REVIEW,
        State.UNKNOWN,
        State.REVERSING,
        State.UNKNOWN_REVERSAL,
        State.MANUAL,
    }
)


# The payer is being authenticated: nothing was sent to the acquirer, so it can be left.
BEFORE_SENDING = frozenset({State.AUTHENTICATING, State.AUTHENTICATED})
# It ended without money having moved for it.
WITHOUT_MONEY = frozenset({State.DECLINED, State.REVERSED, State.AUTH_FAILED, State.AUTH_ABANDONED})


class Step(StrEnum):
    """What can happen to an attempt."""

    AUTHENTICATE = "authenticate"
    PROVE = "prove"
    FAIL_PROOF = "fail_proof"
    ABANDON = "abandon"
    SUBMIT = "submit"
    HAND_OVER = "hand_over"  # to the payer's bank
    ASK_CODE = "ask_code"  # the security code was gone, so nothing was sent
    APPROVE = "approve"
    DECLINE = "decline"
    WAIT = "wait"
    LOSE = "lose"  # the answer did not come, or said nothing
    REVERSE = "reverse"
    CONFIRM_REVERSAL = "confirm_reversal"
    GIVE_UP = "give_up"


class Fact(StrEnum):
    """What a move of money is called in the ledger."""

    APPROVAL = "approval"
    REVERSAL = "reversal"


MOVES: Mapping[tuple[State, Step], Move[State, Fact]] = {
    (State.CREATED, Step.SUBMIT): Move(State.SUBMITTING),
    (State.CREATED, Step.AUTHENTICATE): Move(State.AUTHENTICATING),
    # By hand: nothing is sent, the payer is told where to.
    (State.CREATED, Step.HAND_OVER): Move(State.AWAITING),
    (State.AUTHENTICATING, Step.PROVE): Move(State.AUTHENTICATED),
    (State.AUTHENTICATING, Step.FAIL_PROOF): Move(State.AUTH_FAILED),
    (State.AUTHENTICATING, Step.ABANDON): Move(State.AUTH_ABANDONED),
    # By the merchant's policy: the issuer could not say, and bears no loss.
    (State.AUTHENTICATING, Step.SUBMIT): Move(State.SUBMITTING),
    (State.AUTHENTICATED, Step.SUBMIT): Move(State.SUBMITTING),
    (State.AUTHENTICATED, Step.ABANDON): Move(State.AUTH_ABANDONED),
    (State.SUBMITTING, Step.ASK_CODE): Move(State.AUTHENTICATED),
    (State.SUBMITTING, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.SUBMITTING, Step.DECLINE): Move(State.DECLINED),
    (State.SUBMITTING, Step.WAIT): Move(State.REVIEW),
    (State.SUBMITTING, Step.LOSE): Move(State.UNKNOWN),
    (State.SUBMITTING, Step.HAND_OVER): Move(State.AWAITING),
    (State.AWAITING, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.AWAITING, Step.DECLINE): Move(State.DECLINED),
    (State.AWAITING, Step.WAIT): Move(State.REVIEW),
    (State.AWAITING, Step.REVERSE): Move(State.REVERSING),
    (State.REVIEW, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.REVIEW, Step.DECLINE): Move(State.DECLINED),
    (State.REVIEW, Step.REVERSE): Move(State.REVERSING),
    (State.UNKNOWN, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.UNKNOWN, Step.DECLINE): Move(State.DECLINED),
    (State.UNKNOWN, Step.WAIT): Move(State.REVIEW),
    (State.UNKNOWN, Step.HAND_OVER): Move(State.AWAITING),
    (State.UNKNOWN, Step.REVERSE): Move(State.REVERSING),
    (State.APPROVED, Step.REVERSE): Move(State.REVERSING),
    (State.REVERSING, Step.CONFIRM_REVERSAL): Move(State.REVERSED, Fact.REVERSAL),
    (State.REVERSING, Step.LOSE): Move(State.UNKNOWN_REVERSAL),
    (State.REVERSING, Step.GIVE_UP): Move(State.MANUAL),
    # A payer can agree at their bank while it is asked to end the payment; then it can't be ended.
    # Or it is over because it was asked to.
    (State.REVERSING, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.REVERSING, Step.DECLINE): Move(State.DECLINED),
    (State.REVERSING, Step.WAIT): Move(State.REVIEW),
    (State.UNKNOWN_REVERSAL, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.UNKNOWN_REVERSAL, Step.DECLINE): Move(State.DECLINED),
    (State.UNKNOWN_REVERSAL, Step.WAIT): Move(State.REVIEW),
    (State.UNKNOWN_REVERSAL, Step.CONFIRM_REVERSAL): Move(State.REVERSED, Fact.REVERSAL),
    (State.UNKNOWN_REVERSAL, Step.GIVE_UP): Move(State.MANUAL),
    # By a person, who has asked the acquirer.
    (State.MANUAL, Step.APPROVE): Move(State.APPROVED, Fact.APPROVAL),
    (State.MANUAL, Step.CONFIRM_REVERSAL): Move(State.REVERSED, Fact.REVERSAL),
}
