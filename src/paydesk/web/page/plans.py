"""A recurring payment's own page: its payer sees there what is charged, and can stop it.

Its address is a secret that stands in every mail about the payment.
"""

from dataclasses import dataclass
from datetime import date

from minijinja import safe
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from paydesk import checkouts, limits, notifications, payments
from paydesk.app import Desk
from paydesk.checkouts.model import Customization
from paydesk.kit import ids
from paydesk.kit.page_tokens import form_token, is_form_token, is_plan_path
from paydesk.languages import AUTO, Language, words_of, writing_of
from paydesk.notifications import Planned
from paydesk.payments import Payment, State
from paydesk.web.body import read_body
from paydesk.web.page.embed import NOT_EMBEDDED, EmbedView
from paydesk.web.page.forms import fields_of
from paydesk.web.page.guard import guarded, language_for, new_nonce
from paydesk.web.page.headers import headers
from paydesk.web.page.look import look_of
from paydesk.web.page.pages import pieces_of
from paydesk.web.page.respond import html_response


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the page shows. next_day is empty where nothing more is charged.

    is_declined: the latest charge was, and another one follows. contact says whom to ask.
    stop_path leads to the question whether to stop, stop_token answers it; empty: not asked.
    """

    language: Language
    nonce: str
    look: str
    is_test: bool
    merchant_name: str
    monogram: str
    every: str
    next_day: str
    reference: str
    is_paused: bool
    has_ended: bool
    is_declined: bool
    contact: str
    path: str
    stop_token: str = ""
    logo_url: str = ""
    base_path: str = ""
    embed: EmbedView = NOT_EMBEDDED


class Plans:
    """The routes of recurring payments' pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        place = "/plan/{id}/{token}"
        return [
            Route(place, guarded(self.show), methods=["GET"]),
            Route(f"{place}/stop", guarded(self.ask), methods=["GET"]),
            Route(f"{place}/stop", guarded(self.stop), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is charged and when, or that nothing is any more."""
        return await self._shown(request, asks=False)

    async def ask(self, request: Request) -> Response:
        """Whether the payer really wants to stop it."""
        return await self._shown(request, asks=True)

    async def stop(self, request: Request) -> Response:
        """Cancels the payment for its payer; one that has ended stays as it is."""
        payment = await self._find(request)
        body = await read_body(request, bytes_max=limits.PAY_BODY_BYTES_MAX)
        token = fields_of(body).get("stop", "")
        if is_form_token(token, payment.id, "stop", self._desk.page_key):
            await self._desk.db.transact(
                lambda connection: payments.stop_by_payer(
                    connection, payment.account_id, payment.id
                )
            )
        path = request.url.path.removesuffix("/stop")
        return RedirectResponse(path, 303, {"Cache-Control": "no-store"})

    async def _shown(self, request: Request, *, asks: bool) -> Response:
        payment = await self._find(request)
        planned = await notifications.planned(self._desk.db, payment.account_id, payment.id)
        custom = await self._customization(payment)
        language = language_for(request, planned.locale or AUTO)
        nonce = new_nonce()
        is_asked = asks and not payment.state.is_final
        view = plan_view(
            payment,
            planned,
            language,
            nonce,
            look=look_of(custom),
            path=request.url.path.removesuffix("/stop"),
            stop_token=form_token(payment.id, "stop", self._desk.page_key) if is_asked else "",
        )
        return html_response(request, pieces_of("plan", view), 200, headers(nonce))

    async def _customization(self, payment: Payment) -> Customization:
        """How the page of the checkout looked which began the payment; plain where none did."""
        if payment.checkout_id is None:
            return Customization()
        async with self._desk.db.connection() as connection:
            _, custom, _ = await checkouts.page_terms(
                connection, payment.account_id, payment.checkout_id
            )
        return custom

    async def _find(self, request: Request) -> Payment:
        """Raises: CheckoutMissing, where the address is not one of ours."""
        id_, token = request.path_params["id"], request.path_params["token"]
        is_ours = ids.looks_like("pay", id_) and is_plan_path(
            f"/plan/{id_}/{token}", id_, self._desk.page_key
        )
        found = None
        if is_ours:
            async with self._desk.db.connection() as connection:
                found = await payments.find_anywhere(connection, id_)
        if found is None:
            raise checkouts.CheckoutMissing
        return found


def plan_view(
    payment: Payment,
    planned: Planned,
    language: Language,
    nonce: str,
    *,
    look: str,
    path: str,
    stop_token: str,
) -> PlanView:
    """What the page shows of a payment in any state."""
    words, written = words_of(language), writing_of(language, planned.number_style)
    is_paused, has_ended = payment.state is State.PAUSED, payment.state.is_final
    day = None if is_paused or has_ended else _next_day(payment)
    return PlanView(
        language=language,
        nonce=nonce,
        look=safe(look),
        is_test=not planned.is_live,
        merchant_name=planned.merchant_name,
        monogram=planned.merchant_name.strip()[:1].upper(),
        every=notifications.every_text(planned.amount, planned.interval, words, written),
        next_day="" if day is None else written.day(notifications.noon(day)),
        reference=planned.reference,
        is_paused=is_paused,
        has_ended=has_ended,
        contact=notifications.contact_note(
            planned.merchant_name, planned.email, planned.contact_number, words
        ),
        is_declined=day is not None and payment.decline_reason is not None,
        path=path,
        stop_token=stop_token,
    )


def _next_day(payment: Payment) -> date | None:
    """When the card is charged next; a charge that failed is tried again after its own day."""
    if payment.try_number == 1 or payment.charge_at is None:
        return payment.due_on
    return payments.day_of(payment.charge_at)
