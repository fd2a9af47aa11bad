"""What an invoice is: a document about money that was taken or given back, as it was issued."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from paydesk.kit.money import Money
from paydesk.languages import ENGLISH, Words

InvoiceID = NewType("InvoiceID", str)


class Kind(StrEnum):
    """Which document it is. Source: VAT Act 89 of 1991, sections 20(4), 20(5) and 21(3)."""

    FULL_TAX_INVOICE = "FULL_TAX_INVOICE"
    ABRIDGED_TAX_INVOICE = "ABRIDGED_TAX_INVOICE"
    RECEIPT = "RECEIPT"  # says nothing of VAT
    CREDIT_NOTE = "CREDIT_NOTE"
    REFUND_RECEIPT = "REFUND_RECEIPT"  # of a receipt

    @property
    def series(self) -> str:
        """Documents of one series are numbered without a gap. Both tax invoices share theirs."""
        return _SERIES[self]

    @property
    def is_refund(self) -> bool:
        return self in {Kind.CREDIT_NOTE, Kind.REFUND_RECEIPT}


_SERIES = {
    Kind.FULL_TAX_INVOICE: "INV",
    Kind.ABRIDGED_TAX_INVOICE: "INV",
    Kind.RECEIPT: "REC",
    Kind.CREDIT_NOTE: "CRN",
    Kind.REFUND_RECEIPT: "REF",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or who buys. An empty text is not known; address is line by line."""

    name: str
    address: tuple[str, ...] = ()
    vat_number: str = ""
    registration_number: str = ""
    email: str = ""
    contact_number: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold. quantity 0: it can't be counted, as shipping.

    words are ours where the merchant has none: a translatable sentence that may name the order's
    {reference}. description says them in English.
    """

    description: str
    quantity: int
    amount: Money
    words: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says, as it was on the day it was issued.

    language is the code of the payer's. refers_to are the numbers of the documents that a credit
    note takes back. rate is None where the amounts fit no single rate.
    Units: rate in hundredths of a percent.
    """

    is_live: bool
    supplier: Party
    recipient: Party
    order_reference: str
    lines: tuple[Line, ...]
    rate: int | None = None
    refers_to: tuple[str, ...] = ()
    language: str = ENGLISH.code


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document that was issued, of a checkout's payment or of a later charge of a payment.

    vat is None where it says nothing of VAT.
    """

    account_id: int
    id: InvoiceID
    kind: Kind
    number: str
    issued_at: datetime
    checkout_id: str | None
    payment_id: str | None
    order_id: str
    transaction_id: str
    modification_id: str | None
    total: Money
    vat: Money | None
    content: Content

    @property
    def about(self) -> str:
        """The checkout that it is of, or else the charge."""
        return self.checkout_id or self.transaction_id


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is written from: a payment's parties and order, as they stand.

    tax is what the merchant said of it: the order's, else that of all its items; None where
    nothing was said. at is the document's date. language is the code of the payer's.
    """

    at: datetime
    supplier: Party
    is_vat_vendor: bool
    is_live: bool
    recipient: Party
    order_reference: str
    order_description: str
    lines: tuple[Line, ...]
    tax: Money | None
    language: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a list is of. What is None is not asked."""

    kind: str | None = None
    order_id: str | None = None
    checkout_id: str | None = None
    payment_id: str | None = None
    transaction_id: str | None = None
    issued_from: datetime | None = None
    issued_until: datetime | None = None


def line_in_our_words(words: str, quantity: int, amount: Money, *, reference: str) -> Line:
    """The line that says this translatable sentence of the order with this reference."""
    return Line(words.format(reference=reference), quantity, amount, words)


def line_text(line: Line, content: Content, words: Words) -> str:
    """What a line of the document says: the merchant's own words, or ours in this language."""
    ours = line.words and words.text(line.words, reference=content.order_reference)
    return ours or line.description


def number_text(series: str, number: int, *, is_live: bool) -> str:
    """The number as it is printed.

    >>> number_text("INV", 7, is_live=True), number_text("REC", 1234567, is_live=False)
    ('INV-000007', 'TEST-REC-1234567')
    """
    return f"{'' if is_live else 'TEST-'}{series}-{number:06}"
