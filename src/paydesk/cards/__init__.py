"""crd_: payment cards. Their numbers are the vault's secret; here are its client and the rules."""

from paydesk.cards.errors import CardFaults, CardMissing, SecurityCodeGone, VaultAway
from paydesk.cards.model import CardForm, CardID, Enrolment, EnrolmentState, KeptCard, Lost
from paydesk.cards.saved import SavedCard, saved_card, saved_card_by_token
from paydesk.cards.store import INSERT_CARD, card_of, card_values
from paydesk.cards.vault import Vault

__all__ = [
    "INSERT_CARD",
    "CardFaults",
    "CardForm",
    "CardID",
    "CardMissing",
    "Enrolment",
    "EnrolmentState",
    "KeptCard",
    "Lost",
    "SavedCard",
    "SecurityCodeGone",
    "Vault",
    "VaultAway",
    "card_of",
    "card_values",
    "saved_card",
    "saved_card_by_token",
]
