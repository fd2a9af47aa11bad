"""The payer's page over HTTP: open it, pay, cancel, and ask how it stands.

Every route shows the page of the state it finds; arriving at the wrong time is never an error.
A post lands on a page of ours and never redirects away from it, because `form-action 'self'`
would stop that in some browsers.
"""

import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from paydesk import checkouts, limits, merchants
from paydesk.app import Desk
from paydesk.cards import CardFaults, VaultAway
from paydesk.checkouts.model import PageCheckout
from paydesk.errors import DatabaseAway, Refusal
from paydesk.kit import ids, json
from paydesk.kit.page_tokens import form_token, is_form_token, token_hash
from paydesk.web.behind import Behind
from paydesk.web.body import BodyTooLarge, read_body
from paydesk.web.page.forms import (
    FormTooLarge,
    FormUnreadable,
    FormValues,
    PayForm,
    kept_values,
    read_cancel_form,
    read_pay_form,
)
from paydesk.web.page.headers import headers
from paydesk.web.page.logos import logo_response
from paydesk.web.page.pages import PageName, page_of, render
from paydesk.web.page.view import bare_view, view_of

log = structlog.get_logger()

Verb = Callable[[Request], Awaitable[Response]]


class Page:
    """The page's routes."""

    def __init__(self, desk: Desk, behind: Behind) -> None:
        self._desk = desk
        self._behind = behind

    def routes(self) -> list[Route]:
        place = "/checkout/{token}"
        return [
            Route(place, self._guarded(self.show), methods=["GET"]),
            Route(f"{place}/pay", self._guarded(self.pay), methods=["POST"]),
            Route(f"{place}/pay", self._guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/cancel", self._guarded(self.cancel), methods=["POST"]),
            Route(f"{place}/cancel", self._guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/state", self._guarded(self.state), methods=["GET"]),
            Route("/logos/{name}", self._guarded(self.logo), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of the state that the checkout is in."""
        return self._shown(await self._open(request), request)

    async def state(self, request: Request) -> Response:
        """The name of the page that would be shown now, for the page's script."""
        page = await self._open(request)
        body = json.write({"page": page_of(page)})
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def logo(self, request: Request) -> Response:
        """A merchant's logo, by its hash."""
        name = request.path_params["name"]
        return logo_response(await merchants.show_logo(self._desk.db, name))

    async def go_back(self, request: Request) -> Response:
        """To the page itself, for who reloads the address that a form was sent to."""
        return self._to_page(request)

    async def pay(self, request: Request) -> Response:
        """Pays with the posted card, waiting for the outcome as long as a payer will."""
        deadline = time.monotonic() + limits.PAY_ANSWER_SECONDS_MAX
        page = await self._open(request)
        form = read_pay_form(await _form(request))
        attempt = page.attempts + 1
        if not self._is_from_page(form.attempt, page, _next_attempt(page)):
            return self._after_stale_form(page, request, form)
        try:
            begun = await checkouts.begin(
                self._desk.db, self._desk.acquiring, page, form.card, attempt=attempt
            )
        except CardFaults as faults:
            return self._shown(page, request, form=kept_values(form, faults.by_field), status=422)
        except VaultAway:
            values = kept_values(form, {"form": "vault_away"})
            return self._shown(page, request, form=values, status=422)
        if begun is not None:
            # Past that, the payer is shown the processing page.
            await self._behind.run(
                checkouts.finish(self._desk.db, self._desk.acquiring, begun),
                seconds_max=deadline - time.monotonic(),
            )
        return self._to_page(request)

    def _after_stale_form(self, page: PageCheckout, request: Request, form: PayForm) -> Response:
        if page_of(page) is PageName.OPEN:
            # Nobody has paid: the merchant has changed the amount since the form was shown.
            values = kept_values(form, {"form": "form_stale"})
            return self._shown(page, request, form=values, status=422)
        # Sent twice, or from another tab: its attempt is what is shown.
        return self._to_page(request)

    async def cancel(self, request: Request) -> Response:
        """Cancels, if the checkout still can be."""
        page = await self._open(request)
        if not self._is_from_page(read_cancel_form(await _form(request)), page, "cancel"):
            return self._to_page(request)
        try:
            await self._desk.db.transact(
                lambda connection: checkouts.cancel_checkout(
                    connection, page.account_id, page.id, reason="customer"
                )
            )
        except checkouts.CheckoutEnded:
            log.info("cancelled_too_late", checkout_id=page.id)
        return self._to_page(request)

    async def _open(self, request: Request) -> PageCheckout:
        return await checkouts.open_page(self._desk.db, token_hash(request.path_params["token"]))

    def _is_from_page(self, token: str, page: PageCheckout, purpose: str) -> bool:
        return is_form_token(token, page.id, purpose, self._desk.page_key)

    def _shown(
        self,
        page: PageCheckout,
        request: Request,
        *,
        form: FormValues | None = None,
        status: int = 200,
    ) -> Response:
        nonce = secrets.token_urlsafe(16)
        view = view_of(
            page,
            attempt_token=form_token(page.id, _next_attempt(page), self._desk.page_key),
            cancel_token=form_token(page.id, "cancel", self._desk.page_key),
            base_path=f"/checkout/{request.path_params['token']}",
            nonce=nonce,
            form=form,
        )
        return _html(render(page_of(page), view), nonce, status)

    def _to_page(self, request: Request) -> Response:
        place = f"/checkout/{request.path_params['token']}"
        return RedirectResponse(place, 303, {"Cache-Control": "no-store"})

    def _guarded(self, verb: Verb) -> Verb:
        """The verb, with a page for whatever it refuses."""

        async def answer(request: Request) -> Response:
            try:
                return await verb(request)
            except checkouts.CheckoutMissing:
                return _bare(PageName.MISSING, 404)
            except (BodyTooLarge, FormTooLarge):
                return _bare(PageName.TROUBLE, 413)
            except (FormUnreadable, UnicodeDecodeError):
                return _bare(PageName.TROUBLE, 400)
            except DatabaseAway:
                return _bare(PageName.TROUBLE, 503, retry_after_seconds=2)
            except Refusal as refusal:
                log.warning("page_refused", rule=refusal.rule())
                return _bare(PageName.TROUBLE, 409)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it
            except Exception:
                log.exception("bug", request_id=ids.new("req"))
                return _bare(PageName.TROUBLE, 500)

        return answer


def _next_attempt(page: PageCheckout) -> str:
    """What the pay form is for. Whoever sends it agrees to this amount and no other."""
    return f"attempt {page.attempts + 1} to pay {page.amount.minor} {page.amount.currency.code}"


async def _form(request: Request) -> bytes:
    return await read_body(request, bytes_max=limits.PAY_BODY_BYTES_MAX)


def _bare(name: PageName, status: int, *, retry_after_seconds: int | None = None) -> Response:
    nonce = secrets.token_urlsafe(16)
    response = _html(render(name, bare_view(nonce)), nonce, status)
    if retry_after_seconds is not None:
        response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def _html(text: str, nonce: str, status: int) -> Response:
    return Response(text, status, headers(nonce), media_type="text/html")
