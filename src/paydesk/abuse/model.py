"""What the guard against card testing sees and says."""

from dataclasses import dataclass
from enum import StrEnum

from paydesk import limits
from paydesk.merchants import GuardLevel


class Verdict(StrEnum):
    """What becomes of an attempt before anybody is asked about it."""

    GO = "go"
    CHALLENGE = "challenge"  # only with the issuer's word, which the payer has to prove to it
    STOP = "stop"  # declined, and nobody asked
    END = "end"  # stopped, and its checkout cancelled


class Outcome(StrEnum):
    """How an attempt failed, as far as it speaks against whoever made it."""

    DECLINED = "declined"  # the acquirer was asked
    UNPROVEN = "unproven"  # the issuer would not vouch for the payer
    STOPPED = "stopped"  # by the guard


@dataclass(frozen=True, slots=True)
class Window:
    """Of the latest attempts that have something in common, how many different cards failed."""

    attempts: int = 0
    cards: int = 0

    def holds(self, cards_max: int) -> bool:
        """Whether so many failed, and as many as tell a tester from a crowd of honest payers."""
        is_usual = self.cards * 100 < self.attempts * limits.GUARD_FAILED_PERCENT
        return self.cards >= cards_max and not is_usual


@dataclass(frozen=True, slots=True)
class Seen:
    """What the windows hold about an attempt that is about to begin, itself not counted.

    address_open counts attempts from its address that are under way; card_failures is how often
    its own card failed at this merchant; checkout_stops how often its checkout was stopped.
    """

    level: GuardLevel = GuardLevel.NORMAL
    address: Window = Window()
    network: Window = Window()
    email: Window = Window()
    bin: Window = Window()
    address_open: int = 0
    card_failures: int = 0
    checkout_stops: int = 0
    is_card_known: bool = False


@dataclass(frozen=True, slots=True)
class Signs:
    """What the latest attempts at a merchant, or everywhere, look like.

    Of `attempts`, `failures` failed, with `cards` different cards; of these, `asked_cards` were
    lately declined by the acquirer, and at most `alike_cards` share a BIN or an expiry date.
    merchants counts those where any failed.
    """

    attempts: int = 0
    failures: int = 0
    cards: int = 0
    asked_cards: int = 0
    alike_cards: int = 0
    merchants: int = 1

    @property
    def are_alike(self) -> bool:
        """Whether a range of card numbers is being run through."""
        return self.alike_cards * 100 >= self.cards * limits.GUARD_ALIKE_PERCENT

    def fail_at_least(self, percent: int) -> bool:
        return self.failures * 100 >= self.attempts * percent
