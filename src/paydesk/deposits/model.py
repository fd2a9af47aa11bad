"""What a sum is that came by hand and is for nobody."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UnclaimedDeposit:
    """A sum on a bank's statement under no reference of ours, or in another currency.

    provider_id is the bank's own, reference what the sender wrote.
    Units: minor is in minor units of the currency, an alphabetic code.
    """

    id: str
    bank: str
    provider_id: str
    reference: str
    minor: int
    currency: str
    sender: str | None
    at: datetime
