"""Who may hold a checkout's page in a frame, and what the page in the frame needs to know of it."""

from dataclasses import dataclass

from starlette.requests import Request

from paydesk.checkouts.model import PageCheckout
from paydesk.kit.addresses import check_url
from paydesk.merchants import PageType


@dataclass(frozen=True, slots=True)
class EmbedView:
    """What a page in a merchant's frame shows and tells; all empty for a page by itself.

    Shape: origins has blanks between them; next_url is where the payer goes from an outcome.
    """

    origins: str = ""
    checkout_id: str = ""
    next_url: str = ""


NOT_EMBEDDED = EmbedView()


def embedders(page: PageCheckout) -> tuple[str, ...]:
    """The origins whose pages may frame this checkout's; none for a checkout of type `page`.

    Where the account has registered none, they are those that its payer goes back to. Only an
    authenticated call makes a checkout of type `embed`: see `wire.py` of checkouts.
    """
    if page.customization.type is not PageType.EMBED:
        return ()
    return page.embed_origins or _origins_of_redirects(page)


def embed_view(page: PageCheckout, request: Request) -> EmbedView:
    """For the page that this request asks for.

    A browser says whether the document is for a window of its own, as after breaking out of the
    frame; one that does not say is taken for a frame. That decides what is shown and no more.
    """
    origins = embedders(page)
    if not origins or request.headers.get("sec-fetch-dest") == "document":
        return NOT_EMBEDDED
    return EmbedView(" ".join(origins), page.id, _next_url(page))


def _origins_of_redirects(page: PageCheckout) -> tuple[str, ...]:
    urls = (page.redirects.success_url, page.redirects.cancel_url)
    checked = [
        check_url(url, may_be_plain_http_to_loopback=not page.is_live, is_dialled_by_us=False)
        for url in urls
    ]
    return tuple(dict.fromkeys(url.origin for url in checked))


def _next_url(page: PageCheckout) -> str:
    is_paid = page.state == "completed"
    return page.redirects.success_url if is_paid else page.redirects.cancel_url
