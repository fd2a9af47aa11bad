"""What the page says for each card fault and each decline, in plain words with a next step.

The texts stand here in English and are translated where they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from paydesk.connectors.contract import DeclineReason
from paydesk.languages import translatable
from paydesk.payment_methods import MethodType


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a payment did not go through, as far as the payer may know, and what to try next."""

    title: str
    next_step: str


# Rules of the vault's card check, and of the page itself, with what the payer can do about
# each. What is wrong is said without blame; what to do comes first.
FAULTS: Mapping[str, str] = {
    "card_number_missing": translatable("Enter your card number."),
    "card_number_length": translatable(
        "Check your card number: it should have between 12 and 19 digits."
    ),
    "card_number_checksum": translatable(
        "Check your card number: one of its digits seems to be different."
    ),
    "card_number_not_test": translatable(
        "This is a test checkout. Use one of the test cards, not a real one."
    ),
    "card_number_test_only": translatable(
        "This is a test card. Use a real card to pay this order."
    ),
    "card_brand_not_supported": translatable(
        "This kind of card is not accepted here. Use another card."
    ),
    "expiry_missing": translatable("Enter your card’s expiry date."),
    "expiry_format": translatable("Enter the expiry date as month and year, such as 09 / 30."),
    "expiry_past": translatable("This date has passed. Check it, or use another card."),
    "expiry_far": translatable("Check the expiry date: this year is too far ahead."),
    "security_code_missing": translatable("Enter your card’s security code."),
    "security_code_length": translatable(
        "Check the security code: 3 digits, or 4 for American Express."
    ),
    "security_code_gone": translatable("Enter the security code once more."),
    "name_missing": translatable("Enter the name on your card."),
    "name_length": translatable("Enter your name as it stands on the card."),
    "name_is_number": translatable("Enter your name here, not a number from the card."),
    "form_unreadable": translatable(
        "The form arrived damaged. You have not been charged. Please fill it in again."
    ),
    "form_stale": translatable("This page was out of date. Check the details and press Pay again."),
    "method_limit_reached": translatable(
        "This way to pay has reached its limit for the month. Please choose another."
    ),
    "card_gone": translatable("This card can’t be used any more. Choose another one."),
    "vault_away": translatable(
        "Cards can’t be taken at this moment. You have not been charged. "
        "Please try again in a minute."
    ),
}

# For a rule that is newer than this table: a payer is better served by a general sentence
# than by an error page.
FAULT_UNNAMED = translatable("Check this field and try again.")

_DECLINED = translatable("Your bank declined this payment")
_NOT_MADE = translatable("The payment did not go through")
_TRY_LATER = translatable("Wait a few minutes and try again, or use another card.")
_OTHER_CARD = translatable("Use another card, or ask your bank why it was declined.")

_GENERIC = Advice(_DECLINED, _OTHER_CARD)

# What a fraudster could learn from is masked: a suspected risk, a refused duplicate and a
# fault in the merchant's set-up all read like any other decline or trouble.
ADVICE: Mapping[DeclineReason, Advice] = {
    DeclineReason.DECLINED_GENERIC: _GENERIC,
    DeclineReason.INSUFFICIENT_FUNDS: Advice(
        translatable("There isn’t enough money available on this card"),
        translatable("Use another card, or move money to this one and try again."),
    ),
    DeclineReason.EXPIRED_CARD: Advice(
        translatable("This card has expired"),
        translatable("Check the expiry date, or use another card."),
    ),
    DeclineReason.INCORRECT_NUMBER: Advice(
        translatable("Your bank doesn’t know this card number"),
        translatable("Check the number against your card and enter it again."),
    ),
    DeclineReason.INCORRECT_CVC: Advice(
        translatable("The security code doesn’t match this card"),
        translatable("Enter the card again with the code printed on it."),
    ),
    DeclineReason.CARD_NOT_SUPPORTED: Advice(
        translatable("This card can’t be used for this payment"),
        translatable("Use another card, or ask your bank to allow online payments with it."),
    ),
    DeclineReason.AUTHENTICATION_FAILED: Advice(
        translatable("Your bank couldn’t confirm that it was you"),
        translatable("Try again and follow your bank’s step, or use another card."),
    ),
    DeclineReason.AUTHENTICATION_UNAVAILABLE: Advice(
        translatable("Your bank’s security check isn’t available"), _TRY_LATER
    ),
    DeclineReason.RISK_BLOCKED: _GENERIC,
    DeclineReason.ISSUER_UNAVAILABLE: Advice(
        translatable("Your bank couldn’t be reached"), _TRY_LATER
    ),
    DeclineReason.LIMIT_EXCEEDED: Advice(
        translatable("This payment is over a limit set on your card"),
        translatable("Raise the limit in your banking app, or use another card."),
    ),
    DeclineReason.DUPLICATE: _GENERIC,
    DeclineReason.INVALID_REQUEST: Advice(_NOT_MADE, _TRY_LATER),
    DeclineReason.CONFIGURATION: Advice(
        _NOT_MADE, translatable("Use another card, or get in touch with the shop.")
    ),
    DeclineReason.RATE_LIMITED: Advice(_NOT_MADE, _TRY_LATER),
    DeclineReason.PROVIDER_UNAVAILABLE: Advice(_NOT_MADE, _TRY_LATER),
    DeclineReason.CANCELLED_BY_PAYER: Advice(
        translatable("The payment was stopped at your bank’s step"),
        translatable("Pay with this card or another whenever you are ready."),
    ),
    DeclineReason.EXPIRED: Advice(
        translatable("The payment took too long"), translatable("Please try again.")
    ),
}


_OTHER_WAY = translatable("Choose another way to pay, or ask your bank why it was declined.")
_GENERIC_AT_BANK = Advice(_DECLINED, _OTHER_WAY)
# Where the payer pays without a card.
ADVICE_AT_BANK: Mapping[DeclineReason, Advice] = {
    DeclineReason.PROVIDER_UNAVAILABLE: Advice(
        _NOT_MADE,
        translatable("Wait a few minutes and try again, or choose another way to pay."),
    ),
    DeclineReason.CANCELLED_BY_PAYER: Advice(
        translatable("You stopped this payment"),
        translatable("Pay this way or another whenever you are ready."),
    ),
    DeclineReason.EXPIRED: ADVICE[DeclineReason.EXPIRED],
}


def fault_text(rule: str) -> str:
    """The sentence for a rule of the card check."""
    return FAULTS.get(rule, FAULT_UNNAMED)


def advice_on(reason: str | None, method: MethodType = MethodType.CARD) -> Advice:
    """The advice for a decline; a reason we do not know is an ordinary decline."""
    try:
        known = DeclineReason(reason or "")
    except ValueError:
        known = DeclineReason.DECLINED_GENERIC
    by_card = method is MethodType.CARD
    return ADVICE[known] if by_card else ADVICE_AT_BANK.get(known, _GENERIC_AT_BANK)
