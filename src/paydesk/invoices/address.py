"""Where a document's own page is: an address that only who holds the document knows."""

from paydesk.invoices.model import Invoice
from paydesk.kit.page_tokens import document_token


def address_of(invoice: Invoice, base_url: str, key: bytes) -> str:
    """The address of the document's page; with `/pdf` behind it, that of its PDF."""
    return f"{base_url}/documents/{invoice.id}/{document_token(invoice.id, key)}"
