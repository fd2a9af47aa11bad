"""What a mail is: who is told what, and what that looks like before it is HTML or plain text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paydesk.languages import Language


class Kind(StrEnum):
    """What a mail tells of."""

    CONFIRMATION = "confirmation"  # the payer: a payment was made, or authorised
    INVOICE = "invoice"  # the payer: here is a tax invoice, receipt or credit note
    PAYMENT = "payment"  # the merchant: a payment was made, or authorised
    UPCOMING = "upcoming"  # the payer: a recurring charge is to come
    CHARGE_FAILED = "charge_failed"  # the payer: a recurring charge was declined
    CHARGE_MISSED = "charge_missed"  # the merchant: a recurring charge failed for good
    CARD_ENDING = "card_ending"  # the payer: the card ends before the next recurring charge
    UNDELIVERED = "undelivered"  # the merchant: webhooks to a receiver do not arrive
    CARD_TESTING = "card_testing"  # the merchant: somebody tries out stolen cards


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail on its way. tries counts this one too; about is the id of what it tells of."""

    account_id: int
    id: str
    kind: Kind
    about: str
    recipient: str
    tries: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as it is listed. failure is why the last try failed."""

    id: str
    kind: str
    about: str
    recipient: str
    state: str
    tries: int
    created_at: datetime
    sent_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that travels inside the mail: nothing in a mail is fetched from elsewhere."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart. count is empty for a single piece."""

    name: str
    count: str
    amount: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, as finished text in the reader's language; an empty text is not shown.

    Shape: rows and sums are label and value; link is label and address. colour is `#rrggbb`, the
        merchant's.
    """

    language: Language
    merchant_name: str
    subject: str
    title: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    lines_title: str = ""
    lines: tuple[Line, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    link: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
    banner: str = ""
    colour: str = ""
    logo: Image | None = None
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
