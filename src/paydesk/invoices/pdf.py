"""A document as PDF: tagged for screen readers (PDF/UA), with a code that leads to its own page.

It is in English, which whoever audits it reads. Typst sets it; without Typst documents are pages
only.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from paydesk.invoices.model import Invoice, Party
from paydesk.invoices.titles import TITLES
from paydesk.kit import json
from paydesk.languages import ENGLISH, NumberStyle, writing_of


@cache
def can_write_pdf() -> bool:
    """Whether Typst is installed."""
    return find_spec("typst") is not None


def pdf_of(invoice: Invoice, *, url: str) -> bytes:
    """The document as PDF, the same bytes each time. Run it in a thread: it takes a while.

    url is where its own page is.
    """
    # Late: a process that writes no PDF needs neither of them.
    import segno
    import typst

    code = BytesIO()
    segno.make(url, error="m").save(code, kind="svg", border=0, xmldecl=False)
    inputs = {
        "document": json.write(_shown(invoice, url)).decode(),
        "code": code.getvalue().decode(),
    }
    at = int(invoice.issued_at.timestamp())
    written: bytes
    try:
        written = typst.compile(
            _template(), format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=at
        )
    except typst.TypstError as fault:
        if "could not be displayed" not in str(fault):
            raise
        # A name in letters that no font here has. PDF/UA forbids the box that stands for each.
        written = typst.compile(_template(), format="pdf", sys_inputs=inputs, timestamp=at)
    return written


@cache
def _template() -> bytes:
    return files("paydesk.invoices").joinpath("templates", "invoice.typ").read_bytes()


def _shown(invoice: Invoice, url: str) -> Mapping[str, Any]:
    """The document's texts. They go in as data, never as Typst's own language."""
    written = writing_of(ENGLISH, NumberStyle.SPACE_POINT)
    content = invoice.content
    rate = "" if content.rate is None else f" {_percent(content.rate)}"
    sums = []
    if invoice.vat is not None:
        sums = [
            ("Total excluding VAT", written.amount(invoice.total - invoice.vat)),
            (f"VAT{rate}", written.amount(invoice.vat)),
        ]
    total = "Total refunded" if invoice.kind.is_refund else "Total paid"
    facts = [
        ("Number", invoice.number),
        ("Date", written.day(invoice.issued_at)),
        ("Order", content.order_reference),
        ("Refers to", ", ".join(content.refers_to)),
        ("Reason", "Refund of a payment" if invoice.kind.is_refund else ""),
    ]
    return {
        "title": TITLES[invoice.kind],
        "banner": "" if content.is_live else "Test: no money was taken, and this is no invoice.",
        "facts": [fact for fact in facts if fact[1]],
        "supplier": _party("From", content.supplier),
        "recipient": _party("To", content.recipient),
        "lines": [
            {
                "description": line.description,
                "quantity": written.count(line.quantity) if line.quantity else "",
                "amount": written.amount(line.amount),
            }
            for line in content.lines
        ],
        "sums": sums,
        "total": (f"{total} ({invoice.total.currency.code})", written.amount(invoice.total)),
        "url": url,
    }


def _party(label: str, party: Party) -> Mapping[str, Any]:
    more = [
        ("VAT number", party.vat_number),
        ("Registration number", party.registration_number),
        ("", party.email),
        ("", party.contact_number),
    ]
    lines = [f"{name} {value}".strip() for name, value in more if value]
    return {"label": label, "name": party.name, "lines": [*party.address, *lines]}


def _percent(rate: int) -> str:
    whole, hundredths = divmod(rate, 100)
    return f"{whole}.{hundredths:02}".rstrip("0").rstrip(".") + "%" if hundredths else f"{whole}%"
