"""What all routes of the page have in common: an answer for whatever they refuse."""

import secrets
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from paydesk import checkouts
from paydesk.checkouts.model import PageCheckout
from paydesk.errors import DatabaseAway, Refusal
from paydesk.kit import ids
from paydesk.languages import AUTO, Language, choose
from paydesk.web.body import BodyTooLarge
from paydesk.web.page.forms import FormTooLarge, FormUnreadable
from paydesk.web.page.headers import headers
from paydesk.web.page.pages import PageName, render
from paydesk.web.page.view import bare_view

log = structlog.get_logger()

Verb = Callable[[Request], Awaitable[Response]]


def guarded(verb: Verb) -> Verb:
    """The verb, with a page for whatever it refuses."""

    async def answer(request: Request) -> Response:
        try:
            return await verb(request)
        except checkouts.CheckoutMissing:
            return bare_page(request, PageName.MISSING, 404)
        except (BodyTooLarge, FormTooLarge):
            return bare_page(request, PageName.TROUBLE, 413)
        except (FormUnreadable, UnicodeDecodeError):
            return bare_page(request, PageName.TROUBLE, 400)
        except DatabaseAway:
            return bare_page(request, PageName.TROUBLE, 503, retry_after_seconds=2)
        except Refusal as refusal:
            log.warning("page_refused", rule=refusal.rule())
            return bare_page(request, PageName.TROUBLE, 409)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception:
            log.exception("bug", request_id=ids.new("req"))
            return bare_page(request, PageName.TROUBLE, 500)

    return answer


def bare_page(
    request: Request, name: PageName, status: int, *, retry_after_seconds: int | None = None
) -> Response:
    """A page without a checkout."""
    nonce = new_nonce()
    view = bare_view(language_for(request), nonce)
    response = Response(render(name, view), status, headers(nonce))
    if retry_after_seconds is not None:
        response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def language_for(request: Request, locale: str = AUTO) -> Language:
    """The language that whoever sent this is spoken to in, on a page of this locale."""
    return choose(locale, request.headers.get("accept-language", ""))


def language_of(request: Request, page: PageCheckout) -> Language:
    """The language that the payer chose on the page; else the merchant's choice."""
    return language_for(request, page.language or page.customization.locale)


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def base_path(request: Request) -> str:
    """Where the page of this request's checkout stands."""
    return f"/checkout/{request.path_params['token']}"


def to_page(request: Request, below: str = "") -> Response:
    """To the page itself, or to what stands below it."""
    return RedirectResponse(base_path(request) + below, 303, {"Cache-Control": "no-store"})
