"""A document about a payment, as it comes with a mail."""

import asyncio
from dataclasses import dataclass

from paydesk.invoices import TITLES, Invoice, address_of, can_write_pdf, pdf_of
from paydesk.languages import Words
from paydesk.notifications.model import Attachment


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document with the address of its own page, and its PDF where there is one."""

    invoice: Invoice
    url: str
    attachments: tuple[Attachment, ...] = ()


async def enclose(invoice: Invoice, *, base_url: str, key: bytes) -> Enclosed:
    """The document with what is sent of it."""
    url = address_of(invoice, base_url, key)
    if not can_write_pdf():
        return Enclosed(invoice, url)
    pdf = await asyncio.to_thread(pdf_of, invoice, url=url)
    return Enclosed(invoice, url, (Attachment(f"{invoice.number}.pdf", "application/pdf", pdf),))


def link_to(enclosed: Enclosed, words: Words) -> tuple[str, str]:
    """The label and address of the link to the document."""
    return f"{words.text(TITLES[enclosed.invoice.kind])} {enclosed.invoice.number}", enclosed.url
