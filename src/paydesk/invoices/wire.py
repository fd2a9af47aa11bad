"""How an invoice is shown to its merchant."""

from typing_extensions import TypedDict

from paydesk import lookups
from paydesk.invoices.address import address_of
from paydesk.invoices.model import Invoice, Party, line_text
from paydesk.invoices.pdf import can_write_pdf
from paydesk.kit import clock
from paydesk.languages import ENGLISH, LANGUAGES, words_of


class PartyReply(TypedDict):
    name: str
    address: list[str]
    vat_number: str | None
    registration_number: str | None


class LineReply(TypedDict):
    description: str
    quantity: int | None
    amount: str


class InvoiceReply(TypedDict):
    """A document. amount_vat is null where it says nothing of VAT.

    Of a later charge of a recurring payment checkout_id is null, of all others payments_id.
    """

    id: str
    kind: str
    number: str
    issued_at: str
    currency_lookups_id: str
    currency: str
    amount_excluding_vat: str | None
    amount_vat: str | None
    vat_rate: str | None
    amount_total: str
    supplier: PartyReply
    recipient: PartyReply
    lines: list[LineReply]
    refers_to: list[str]
    order_reference: str
    order_id: str
    checkout_id: str | None
    payments_id: str | None
    transaction_id: str
    modification_id: str | None
    url: str
    pdf_url: str | None


def show(invoice: Invoice, base_url: str, key: bytes) -> InvoiceReply:
    """The document, with the addresses of its page and its PDF."""
    content, vat = invoice.content, invoice.vat
    words = words_of(LANGUAGES.get(content.language, ENGLISH))
    url = address_of(invoice, base_url, key)
    code = invoice.total.currency.code
    return InvoiceReply(
        id=invoice.id,
        kind=invoice.kind,
        number=invoice.number,
        issued_at=clock.sast(invoice.issued_at),
        currency_lookups_id=lookups.id_of("currency", code),
        currency=code,
        amount_excluding_vat=None if vat is None else (invoice.total - vat).text(),
        amount_vat=None if vat is None else vat.text(),
        vat_rate=None if content.rate is None else f"{content.rate // 100}.{content.rate % 100:02}",
        amount_total=invoice.total.text(),
        supplier=_party(content.supplier),
        recipient=_party(content.recipient),
        lines=[
            LineReply(
                description=line_text(line, content, words),
                quantity=line.quantity or None,
                amount=line.amount.text(),
            )
            for line in content.lines
        ],
        refers_to=list(content.refers_to),
        order_reference=content.order_reference,
        order_id=invoice.order_id,
        checkout_id=invoice.checkout_id,
        payments_id=invoice.payment_id,
        transaction_id=invoice.transaction_id,
        modification_id=invoice.modification_id,
        url=url,
        pdf_url=f"{url}/pdf" if can_write_pdf() else None,
    )


def _party(party: Party) -> PartyReply:
    return PartyReply(
        name=party.name,
        address=list(party.address),
        vat_number=party.vat_number or None,
        registration_number=party.registration_number or None,
    )
