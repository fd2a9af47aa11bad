"""What of a card is sealed at rest, as bytes and back. The security code is never among it."""

from dataclasses import dataclass, field

import structlog

from paydesk.cards.entry import CardEntry
from paydesk.cards.errors import CardMissing
from paydesk.connectors.contract import CardField
from paydesk.kit.json import read_object, write
from paydesk.kit.sealing import SealBroken
from paydesk.vault.envelope import Envelope, Sealed

log = structlog.get_logger()

_SHORT_NAME_LENGTH = 45  # of a cardholderName; reliability paper A.4.1


@dataclass(frozen=True, slots=True)
class CardSecret:
    """Number, expiry and name of a kept card."""

    number: str = field(repr=False)
    expire_month: int = field(repr=False)
    expire_year: int = field(repr=False)
    name: str = field(repr=False)

    @classmethod
    def of(cls, entry: CardEntry) -> "CardSecret":
        return cls(entry.number, entry.expire_month, entry.expire_year, entry.name)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "CardSecret":
        return cls(**read_object(raw))

    def to_bytes(self) -> bytes:
        return write({name: getattr(self, name) for name in self.__slots__})

    def fields(self) -> dict[CardField, str]:
        """The values as connectors ask for them."""
        return {
            CardField.NUMBER: self.number,
            CardField.EXPIRE_MONTH: f"{self.expire_month:02}",
            CardField.EXPIRE_YEAR: str(self.expire_year),
            CardField.EXPIRE_YYMM: f"{self.expire_year % 100:02}{self.expire_month:02}",
            CardField.NAME: self.name,
            CardField.SHORT_NAME: self.name[:_SHORT_NAME_LENGTH].rstrip(),
        }


async def open_secret(
    envelope: Envelope, sealed: Sealed, *, account_id: int, card_id: str
) -> CardSecret:
    """The card's data in the clear.

    Raises: CardMissing, for a row that somebody altered or moved: to the payer it is gone.
    """
    try:
        raw = await envelope.open(sealed, account_id=account_id, card_id=card_id)
    except SealBroken as broken:
        log.error("card_seal_broken", card_id=card_id)  # noqa: TRY400
        raise CardMissing from broken
    return CardSecret.from_bytes(raw)
