"""An invoice's own page and its PDF, and the way to them from the paid page."""

import re
from html import unescape

import httpx2
import pytest

from paydesk import invoices, limits
from paydesk.kit import ids
from world import Payer, eventually

NOTIFICATIONS = {"send_invoice": True}


@pytest.fixture(scope="module")
def own(server):
    """A merchant whose documents begin with number 1."""
    return server.merchant_with(server.new_merchant("Karoo <Coffee>")["test"])


@pytest.fixture(scope="module")
def paid(own):
    """A paid checkout that wants an invoice, and its page then."""
    checkout = own.create(notifications=NOTIFICATIONS)
    return checkout, Payer(checkout).open().pay().page.text


@pytest.fixture(scope="module")
def invoice(own, paid):
    checkout, _ = paid
    (found,) = own.paydesk.invoices.list(checkout_id=checkout["id"]).entries
    return found


def test_the_paid_page_leads_to_the_document(paid, invoice):
    _, html = paid
    links = [unescape(link) for link in re.findall(r'<a href="([^"]+)" target="_blank"', html)]
    assert links == [invoice["url"]]
    assert "Receipt (PDF)" in html


def test_a_page_without_an_invoice_leads_to_none(own):
    checkout = own.create(notifications={"send_invoice": False})
    payer = Payer(checkout).open().pay()
    assert payer.state == "paid"
    assert "/documents/" not in payer.page.text


@pytest.mark.anyio
async def test_it_leads_there_for_a_while_only(shop):
    page = await shop.create(notifications=NOTIFICATIONS)
    await shop.pay(page)

    async def fresh(seconds):
        async with shop.db.connection() as connection:
            return await invoices.fresh_of_checkout(connection, 1, page.id, seconds=seconds)

    assert limits.INVOICE_SHOWN_SECONDS == 15 * 60
    assert await fresh(limits.INVOICE_SHOWN_SECONDS) is not None
    assert await fresh(0) is None


def test_the_document_s_page_says_what_is_printed_on_it(invoice):
    answer = httpx2.get(invoice["url"], headers={"Accept-Language": "de"})
    assert answer.status_code == 200
    assert 'lang="de"' in answer.text
    assert "Quittung" in answer.text
    for told in ("TEST-REC-000001", "1.200,00", "Karoo &lt;Coffee&gt;"):
        assert told in answer.text.replace("&#x2f;", "/"), told
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert f'href="{httpx2.URL(invoice["url"]).path}/pdf"' in answer.text.replace("&#x2f;", "/")


def test_the_pdf_is_a_file_with_the_document_s_name(invoice):
    answer = httpx2.get(invoice["pdf_url"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="TEST-REC-000001.pdf"'
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "changed",
    [
        lambda url, _: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url, id_: url.replace(id_, ids.new("inv")),
        lambda url, _: url + "%00",
        lambda url, _: url.rpartition("/")[0] + "/%FF",
        lambda url, id_: url.replace(id_, "inv_1"),
    ],
    ids=["another token", "another document", "a NUL", "no text", "no id"],
)
@pytest.mark.parametrize("below", ["", "/pdf"])
def test_only_its_own_address_shows_a_document(invoice, changed, below):
    answer = httpx2.get(changed(invoice["url"], invoice["id"]) + below)
    assert answer.status_code == 404
    assert "TEST-REC" not in answer.text


def test_a_refund_s_document_names_the_first(own, paid, invoice):
    own.paydesk.transactions.refund(invoice["transaction_id"], amount="200.00")

    def listed():
        return own.paydesk.invoices.list(kind="REFUND_RECEIPT").entries

    (back,) = eventually(listed)
    assert (back["refers_to"], back["amount_total"]) == ([invoice["number"]], "200.00")
    assert own.paydesk.invoices.show(back["id"]) == back
    dated = own.paydesk.invoices.list(issued_at_end_date="2020-01-01").entries
    assert dated == []


def test_a_kind_that_there_is_not_is_refused(own):
    answer = own.http.get("/invoices", params={"kind": "PROFORMA"})
    assert answer.status_code == 400
    (detail,) = answer.json()["error_details"]
    assert detail["errors"]["kind"]["rule"] == "invoice_kind"
