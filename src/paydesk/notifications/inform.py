"""What a merchant is told: of a payment, of webhooks that don't arrive, of stolen cards. Pure.

In the language of the merchant's own pages, English where none is set.
"""

from dataclasses import dataclass

from paydesk.languages import choose, translatable, words_of, writing_of
from paydesk.notifications.confirm import Paid, amount_text, method_text, test_banner
from paydesk.notifications.model import Letter, Mail


@dataclass(frozen=True, slots=True)
class Informed:
    """The merchant who is told, for one of their accounts. locale is empty where none is set."""

    merchant_name: str
    is_live: bool
    locale: str


def payment_letter(paid: Paid, mail: Mail) -> Letter:
    """The letter about a payment, to the merchant who asked to hear of each."""
    language = choose(paid.merchant_locale, "")
    words, written = words_of(language), writing_of(language, paid.number_style)
    amount = amount_text(paid.amount, written)
    if paid.is_hold:
        subject = translatable("{amount} authorised, order {reference}")
    else:
        subject = translatable("{amount} paid, order {reference}")
    rows = (
        (translatable("Amount"), amount),
        (translatable("Order reference"), paid.reference),
        (translatable("What for"), paid.description),
        (translatable("Payment method"), method_text(paid, words)),
        (translatable("Date"), f"{written.day(paid.at)}, {written.time(paid.at)}"),
        (translatable("Transaction") if paid.is_charge else translatable("Checkout"), mail.about),
    )
    return Letter(
        language=language,
        merchant_name=paid.merchant_name,
        subject=words.text(subject, amount=amount, reference=paid.reference),
        title=words.text(
            translatable("Payment authorised") if paid.is_hold else translatable("New payment")
        ),
        paragraphs=(),
        rows=tuple((words.text(label), value) for label, value in rows if value),
        notes=(
            words.text(
                translatable(
                    "You asked for a mail about each payment. To end that, turn off {setting}."
                ),
                setting="mail_payments",
            ),
        ),
        banner="" if paid.is_live else test_banner(words),
        colour=paid.colour,
    )


def undelivered_letter(informed: Informed, mail: Mail) -> Letter:
    """The letter about webhooks that did not arrive; sent once a day for each receiver."""
    language = choose(informed.locale, "")
    words = words_of(language)
    endpoint, _, day = mail.about.rpartition(" ")
    return Letter(
        language=language,
        merchant_name=informed.merchant_name,
        subject=words.text(translatable("Webhooks to {receiver} do not arrive"), receiver=endpoint),
        title=words.text(translatable("Webhooks do not arrive")),
        paragraphs=(
            words.text(
                translatable(
                    "On {day} Paydesk gave up a webhook to {receiver}, after its last try. Your "
                    "shop may not know of payments that were made."
                ),
                day=day,
                receiver=endpoint,
            ),
            words.text(
                translatable(
                    "What was not delivered is kept. Once the receiver answers with a status of "
                    "2xx, {command} sends it again, and so does {call}."
                ),
                command="paydesk webhooks resend --dead-since TIME",
                call="POST /webhooks/resend",
            ),
        ),
        rows=((words.text(_account(informed)), endpoint),),
        notes=(words.text(translatable("You are told this once a day for each receiver.")),),
    )


def card_testing_letter(informed: Informed) -> Letter:
    """The letter about stolen cards that are tried out; sent once a day for each account."""
    language = choose(informed.locale, "")
    words = words_of(language)
    title = words.text(translatable("Somebody is trying out stolen cards at your shop"))
    return Letter(
        language=language,
        merchant_name=informed.merchant_name,
        subject=title,
        title=title,
        paragraphs=(
            words.text(
                translatable(
                    "Many different cards were declined within a short time. For now, the bank of "
                    "each card is asked to check who pays. Cards that have paid at your shop "
                    "before are taken as usual."
                )
            ),
            words.text(
                translatable(
                    "You need not do anything: this ends by itself, ten minutes after the last "
                    "sign. If a payment looks odd to you, refund it before you send anything."
                )
            ),
        ),
        rows=((words.text(_account(informed)), informed.merchant_name),),
        notes=(words.text(translatable("You are told this once a day.")),),
    )


def _account(informed: Informed) -> str:
    return translatable("Live account") if informed.is_live else translatable("Test account")
