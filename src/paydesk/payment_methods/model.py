"""What a payment method is: a way to pay that an account has, with the provider's limits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from paydesk.kit.money import Money

PaymentMethodID = NewType("PaymentMethodID", str)


class MethodType(StrEnum):
    """The types served so far; each is an enum of the lookups' payment_method_type."""

    CARD = "CARD"
    INSTANT_EFT = "INSTANT_EFT"  # at the payer's bank, by a link
    SCAN_TO_PAY = "SCAN_TO_PAY"  # at the payer's bank, by a code to scan
    PAYIN = "PAYIN"  # a transfer that the payer makes by hand


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where payers send money."""

    bank_name: str
    account_holder: str
    account_number: str
    branch_code: str


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay.

    connector names the bank that collects; None for cards, which the account's acquirer takes, and
    for transfers that the merchant sees come in. bank_account is where transfers go. One that is
    not active is offered no more; payers who chose it before still pay by it.
    Units: limits are in rand, per collection and day, and per month; None is no limit.
    Bounds: abbreviated_name, which payers see on their statement, has 8 characters at most.
    """

    id: PaymentMethodID
    type: MethodType
    abbreviated_name: str
    item_limit: Money | None = None
    monthly_limit: Money | None = None
    connector: str | None = None
    bank_account: BankAccount | None = None
    is_active: bool = True
