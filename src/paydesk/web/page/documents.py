"""An invoice's own page: who holds the document can see there whether it is genuine."""

import asyncio
from dataclasses import dataclass

from minijinja import safe
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk import checkouts, invoices
from paydesk.app import Desk
from paydesk.invoices import TITLES, Invoice
from paydesk.kit import ids
from paydesk.kit.page_tokens import is_document_token
from paydesk.languages import Language, NumberStyle, writing_of
from paydesk.web.page.embed import NOT_EMBEDDED, EmbedView
from paydesk.web.page.guard import guarded, language_for, new_nonce
from paydesk.web.page.headers import headers
from paydesk.web.page.look import look
from paydesk.web.page.pages import pieces_of
from paydesk.web.page.respond import html_response


@dataclass(frozen=True, slots=True)
class DocumentView:
    """What the page shows; title is translatable, pdf_path is empty where there is no PDF."""

    language: Language
    nonce: str
    look: str
    is_test: bool
    merchant_name: str
    monogram: str
    title: str
    number: str
    day: str
    total: str
    pdf_path: str
    logo_url: str = ""
    base_path: str = ""
    embed: EmbedView = NOT_EMBEDDED


class Documents:
    """The routes of documents' pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        place = "/documents/{id}/{token}"
        return [
            Route(place, guarded(self.show), methods=["GET"]),
            Route(f"{place}/pdf", guarded(self.pdf), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page: what the document says, and the way to its PDF."""
        invoice = await self._find(request)
        nonce = new_nonce()
        view = _view(invoice, language_for(request), nonce, request.url.path)
        return html_response(request, pieces_of("document", view), 200, headers(nonce))

    async def pdf(self, request: Request) -> Response:
        """The document as PDF."""
        invoice = await self._find(request)
        if not invoices.can_write_pdf():
            raise checkouts.CheckoutMissing
        base_url = self._desk.settings.public_url or ""
        url = invoices.address_of(invoice, base_url, self._desk.page_key)
        # A thread, because setting it would keep this process's other payers waiting.
        pdf = await asyncio.to_thread(invoices.pdf_of, invoice, url=url)
        disposition = f'attachment; filename="{invoice.number}.pdf"'
        sent = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
        return Response(pdf, headers=sent, media_type="application/pdf")

    async def _find(self, request: Request) -> Invoice:
        """Raises: CheckoutMissing, where the address is not one of ours."""
        id_, token = request.path_params["id"], request.path_params["token"]
        is_ours = ids.looks_like("inv", id_) and is_document_token(token, id_, self._desk.page_key)
        if not is_ours:
            raise checkouts.CheckoutMissing
        async with self._desk.db.connection() as connection:
            invoice = await invoices.find_anywhere(connection, id_)
        if invoice is None:
            raise checkouts.CheckoutMissing
        return invoice


def _view(invoice: Invoice, language: Language, nonce: str, path: str) -> DocumentView:
    written = writing_of(language, NumberStyle.SPACE_POINT)
    supplier = invoice.content.supplier.name
    code = written.code_beside(invoice.total)
    return DocumentView(
        language=language,
        nonce=nonce,
        look=safe(look()),
        is_test=not invoice.content.is_live,
        merchant_name=supplier,
        monogram=supplier.strip()[:1].upper(),
        title=TITLES[invoice.kind],
        number=invoice.number,
        day=written.day(invoice.issued_at),
        total=f"{written.amount(invoice.total)} {code}".strip(),
        pdf_path=f"{path}/pdf" if invoices.can_write_pdf() else "",
    )
