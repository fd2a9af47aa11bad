"""What is refused about invoices."""

from paydesk.errors import Kind, Refusal


class InvoiceMissing(Refusal):
    """There is no invoice with this id."""

    kind = Kind.MISSING
