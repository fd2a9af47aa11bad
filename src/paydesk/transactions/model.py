"""What a transaction is: one attempt to move money."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from paydesk.kit.money import Money
from paydesk.transactions.states import State

TransactionID = NewType("TransactionID", str)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One attempt to move money for a checkout. Its id is our reference at the acquirer.

    attempt numbers a checkout's attempts from 1. inquiries counts the questions asked about an
    unclear outcome. moves counts what has happened to it.
    """

    account_id: int
    id: TransactionID
    checkout_id: str
    order_id: str
    customer_id: str | None
    card_id: str | None
    attempt: int
    amount: Money
    connector: str
    state: State
    moves: int = 0
    inquiries: int = 0
    approved_at: datetime | None = None
