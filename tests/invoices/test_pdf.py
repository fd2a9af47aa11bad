"""A document as PDF."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pypdf import PdfReader

from paydesk.cli.mail_examples import example_invoice
from paydesk.invoices import Kind, Line, Party
from paydesk.invoices.pdf import has_letters, pdf_of
from paydesk.kit.money import Currency, Money
from paydesk.languages import ENGLISH, LANGUAGES, words_of

URL = "https://pay.example/documents/inv_01m82g11arfxf8k9wvpxx2a2aw/abcdefghijklmnopqrstuvwx"


def read(invoice):
    return PdfReader(io.BytesIO(pdf_of(invoice, url=URL)))


def text_of(invoice):
    return "\n".join(page.extract_text() for page in read(invoice).pages).replace("\xa0", " ")


@pytest.mark.parametrize("kind", [Kind.FULL_TAX_INVOICE, Kind.ABRIDGED_TAX_INVOICE])
def test_a_tax_invoice_says_what_the_law_asks_for(kind):
    text = text_of(replace(example_invoice(kind), vat=Money(16_096, Currency("ZAR", 2))))
    for told in (
        *("Tax invoice", "INV-000045", "28 November 2026"),
        *("Karoo Coffee Roasters (Pty) Ltd", "1 Church Street", "VAT number: 4123456789"),
        *("Thandi Nkosi", "1 Loop Street"),
        *("Karoo Dark, 1 kg", "Quantity", "R900.00"),
        *("Total excluding VAT", "R1 073.04", "VAT 15%", "R160.96", "R1 234.00"),
    ):
        assert told in text, told


def test_a_receipt_says_nothing_of_vat():
    receipt = example_invoice(Kind.RECEIPT)
    content = replace(receipt.content, supplier=Party("Corner shop"), rate=None)
    text = text_of(replace(receipt, vat=None, content=content))
    assert "Receipt" in text
    assert "VAT" not in text
    assert "invoice" not in text.lower()


def test_a_credit_note_says_what_it_takes_back_and_why():
    text = text_of(example_invoice(Kind.CREDIT_NOTE))
    for told in ("Credit note", "CRN-000045", "INV-000044", "Refund of a payment", "VAT 15%"):
        assert told in text


def test_a_test_s_document_says_that_it_is_no_invoice():
    invoice = example_invoice(Kind.ABRIDGED_TAX_INVOICE)
    text = text_of(replace(invoice, content=replace(invoice.content, is_live=False)))
    assert "this is no invoice" in text


def test_it_is_tagged_and_says_its_title_and_language():
    reader = read(example_invoice(Kind.ABRIDGED_TAX_INVOICE))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-ZA"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata.title == "Tax invoice INV-000045"


def test_the_same_document_is_the_same_bytes():
    first, second = (pdf_of(example_invoice(Kind.RECEIPT), url=URL) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "text",
    ["#panic()", "*bold* _it_ $x$", '\\ ] } ) "', "<a@b> @c", "= Heading", "// no", "漢字 😀"],
)
def test_what_a_merchant_wrote_is_text_and_not_typst(text):
    invoice = example_invoice(Kind.RECEIPT)
    line = Line(text, 1, invoice.total)
    content = replace(invoice.content, lines=(line,), recipient=Party(text, (text,)))
    read_back = text_of(replace(invoice, content=content))
    if text.isascii():
        assert read_back.count(text.split()[0]) >= 3


def in_language(code, kind=Kind.FULL_TAX_INVOICE):
    invoice = example_invoice(kind)
    return replace(invoice, content=replace(invoice.content, language=code))


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_it_is_in_the_payer_s_language_and_says_the_law_s_words_in_english_too(language):
    # Typst has no letters for Chinese; a machine may.
    told_in = language if has_letters(language) else ENGLISH
    invoice = in_language(language.code)
    root = read(invoice).trailer["/Root"]
    text, words = text_of(invoice), words_of(told_in)
    assert root["/Lang"].startswith(told_in.code)
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert "Tax invoice" in text
    if told_in.direction == "ltr" and told_in.code != "zh":
        for label in ("Tax invoice", "VAT number", "Registration number", "Shipping", "Total paid"):
            assert words.text(label) in text, label
        assert "Total excluding VAT" in text


def test_only_chinese_may_lack_letters():
    lacking = [code for code, language in LANGUAGES.items() if not has_letters(language)]
    assert lacking in ([], ["zh"])


def test_a_document_of_before_there_were_languages_is_english():
    assert read(example_invoice(Kind.RECEIPT)).trailer["/Root"]["/Lang"] == "en-ZA"


def test_pdfs_can_be_set_at_once():
    invoices = [in_language(code) for code in ("en", "de", "ar", "zu")]
    expected = [pdf_of(invoice, url=URL) for invoice in invoices]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda one: pdf_of(one, url=URL), invoices)) == expected


def test_a_long_order_takes_several_pages():
    invoice = example_invoice(Kind.RECEIPT)
    lines = tuple(Line(f"Item {number}", 1, invoice.total) for number in range(100))
    long = replace(invoice, content=replace(invoice.content, lines=lines))
    assert len(read(long).pages) >= 3
    assert "Item 99" in text_of(long)
