"""What a merchant is told of a charge that failed for good, if no endpoint hears of it. Pure.

A checkout's own notify_url hears of no later charge, so whoever has nothing else would never know.
"""

from dataclasses import dataclass
from datetime import date

from paydesk.kit.money import Money
from paydesk.languages import NumberStyle, choose, translatable, words_of, writing_of
from paydesk.notifications.confirm import amount_text, test_banner
from paydesk.notifications.inform import Informed
from paydesk.notifications.model import Letter, Mail
from paydesk.notifications.remind import noon


@dataclass(frozen=True, slots=True)
class Missed:
    """A day of a payment whose charge failed for good. reason is a code, such as expired_card."""

    informed: Informed
    number_style: NumberStyle
    amount: Money
    day: date
    reference: str
    description: str
    reason: str


def missed_letter(missed: Missed, mail: Mail) -> Letter:
    """The letter to the merchant."""
    informed = missed.informed
    language = choose(informed.locale, "")
    words, written = words_of(language), writing_of(language, missed.number_style)
    amount = amount_text(missed.amount, written)
    rows = (
        (translatable("Amount"), amount),
        (translatable("Order reference"), missed.reference),
        (translatable("What for"), missed.description),
        (translatable("Reason"), missed.reason),
        (translatable("Transaction"), mail.about),
    )
    subject = words.text(
        translatable("{amount} could not be charged, order {reference}"),
        amount=amount,
        reference=missed.reference,
    )
    return Letter(
        language=language,
        merchant_name=informed.merchant_name,
        subject=subject,
        title=subject,
        paragraphs=(
            words.text(
                translatable("The charge of {day} failed, and is not tried again."),
                day=written.day(noon(missed.day)),
            ),
        ),
        rows=tuple((words.text(label), value) for label, value in rows if value),
        notes=(
            words.text(
                translatable(
                    "You are told this by mail because no webhook endpoint of yours hears of it."
                )
            ),
        ),
        banner="" if informed.is_live else test_banner(words),
    )
