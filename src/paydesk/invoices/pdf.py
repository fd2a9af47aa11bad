"""A document as PDF: tagged for screen readers (PDF/UA), with a code that leads to its own page.

It is in the payer's language, and says what the law asks for in English as well, which whoever
audits it reads. Typst sets it; without Typst documents are pages only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from threading import Lock
from typing import Any

from paydesk.invoices.model import Content, Invoice, Line, Party, line_text
from paydesk.invoices.titles import TITLES
from paydesk.kit import json
from paydesk.languages import (
    ENGLISH,
    LANGUAGES,
    Language,
    NumberStyle,
    Words,
    Writing,
    translatable,
    words_of,
    writing_of,
)

_NO_LETTERS = "could not be displayed"


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

    language = LANGUAGES.get(invoice.content.language, ENGLISH)
    if not has_letters(language):
        language = ENGLISH
    code = BytesIO()
    # Weighing the eight masks takes four times as long as the rest; readers read each of them.
    segno.make(url, error="m", mask=2).save(code, kind="svg", border=0, xmldecl=False)
    shown = _shown(invoice, _Tongue(language, words_of(language)), url)
    inputs = {"document": json.write(shown).decode(), "code": code.getvalue().decode()}
    at = int(invoice.issued_at.timestamp())
    try:
        return _compiled(_template(), sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=at)
    except typst.TypstError as fault:
        if _NO_LETTERS not in str(fault):
            raise
        # A name in letters that no font here has. PDF/UA forbids the box that stands for each.
        return _compiled(_template(), sys_inputs=inputs, timestamp=at)


@cache
def has_letters(language: Language) -> bool:
    """Whether a font here has the language's letters. Typst brings none for Chinese."""
    import typst

    probe = f'#set document(title: "{language.code}")\n{language.own_name}'
    try:
        _compiled(probe.encode(), pdf_standards=["ua-1"])
    except typst.TypstError as fault:
        if _NO_LETTERS not in str(fault):
            raise
        return False
    return True


# Typst's compiler works for one thread at a time.
_one_at_a_time = Lock()


def _compiled(template: bytes, **options: Any) -> bytes:
    with _one_at_a_time:
        written: bytes = _compiler().compile(template, format="pdf", **options)
    return written


@cache
def _compiler() -> Any:
    """Kept, because it looks for the machine's fonts when it is made, as long as a PDF takes."""
    import typst

    return typst.Compiler()


@cache
def _template() -> bytes:
    return files("paydesk.invoices").joinpath("templates", "invoice.typ").read_bytes()


@dataclass(frozen=True, slots=True)
class _Tongue:
    """A language with its words."""

    language: Language
    words: Words

    def both(self, message: str) -> str:
        """A word that the law asks for: in the language, and in English."""
        said = self.words.text(message)
        return said if said == message else f"{said} / {message}"


def _shown(invoice: Invoice, tongue: _Tongue, url: str) -> Mapping[str, Any]:
    """The document's texts. They go in as data, never as Typst's own language."""
    language, words = tongue.language, tongue.words
    written = writing_of(language, NumberStyle.SPACE_POINT)
    content = invoice.content
    title = TITLES[invoice.kind]
    is_refund = invoice.kind.is_refund
    total = words.text(translatable("Total refunded") if is_refund else translatable("Total paid"))
    facts = [
        (translatable("Number"), invoice.number),
        (translatable("Date"), written.day(invoice.issued_at)),
        (translatable("Order reference"), content.order_reference),
        (translatable("Refers to"), ", ".join(content.refers_to)),
        (
            translatable("Reason"),
            words.text(translatable("Refund of a payment")) if is_refund else "",
        ),
    ]
    return {
        "language": language.tag.partition("-")[0],
        "region": "ZA" if language.is_south_african else "",
        "direction": language.direction,
        "title": words.text(title),
        "legal_title": "" if words.text(title) == title else title,
        "banner": "" if content.is_live else words.text(_BANNER),
        "facts": [(words.text(label), value) for label, value in facts if value],
        "supplier": _party(words.text(translatable("Supplier")), content.supplier, tongue),
        "recipient": _party(words.text(translatable("Customer")), content.recipient, tongue),
        "columns": [words.text(label) for label in _COLUMNS],
        "lines": [_line(line, content, words, written) for line in content.lines],
        "sums": _sums(invoice, tongue, written),
        "total": (f"{total} ({invoice.total.currency.code})", written.amount(invoice.total)),
        "code": words.text(translatable("Code with the address of this document’s own page")),
        "genuine": words.text(
            translatable("To see whether this document is genuine, open its own page and compare:")
        ),
        "url": url,
    }


_BANNER = translatable("Test: no money was taken, and this is no invoice.")
_COLUMNS = (translatable("Description"), translatable("Quantity"), translatable("Amount"))


def _line(line: Line, content: Content, words: Words, written: Writing) -> Mapping[str, str]:
    return {
        "description": line_text(line, content, words),
        "quantity": written.count(line.quantity) if line.quantity else "",
        "amount": written.amount(line.amount),
    }


def _sums(invoice: Invoice, tongue: _Tongue, written: Writing) -> list[tuple[str, str]]:
    if invoice.vat is None:
        return []
    rate = "" if invoice.content.rate is None else f" {_percent(invoice.content.rate)}"
    without = invoice.total - invoice.vat
    return [
        (tongue.both(translatable("Total excluding VAT")), written.amount(without)),
        (tongue.both(translatable("VAT")) + rate, written.amount(invoice.vat)),
    ]


def _party(label: str, party: Party, tongue: _Tongue) -> Mapping[str, Any]:
    more = [
        (tongue.both(translatable("VAT number")), party.vat_number),
        (tongue.words.text(translatable("Registration number")), party.registration_number),
        ("", party.email),
        ("", party.contact_number),
    ]
    lines = [(name, value) for name, value in more if value]
    return {"label": label, "name": party.name, "address": party.address, "lines": lines}


def _percent(rate: int) -> str:
    whole, hundredths = divmod(rate, 100)
    return f"{whole}.{hundredths:02}".rstrip("0").rstrip(".") + "%" if hundredths else f"{whole}%"
