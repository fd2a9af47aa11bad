"""What a card is: as the payer typed it, and as everything outside the vault knows it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

CardID = NewType("CardID", str)


class EnrolmentState(StrEnum):
    """Whether a card takes part in 3-D Secure."""

    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"
    UNKNOWN = "unknown"  # the directory server's list of card ranges is not at hand


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a directory server says of the range that a card's number is in.

    Shape: versions are the oldest and the newest, such as ("2.2.0", "2.3.1"); ("", "") for none.
    """

    state: EnrolmentState
    acs_versions: tuple[str, str] = ("", "")
    directory_versions: tuple[str, str] = ("", "")
    method_url: str | None = None


@dataclass(frozen=True, slots=True)
class CardForm:
    """The four card fields exactly as the payer typed them.

    They are on their way to the vault: the repr shows none, so no log or trace can.
    """

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    security_code: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card in the vault, as far as it may be known outside.

    Shape: bin is the first 8 digits (6 of numbers shorter than 16), ending the last 4;
        fingerprint is 64 hex digits, the same for the same number within one account; token is
        64 random hex digits. enrolment is known right after the card was kept, for connectors
        that ask for it. consent is the sentence by which its payer agreed to have it saved.
        saved_as is the saved card that this one is, where a saved one is paid with; is_saved, that
        it is one.
    """

    id: CardID
    brand: str
    bin: str
    ending: str
    expire_month: int
    expire_year: int
    fingerprint: str
    token: str = field(repr=False)
    enrolment: Enrolment | None = None
    consent: str | None = None
    saved_as: CardID | None = None
    is_saved: bool = False

    @property
    def expire(self) -> str:
        """The month and year of its end as the API writes them: `09/27`."""
        return f"{self.expire_month:02}/{self.expire_year % 100:02}"


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable answer came back, so what the acquirer did is not known.

    was_sent is False only when surely nothing reached it.
    """

    was_sent: bool
    why: str


class CardStatus(StrEnum):
    """What can become of a saved card. Source: the lookups' card_status."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    DISABLED = "DISABLED"  # the vault has lost its number
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that its payer had saved. expire_in_months is below 0 once it has expired."""

    account_id: int
    id: CardID
    customer_id: str
    status: CardStatus
    brand: str
    ending: str
    expire_month: int
    expire_year: int
    expire_in_months: int
    nickname: str | None
    is_default: bool
    token: str
    saved_at: datetime
    updated_at: datetime

    @property
    def expire(self) -> str:
        """The month and year of its end as the API writes them: `09/27`."""
        return f"{self.expire_month:02}/{self.expire_year % 100:02}"


@dataclass(frozen=True, slots=True)
class CardFilters:
    """Which saved cards a list is of. What is None is not asked."""

    status: str | None = None
    customer_id: str | None = None
    expire_in_months: int | None = None


@dataclass(frozen=True, slots=True)
class CardChange:
    """What a merchant changes of a saved card: as it is to be afterwards, None as it is."""

    card_id: str
    nickname: str | None = None
    is_default: bool | None = None
