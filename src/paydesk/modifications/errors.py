"""What a capture, void or refund is refused for."""

from paydesk.errors import Kind, Refusal


class TransactionMissing(Refusal):
    """There is no transaction with this id or reference."""

    kind = Kind.MISSING


class TransactionNotApproved(Refusal):
    """Only an approved transaction can be captured, voided or refunded."""

    kind = Kind.CONFLICT


class PaidByHand(Refusal):
    """This was paid by hand, into a bank that reports nothing to us. Send the money back there."""

    kind = Kind.CONFLICT


class NothingLeft(Refusal):
    """Nothing of this transaction is left for that; see its amounts."""

    kind = Kind.CONFLICT


class AmountAboveRest(Refusal):
    """The amount is more than what is left of this transaction; see its amounts."""

    kind = Kind.CONFLICT


class VoidIsWhole(Refusal):
    """A void lets go of all that is left; leave the amount out."""


class OutcomeNotKnown(Refusal):
    """It was begun, and its outcome is not known yet. See the transaction before you repeat it."""

    kind = Kind.UNAVAILABLE


class ModificationDeclined(Refusal):
    """The acquirer declined it; no money was moved."""

    kind = Kind.CONFLICT
