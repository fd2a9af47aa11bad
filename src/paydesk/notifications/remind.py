"""What a payer is told of a recurring payment: a charge to come, one that failed, a card that ends.

Pure. Each letter leads to the payment's own page, where its payer sees it and can stop it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from paydesk.kit.clock import SAST
from paydesk.kit.money import Money
from paydesk.languages import (
    NumberStyle,
    Words,
    Writing,
    choose,
    translatable,
    words_of,
    writing_of,
)
from paydesk.notifications.confirm import amount_text, contact_note, test_banner
from paydesk.notifications.model import Kind, Letter

# How often a payment is charged, by payment_interval; places: amount.
EVERY: Mapping[str, str] = {
    "ONCE": "{amount}",
    "DAILY": translatable("{amount} every day"),
    "WEEKLY": translatable("{amount} every week"),
    "MONTHLY": translatable("{amount} every month"),
    "YEARLY": translatable("{amount} every year"),
}
_SUBJECTS: Mapping[Kind, str] = {
    Kind.UPCOMING: translatable("{merchant} charges your card on {day}"),
    Kind.CHARGE_FAILED: translatable("Your payment to {merchant} was declined"),
    Kind.CARD_ENDING: translatable("Your card ends before the next payment to {merchant}"),
}
_LEADS_TO = translatable("See or stop these payments")
REMINDERS = frozenset(_SUBJECTS)
_TEXTS: Mapping[Kind, str] = {
    Kind.UPCOMING: translatable(
        "You agreed to this payment. You need to do nothing, and you can stop it until that day."
    ),
    Kind.CHARGE_FAILED: translatable(
        "{merchant} tried to charge your card. Please see that it has enough money, as it may be "
        "tried again. For another card, get in touch with {merchant}."
    ),
    Kind.CARD_ENDING: translatable(
        "Please give {merchant} a card that is good for longer, so that your payments go on."
    ),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A recurring payment as its payer is told of it; an empty text is not known.

    locale is that of the checkout which began it, or its own; interval is its payment_interval.
    """

    is_live: bool
    merchant_name: str
    email: str
    contact_number: str
    locale: str
    number_style: NumberStyle
    amount: Money
    interval: str
    reference: str
    description: str


def reminder(planned: Planned, kind: Kind, day: date, url: str) -> Letter:
    """The letter of this kind; url is the payment's own page."""
    language = choose(planned.locale, "")
    words, written = words_of(language), writing_of(language, planned.number_style)
    subject = words.text(
        _SUBJECTS[kind], merchant=planned.merchant_name, day=written.day(noon(day))
    )
    return Letter(
        language=language,
        merchant_name=planned.merchant_name,
        subject=subject,
        title=subject,
        paragraphs=(words.text(_TEXTS[kind], merchant=planned.merchant_name),),
        rows=_rows(planned, day, words, written),
        notes=(contact_note(planned.merchant_name, planned.email, planned.contact_number, words),),
        link=(words.text(_LEADS_TO), url),
        banner="" if planned.is_live else test_banner(words),
        reply_to=planned.email,
    )


def with_plan(letter: Letter, url: str) -> Letter:
    """The letter, leading to the recurring payment that began with what it tells of."""
    label = words_of(letter.language).text(_LEADS_TO)
    if letter.link is None:
        return replace(letter, link=(label, url))
    return replace(letter, notes=(f"{label}: {url}", *letter.notes))


def every_text(planned_amount: Money, interval: str, words: Words, written: Writing) -> str:
    """How much is charged, and how often."""
    return words.text(EVERY[interval], amount=written.amount(planned_amount))


def noon(day: date) -> datetime:
    """A moment of this South African day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=SAST)


def _rows(
    planned: Planned, day: date, words: Words, written: Writing
) -> tuple[tuple[str, str], ...]:
    rows = (
        (translatable("Amount"), amount_text(planned.amount, written)),
        (translatable("To"), planned.merchant_name),
        (translatable("What for"), planned.description),
        (translatable("Order reference"), planned.reference),
        (translatable("Date"), written.day(noon(day))),
    )
    return tuple((words.text(label), value) for label, value in rows if value)
