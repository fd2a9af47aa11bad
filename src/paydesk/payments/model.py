"""What a payment is: an instruction to charge a stored card, once or by a schedule."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType

from paydesk.kit.money import Money
from paydesk.notifications import Notifications
from paydesk.payments.schedule import Schedule
from paydesk.payments.states import State

PaymentID = NewType("PaymentID", str)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it is kept.

    due_on is the day of the schedule whose charge is next, or under way, None where there is no
    other; try_number is that charge's try, from 1, and tried_on the day of its first; resumed_on is
    when the payment went on while that charge was undecided. charge_at is when the worker makes it,
    None while nothing is to be made; transaction_id is that of the charge on its way. charges and
    missed count those that were made, and the days whose charge failed for good.
    decline_reason is that of the latest charge, None where it succeeded. consent is the sentence
    that its payer agreed to, None where the merchant has submitted it.
    notifications follow each charge. tax is what the amount contains of it and locale the language,
    as they were submitted, None where they were not; those of a checkout's payment are its own.
    """

    account_id: int
    id: PaymentID
    customer_id: str
    card_id: str
    amount: Money
    reference: str
    schedule: Schedule
    state: State
    due_on: date | None
    charge_at: datetime | None
    checkout_id: str | None = None
    batch_reference: str | None = None
    description: str | None = None
    try_number: int = 1
    tried_on: date | None = None
    resumed_on: date | None = None
    transaction_id: str | None = None
    moves: int = 0
    events: int = 0
    charges: int = 0
    missed: int = 0
    decline_reason: str | None = None
    consent: str | None = None
    notifications: Notifications = field(default_factory=Notifications)
    tax: Money | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """A payment with what else its merchant is shown of it."""

    payment: Payment
    payment_method_id: str | None
    card_token: str | None
    last_transaction_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """Which payments a list is of. What is None is not asked."""

    payment_id: str | None = None
    customer_id: str | None = None
    card_id: str | None = None
    checkout_id: str | None = None
    state: str | None = None
    batch_reference: str | None = None
    reference: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
