"""crd_: payment cards. Their numbers are the vault's secret; here are its client and the rules."""

from paydesk.cards.errors import (
    CardArchived,
    CardFaults,
    CardMissing,
    SecurityCodeGone,
    StoredCardMissing,
    VaultAway,
)
from paydesk.cards.model import CardForm, CardID, Enrolment, EnrolmentState, KeptCard, Lost
from paydesk.cards.saved import (
    CardChange,
    CardFilters,
    CardStatus,
    SavedCard,
    archive_card,
    change_card,
    count_active,
    keep_if_agreed,
    let_go,
    list_saved,
    look_at_card,
    offered_cards,
    overdue_cards,
    saved_card,
    saved_card_by_token,
)
from paydesk.cards.store import INSERT_CARD, card_of, card_values
from paydesk.cards.vault import Vault

__all__ = [
    "INSERT_CARD",
    "CardArchived",
    "CardChange",
    "CardFaults",
    "CardFilters",
    "CardForm",
    "CardID",
    "CardMissing",
    "CardStatus",
    "Enrolment",
    "EnrolmentState",
    "KeptCard",
    "Lost",
    "SavedCard",
    "SecurityCodeGone",
    "StoredCardMissing",
    "Vault",
    "VaultAway",
    "archive_card",
    "card_of",
    "card_values",
    "change_card",
    "count_active",
    "keep_if_agreed",
    "let_go",
    "list_saved",
    "look_at_card",
    "offered_cards",
    "overdue_cards",
    "saved_card",
    "saved_card_by_token",
]
