"""What the sandbox acquirer is asked to do, and how much of an order can still be changed.

What is kept of either is what its line in the log says, so both are read back from there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paydesk.kit import ids
from paydesk.sandbox.cards import Modifying, Reversing, Script


@dataclass(frozen=True, slots=True)
class Order:
    """An order to take money, as far as it is kept: no card number, no security code.

    proof is the digest of an authentication's value, by which a second use of it is found. first
    is the network's id of the payment that a charge without its payer refers to, "" where it
    refers to none; None where the payer is there. directory_id is the directory server's id of its
    authentication, or of the first payment's where that is referred to.

    Units: amount is in minor units.
    """

    id: str
    reference: str
    order: str
    amount: int
    currency: str
    capture: bool  # whether approving it takes the money, or only holds it
    card_ending: str
    reversing: Reversing
    modifying: Modifying
    authenticated: bool
    proof: str | None
    first: str | None = None
    directory_id: str | None = None


class ModificationKind(StrEnum):
    """What can be done to an approved order."""

    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Modification:
    """An order to change what an approved order did. `of` is that order's reference.

    Units: amount is in minor units.
    """

    id: str
    reference: str
    of: str
    modification: ModificationKind
    amount: int
    currency: str


def new_order(
    *,
    reference: str,
    order: str,
    amount: int,
    currency: str,
    capture: bool,
    number: str,
    script: Script,
    proof: str | None = None,
    first: str | None = None,
    directory_id: str | None = None,
) -> Order:
    """An order with an id of the acquirer's own; of the number only the last four stay."""
    ending = number[-4:] if len(number) >= 12 else ""
    return Order(
        ids.new("acq"),
        reference,
        order,
        amount,
        currency,
        capture,
        ending,
        script.reversing,
        script.modifying,
        proof is not None,
        proof,
        first,
        directory_id,
    )


def new_modification(
    *, reference: str, of: str, kind: str, amount: int, currency: str
) -> Modification:
    """A modification with an id of the acquirer's own."""
    return Modification(ids.new("acq"), reference, of, ModificationKind(kind), amount, currency)


def order_of(line: Mapping[str, Any]) -> Order:
    """The order that a line of the log is about."""
    return Order(
        line["id"],
        line["reference"],
        line["order"],
        line["amount"],
        line["currency"],
        # Logs from before there were modifications and authentications do not name these.
        line.get("capture", True),
        line["card_ending"],
        Reversing(line["reversing"]),
        Modifying(line.get("modifying", Modifying.DONE)),
        line.get("authenticated", False),
        line.get("proof"),
        line.get("first"),
        line.get("directory_id"),
    )


def modification_of(line: Mapping[str, Any]) -> Modification:
    """The modification that a line of the log is about."""
    return Modification(
        line["id"],
        line["reference"],
        line["of"],
        ModificationKind(line["modification"]),
        line["amount"],
        line["currency"],
    )


def left(kind: ModificationKind, order: Order, done: Iterable[Modification]) -> int:
    """How much of an order, after the modifications that stand, a further one may be for.

    Units: minor units; below zero where more was given back than is still taken.
    """
    sums = dict.fromkeys(ModificationKind, 0)
    sums[ModificationKind.CAPTURE] = order.amount if order.capture else 0
    for one in done:
        sums[one.modification] += one.amount
    if kind is ModificationKind.REFUND:
        return sums[ModificationKind.CAPTURE] - sums[ModificationKind.REFUND]
    return order.amount - sums[ModificationKind.CAPTURE] - sums[ModificationKind.VOID]
