"""What a modification is: a capture, void or refund of an approved attempt, or a return."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from paydesk.connectors.contract import ModificationKind
from paydesk.kit.money import Money
from paydesk.transactions import State

ModificationID = NewType("ModificationID", str)


@dataclass(frozen=True, slots=True)
class Modification:
    """One attempt to capture, void, refund or return. Its id is our reference at the acquirer.

    is_automatic: by the system, because the time to capture was up, or because money came by hand
    that pays for nothing. The rest as in Transaction, whose states it shares.
    """

    account_id: int
    id: ModificationID
    transaction_id: str
    kind: ModificationKind
    amount: Money
    is_automatic: bool
    connector: str
    state: State
    moves: int = 0
    inquiries: int = 0
    decline_reason: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    approved_at: datetime | None = None

    @property
    def status(self) -> str:
        """What callers are shown: COMPLETED, DECLINED, or PENDING while nobody knows."""
        if self.state is State.APPROVED:
            return "COMPLETED"
        return "DECLINED" if self.is_declined else "PENDING"

    @property
    def is_declined(self) -> bool:
        """Whether it surely moved no money, or what it moved went back."""
        return self.state in {State.DECLINED, State.REVERSED}
