"""What can be wrong with a card, in words for the payer."""

from collections.abc import Mapping, Sequence

from paydesk.errors import Fault, Kind, Refusal


class CardFaults(Refusal):
    """Some of the card's details need to be corrected."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__()
        self.by_field = dict(faults)

    def faults(self) -> Sequence[Fault]:
        return tuple(Fault(field, rule, str(self)) for field, rule in self.by_field.items())


class CardMissing(Refusal):
    """This card is no longer kept. Please enter the card again."""

    kind = Kind.MISSING


class SecurityCodeGone(Refusal):
    """The security code is no longer kept. Please enter the card again; nothing was charged."""

    kind = Kind.GONE


class VaultAway(Refusal):
    """Cards can't be taken at the moment; nothing was charged. Please try again shortly."""

    kind = Kind.UNAVAILABLE


class StoredCardMissing(Refusal):
    """There is no saved card with this id."""

    kind = Kind.MISSING


class CardArchived(Refusal):
    """This card is archived: its number is destroyed. It stays as it is."""

    kind = Kind.GONE
