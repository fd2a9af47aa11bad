"""inv_: documents about payments: tax invoices, receipts, credit notes."""

from paydesk.invoices.address import address_of
from paydesk.invoices.errors import InvoiceMissing
from paydesk.invoices.issue import Movement, issue
from paydesk.invoices.model import Content, Filters, Invoice, InvoiceID, Kind, Line, Party
from paydesk.invoices.pdf import can_write_pdf, has_letters, pdf_of
from paydesk.invoices.store import (
    find,
    find_anywhere,
    fresh_of_checkout,
    list_page,
    of_checkout,
    of_transaction,
)
from paydesk.invoices.titles import TITLES
from paydesk.invoices.wire import InvoiceReply, show

__all__ = [
    "TITLES",
    "Content",
    "Filters",
    "Invoice",
    "InvoiceID",
    "InvoiceMissing",
    "InvoiceReply",
    "Kind",
    "Line",
    "Movement",
    "Party",
    "address_of",
    "can_write_pdf",
    "find",
    "find_anywhere",
    "fresh_of_checkout",
    "has_letters",
    "issue",
    "list_page",
    "of_checkout",
    "of_transaction",
    "pdf_of",
    "show",
]
