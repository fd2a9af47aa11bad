"""What a payer is told of a payment that was made. Pure."""

from dataclasses import dataclass
from datetime import datetime

from paydesk.cards.brand import BRANDS
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
from paydesk.notifications.enclose import Enclosed, link_to
from paydesk.notifications.model import Image, Letter, Line
from paydesk.orders import Amounts, Item
from paydesk.payment_methods import MethodType

# What was paid with, where it was no card.
_METHODS = {
    MethodType.INSTANT_EFT: translatable("Instant EFT"),
    MethodType.SCAN_TO_PAY: translatable("Scan to pay"),
    MethodType.PAYIN: translatable("Bank transfer"),
}
_TITLES = {brand.name: brand.title for brand in BRANDS}


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid, to whom and how; an empty text is not known.

    locale is the checkout's or a language's code; merchant_locale that of the merchant's pages
    where none is chosen for a checkout. is_charge: the payer was not
    there, a saved card was charged as agreed. is_hold: the amount was only reserved; it still
    is until hold_until at the latest, None where it was taken or let go meanwhile.
    """

    is_live: bool
    merchant_name: str
    email: str
    contact_number: str
    logo: Image | None
    locale: str
    merchant_locale: str
    number_style: NumberStyle
    colour: str
    amount: Money
    at: datetime
    is_hold: bool
    hold_until: datetime | None
    reference: str
    description: str
    items: tuple[Item, ...]
    amounts: Amounts
    method: MethodType | None
    card_brand: str = ""
    card_ending: str = ""
    is_charge: bool = False


def confirmation(paid: Paid, enclosed: Enclosed | None = None) -> Letter:
    """The letter to the payer, with the payment's document if there is one."""
    language = choose(paid.locale, "")
    words, written = words_of(language), writing_of(language, paid.number_style)
    return Letter(
        language=language,
        merchant_name=paid.merchant_name,
        subject=words.text(
            translatable("Your payment to {merchant}, order {reference}"),
            merchant=paid.merchant_name,
            reference=paid.reference,
        ),
        title=_title(paid, words),
        paragraphs=_thanks(paid, words, written),
        rows=_rows(paid, words, written),
        lines_title=words.text(translatable("Your order")) if paid.items else "",
        lines=tuple(_line(item, written) for item in paid.items),
        sums=_sums(paid, words, written) if paid.items else (),
        notes=(contact_note(paid.merchant_name, paid.email, paid.contact_number, words),),
        banner="" if paid.is_live else test_banner(words),
        colour=paid.colour,
        logo=paid.logo,
        reply_to=paid.email,
        link=None if enclosed is None else link_to(enclosed, words),
        attachments=() if enclosed is None else enclosed.attachments,
    )


def test_banner(words: Words) -> str:
    """What stands above everything that a test account sends."""
    said = (translatable("Test checkout"), translatable("No money is taken."))
    return " – ".join(words.text(one) for one in said)


def contact_note(merchant_name: str, email: str, contact_number: str, words: Words) -> str:
    """Whom the payer asks: the merchant, who alone can give money back."""
    contact = ", ".join(filter(None, (email, contact_number)))
    if not contact:
        return words.text(
            translatable("Questions, or do you need a refund? Get in touch with {merchant}."),
            merchant=merchant_name,
        )
    return words.text(
        translatable("Questions, or do you need a refund? Get in touch with {merchant}: {contact}"),
        merchant=merchant_name,
        contact=contact,
    )


def method_text(paid: Paid, words: Words) -> str:
    """What was paid with; nothing where it is not known."""
    if not paid.card_ending:
        return words.text(_METHODS[paid.method]) if paid.method in _METHODS else ""
    return words.text(
        translatable("{brand} ending in {ending}"),
        brand=_TITLES.get(paid.card_brand, paid.card_brand),
        ending=paid.card_ending,
    )


def _title(paid: Paid, words: Words) -> str:
    if paid.is_hold:
        return words.text(translatable("Payment authorised"))
    return words.text(translatable("Payment received"))


def _thanks(paid: Paid, words: Words, written: Writing) -> tuple[str, ...]:
    if not paid.is_hold:
        said = translatable("Thank you. {merchant} has your payment.")
        return (words.text(said, merchant=paid.merchant_name),)
    if paid.hold_until is None:
        return ()
    said = translatable(
        "Thank you. The amount is reserved on your card until {day} at the latest. "
        "{merchant} takes it later, or lets it go."
    )
    return (words.text(said, day=written.day(paid.hold_until), merchant=paid.merchant_name),)


def _rows(paid: Paid, words: Words, written: Writing) -> tuple[tuple[str, str], ...]:
    rows = (
        (translatable("Amount"), amount_text(paid.amount, written)),
        (translatable("To"), paid.merchant_name),
        (translatable("What for"), paid.description),
        (translatable("Order reference"), paid.reference),
        (translatable("Payment method"), method_text(paid, words)),
        (translatable("Date"), f"{written.day(paid.at)}, {written.time(paid.at)}"),
    )
    return tuple((words.text(label), value) for label, value in rows if value)


def _line(item: Item, written: Writing) -> Line:
    count = written.count(item.quantity) if item.quantity > 1 else ""
    return Line(item.name, count, written.amount(item.unit_amount * item.quantity))


def _sums(paid: Paid, words: Words, written: Writing) -> tuple[tuple[str, str], ...]:
    amounts = paid.amounts
    less = amounts.discount and Money(-amounts.discount.minor, amounts.discount.currency)
    between = [
        (translatable("Discount"), less),
        (translatable("Shipping"), amounts.shipping),
        (translatable("Tax"), amounts.tax),
    ]
    sums = [(label, money) for label, money in between if money is not None and money.minor]
    if sums and amounts.subtotal is not None:
        sums.insert(0, (translatable("Subtotal"), amounts.subtotal))
    sums.append((translatable("Total"), paid.amount))
    return tuple((words.text(label), written.amount(money)) for label, money in sums)


def amount_text(money: Money, written: Writing) -> str:
    """The amount with its currency's code, which is not said twice."""
    return f"{written.amount(money)} {written.code_beside(money)}".strip()
