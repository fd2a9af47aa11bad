"""What a transaction is: one attempt to move money."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType

from paydesk.cards import KeptCard
from paydesk.kit.money import Money
from paydesk.payment_methods import MethodType
from paydesk.transactions.states import WITHOUT_MONEY, State
from paydesk.transactions.status import Sums, status_of

TransactionID = NewType("TransactionID", str)

# The connector of transfers whose bank reports nothing to us: the merchant sees them come in.
BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One attempt to move money. Its id is our reference at the acquirer.

    It is for a checkout, or it is a charge of a payment: then payment_id and due_on, the day it is
    charged for, say so. attempt numbers the attempts of either, or of that day, from 1. is_hold:
    the money is only authorised, to be captured later, until capture_before. is_challenged: the
    payer was sent to the card's issuer. inquiries counts the questions asked about an unclear
    outcome, moves what has happened to it. handover_url is where the payer acts at their bank,
    until handover_until; payer_reference is what they name who send money by hand.
    Units: captured, voided, refunded, and of money sent by hand received and returned, are minor
        units.
    """

    account_id: int
    id: TransactionID
    checkout_id: str | None
    order_id: str
    customer_id: str | None
    card_id: str | None
    attempt: int
    amount: Money
    connector: str
    state: State
    is_hold: bool = False
    is_challenged: bool = False
    provider_id: str | None = None
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    moves: int = 0
    inquiries: int = 0
    approved_at: datetime | None = None
    capture_before: datetime | None = None
    method: MethodType = MethodType.CARD
    handover_url: str | None = None
    handover_until: datetime | None = None
    payer_reference: str | None = None
    received: int = 0
    returned: int = 0
    payment_id: str | None = None
    due_on: date | None = None

    @property
    def for_checkout(self) -> str:
        """The checkout it is for. Nobody asks it of a payment's charge."""
        assert self.checkout_id is not None, "a charge has no page"
        return self.checkout_id

    @property
    def sums(self) -> Sums:
        return Sums(self.amount.minor, self.captured, self.voided, self.refunded, self.surplus)

    @property
    def surplus(self) -> int:
        """What came by hand and pays for nothing, so that it has to go back; in minor units."""
        if self.state is State.APPROVED and self.received:
            return self.received - self.returned - self.amount.minor
        return self.received - self.returned if self.state in WITHOUT_MONEY else 0

    @property
    def status(self) -> str:
        """The API's transaction_status."""
        return status_of(self.state, self.sums)


@dataclass(frozen=True, slots=True)
class ShownAuthentication:
    """How a transaction's payer was authenticated, by 3-D Secure.

    status is transStatus, None while it runs; eci as the acquirer answered it, else the issuer.
    """

    version: str
    status: str | None
    is_challenged: bool
    eci: str | None


@dataclass(frozen=True, slots=True)
class ShownTransaction:
    """A transaction with what else its merchant is shown of it.

    charged_at: when money was first taken. decline_reason is one of the connectors' contract.
    """

    transaction: Transaction
    order_reference: str
    payment_method_id: str | None
    card: KeptCard | None
    authorisation_code: str | None
    decline_reason: str | None
    authentication: ShownAuthentication | None
    created_at: datetime
    updated_at: datetime
    charged_at: datetime | None
    status_changed_at: datetime
