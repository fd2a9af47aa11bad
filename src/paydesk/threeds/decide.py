"""What follows from what the issuer said, or from its silence?

Source: reliability paper A.9; the reasons are those of `error.code`.
"""

from collections.abc import Mapping
from enum import StrEnum

from paydesk.connectors.contract import DeclineReason
from paydesk.threeds.model import Policy, Status


class Decision(StrEnum):
    """What we do next."""

    PROCEED = "proceed"  # authorise, with the proof
    PROCEED_WITHOUT_PROOF = "proceed_without_proof"  # authorise; the merchant bears the risk
    CHALLENGE = "challenge"
    REFUSE = "refuse"  # the payer may try again, or another card


# What an ARes decides by itself. A status that is not in it is no answer we can use, as U is:
# the merchant's policy decides.
DECISIONS: Mapping[Status, Decision] = {
    Status.AUTHENTICATED: Decision.PROCEED,
    Status.ATTEMPTED: Decision.PROCEED,
    Status.CHALLENGE: Decision.CHALLENGE,
    Status.DENIED: Decision.REFUSE,
    Status.REJECTED: Decision.REFUSE,
}
# What the RReq after a challenge decides by itself. Another challenge is no result.
DECISIONS_OF_RESULTS: Mapping[Status, Decision] = {
    **DECISIONS,
    Status.CHALLENGE: Decision.REFUSE,
}

_PROVEN = frozenset({Status.AUTHENTICATED, Status.ATTEMPTED})
CANCELLED_BY_PAYER = "01"
# challengeCancel: decoupled time-out, the issuer's time-out, no first CReq, the app's time-out.
_TIMED_OUT = frozenset({"03", "04", "05", "08"})
# The payer can bring these about, by leaving.
_LEFT_BY_PAYER = _TIMED_OUT | {CANCELLED_BY_PAYER}

_REASONS: Mapping[Status | None, DeclineReason] = {
    None: DeclineReason.AUTHENTICATION_UNAVAILABLE,
    Status.UNAVAILABLE: DeclineReason.AUTHENTICATION_UNAVAILABLE,
    Status.INFORMATION: DeclineReason.AUTHENTICATION_UNAVAILABLE,
    Status.DECOUPLED: DeclineReason.AUTHENTICATION_UNAVAILABLE,
    Status.PAYMENT_CONFIRMATION: DeclineReason.AUTHENTICATION_UNAVAILABLE,
    Status.DENIED: DeclineReason.AUTHENTICATION_FAILED,
    Status.REJECTED: DeclineReason.AUTHENTICATION_FAILED,
    Status.CHALLENGE: DeclineReason.EXPIRED,
}


def decide(
    status: Status | None, *, in_result: bool, policy: Policy, cancelled_by: str | None = None
) -> Decision:
    """What follows from an ARes or, with in_result, from the RReq after a challenge.

    status is None where there was no answer, an Erro, one at fault, or no version in common.
    cancelled_by is the RReq's challengeCancel. A challenge without a result, or one that the
    payer left, is refused whatever the policy: else leaving it would be the way around it.
    """
    if in_result and (status is None or cancelled_by in _LEFT_BY_PAYER):
        return Decision.REFUSE
    decided = DECISIONS_OF_RESULTS if in_result else DECISIONS
    if status is not None and status in decided:
        return decided[status]
    return _by_policy(may_charge=policy.charge_if_unavailable)


def decide_not_enrolled(policy: Policy) -> Decision:
    """What follows where the card's issuer takes no part in 3-D Secure."""
    return _by_policy(may_charge=policy.charge_if_not_enrolled)


def reason_for(status: Status | None, *, cancelled_by: str | None = None) -> DeclineReason:
    """The reason of a refusal, for the merchant and the payer.

    status is what was decided by; C is a challenge that never had a result. cancelled_by is the
    RReq's challengeCancel: a payer who left hears that, not that the issuer refused.
    Raises: KeyError for Y and A, which nobody refuses.
    """
    if cancelled_by == CANCELLED_BY_PAYER:
        return DeclineReason.CANCELLED_BY_PAYER
    if cancelled_by in _TIMED_OUT:
        return DeclineReason.EXPIRED
    return _REASONS[status]


def contradicts(returned: str | None, result: str | None) -> bool:
    """Whether the payer's browser and the RReq tell of different ends, where both have told.

    A CRes knows only Y and N, so a no there may be any that is no yes.
    """
    if returned is None or result is None:
        return False
    return (returned in _PROVEN) != (result in _PROVEN)


def _by_policy(*, may_charge: bool) -> Decision:
    return Decision.PROCEED_WITHOUT_PROOF if may_charge else Decision.REFUSE
