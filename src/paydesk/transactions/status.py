"""The public status of an attempt: what `transaction_status` says of it. Pure.

Source: design §5; the values are the lookups' transaction_status.
"""

from dataclasses import dataclass

from paydesk.transactions.states import State


@dataclass(frozen=True, slots=True)
class Sums:
    """What was done with an authorised amount; surplus is what came besides and has to go back.

    Units: minor units, all. Bounds: captured + voided ≤ authorised; refunded ≤ captured.
    """

    authorised: int
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    surplus: int = 0


def status_of(state: State, sums: Sums) -> str:
    """The status of an attempt in this state with these sums.

    >>> status_of(State.APPROVED, Sums(500, captured=500))
    'PAID'
    >>> status_of(State.APPROVED, Sums(500))
    'PENDING'
    """
    if state in {State.DECLINED, State.AUTH_FAILED, State.AUTH_ABANDONED}:
        return "DECLINED"
    if state is State.REVERSED:
        return "REVERSED"
    if state is not State.APPROVED:
        return "PENDING"
    if not sums.captured:
        return "CANCELLED" if sums.voided == sums.authorised else "PENDING"
    is_at_its_end = sums.captured + sums.voided == sums.authorised
    return "REFUNDED" if is_at_its_end and sums.refunded == sums.captured else "PAID"
