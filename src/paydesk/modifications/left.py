"""How much of an attempt can still be captured, voided or refunded. Pure."""

from collections.abc import Mapping

from paydesk.connectors.contract import ModificationKind
from paydesk.transactions import Sums


def left_for(kind: ModificationKind, sums: Sums, in_flight: Mapping[ModificationKind, int]) -> int:
    """What is left for this kind of modification, in minor units.

    What is under way counts as used where it takes away, and not yet as there where it adds: a
    refund can't spend a capture that may still be declined (MON-7).

    >>> left_for(ModificationKind.REFUND, Sums(500, captured=300), {ModificationKind.REFUND: 100})
    200
    """
    if kind is ModificationKind.RETURN:
        return sums.surplus - in_flight.get(ModificationKind.RETURN, 0)
    if kind is ModificationKind.REFUND:
        return sums.captured - sums.refunded - in_flight.get(ModificationKind.REFUND, 0)
    taken = sum(
        in_flight.get(other, 0) for other in (ModificationKind.CAPTURE, ModificationKind.VOID)
    )
    return sums.authorised - sums.captured - sums.voided - taken
