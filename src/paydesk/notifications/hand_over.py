"""What a payer is told with a document that no confirmation brings. Pure."""

from dataclasses import replace

from paydesk.invoices import TITLES
from paydesk.languages import Words, Writing, choose, translatable, words_of, writing_of
from paydesk.notifications.confirm import Paid, amount_text, confirmation
from paydesk.notifications.enclose import Enclosed
from paydesk.notifications.model import Letter


def invoice_letter(paid: Paid, enclosed: Enclosed) -> Letter:
    """The letter that brings the document of a payment, capture or refund."""
    language = choose(paid.locale, "")
    words, written = words_of(language), writing_of(language, paid.number_style)
    title = words.text(TITLES[enclosed.invoice.kind])
    return replace(
        confirmation(paid, enclosed),
        subject=words.text(
            translatable("{document} {number} from {merchant}"),
            document=title,
            number=enclosed.invoice.number,
            merchant=paid.merchant_name,
        ),
        title=title,
        paragraphs=tuple(_paragraphs(paid, enclosed, words, written)),
        rows=(
            (words.text(translatable("Number")), enclosed.invoice.number),
            (words.text(translatable("Date")), written.day(enclosed.invoice.issued_at)),
            (words.text(translatable("Total")), amount_text(enclosed.invoice.total, written)),
            (words.text(translatable("Order reference")), paid.reference),
        ),
        lines_title="",
        lines=(),
        sums=(),
    )


def _paragraphs(paid: Paid, enclosed: Enclosed, words: Words, written: Writing) -> list[str]:
    said = []
    if enclosed.invoice.kind.is_refund:
        said.append(
            words.text(
                translatable("{merchant} has given {amount} back to you."),
                merchant=paid.merchant_name,
                amount=written.amount(enclosed.invoice.total),
            )
        )
    if enclosed.attachments:
        said.append(words.text(translatable("The document is attached as a PDF.")))
    return said
