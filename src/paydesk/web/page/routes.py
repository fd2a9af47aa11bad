"""The payer's page over HTTP: open it, pay, cancel, and ask how it stands.

Every route shows the page of the state it finds; arriving at the wrong time is never an error.
A post lands on a page of ours and never redirects away from it, because `form-action 'self'`
would stop that in some browsers.
"""

import contextlib
import time
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from paydesk import cards, checkouts, invoices, limits, merchants, payments, transactions
from paydesk.abuse import new_challenge
from paydesk.app import Desk
from paydesk.cards import CardFaults, CardMissing, CardStatus, SavedCard, VaultAway
from paydesk.checkouts.model import PageCheckout, Phase
from paydesk.customers import NewCustomer
from paydesk.kit import json
from paydesk.kit.page_tokens import form_token, is_form_token, plan_path, token_hash
from paydesk.languages import Language, writing_of
from paydesk.payment_methods import KnownMethods, MethodType, PaymentMethod
from paydesk.threeds import Browser, Script
from paydesk.web.behind import Behind
from paydesk.web.body import read_body
from paydesk.web.page import issuer
from paydesk.web.page.admit import admit, asks_for_work
from paydesk.web.page.back import bring_receipt, wait_seconds
from paydesk.web.page.bank import leave_token, trial_url
from paydesk.web.page.cards import NEW_CARD, NO_CARDS, CardsView, cards_view, consent_to
from paydesk.web.page.customer import CustomerFaults, read_customer
from paydesk.web.page.embed import embed_view, embedders
from paydesk.web.page.embed_script import embed_script
from paydesk.web.page.forms import (
    REMOVE_INPUT,
    SAVED_CARD_INPUT,
    FormValues,
    PayForm,
    fields_of,
    kept_values,
    read_cancel_form,
    read_code_form,
    read_extend_form,
    read_pay_form,
)
from paydesk.web.page.guard import base_path, guarded, language_of, new_nonce, to_page
from paydesk.web.page.headers import framed_by, headers
from paydesk.web.page.logos import logo_response
from paydesk.web.page.pages import PAYABLE, WITH_ISSUER, PageName, page_of, pieces_of
from paydesk.web.page.respond import html_response
from paydesk.web.page.time_left import until
from paydesk.web.page.view import view_of
from paydesk.web.page.ways import NOWHERE, AtBankView, at_bank_view, ways_to_pay, ways_view

log = structlog.get_logger()


class Page:
    """The page's routes."""

    def __init__(self, desk: Desk, methods: KnownMethods, behind: Behind) -> None:
        self._desk = desk
        self._methods = methods
        self._behind = behind

    def look(self) -> Route:
        """The way to the page itself alone, for in front of all others: it is asked for most."""
        return _Look("/checkout/{token}", guarded(self.show), methods=["GET"])

    def routes(self) -> list[Route]:
        place = "/checkout/{token}"
        return [
            Route(place, guarded(self.show), methods=["GET"]),
            Route(f"{place}/pay", guarded(self.pay), methods=["POST"]),
            Route(f"{place}/pay", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/bank", guarded(self.go_to_bank), methods=["GET"]),
            Route(f"{place}/remove", guarded(self.remove_card), methods=["POST"]),
            Route(f"{place}/remove", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/code", guarded(self.pay_with_code), methods=["POST"]),
            Route(f"{place}/code", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/cancel", guarded(self.cancel), methods=["POST"]),
            Route(f"{place}/cancel", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/extend", guarded(self.extend), methods=["POST"]),
            Route(f"{place}/extend", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/language", guarded(self.choose_language), methods=["POST"]),
            Route(f"{place}/language", guarded(self.go_back), methods=["GET"]),
            Route(f"{place}/state", guarded(self.state), methods=["GET"]),
            Route(f"{place}/work", guarded(self.challenge), methods=["GET"]),
            Route("/logos/{name}", guarded(self.logo), methods=["GET"]),
            Route("/embed.js", embed_script, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of the state that the checkout is in."""
        page = await self._open(request)
        if page_of(page) in WITH_ISSUER:
            return to_page(request, issuer.BELOW)
        document = await self._document(page)
        if page_of(page) is PageName.PAID and page.signs_receipts:
            page = await bring_receipt(self._desk, page)
        return await self._shown(page, request, document=document)

    async def go_to_bank(self, request: Request) -> Response:
        """The page that goes on to the payer's bank by itself; back from there, it is not shown."""
        page = await self._open(request)
        if page_of(page) is not PageName.BANK:
            return to_page(request)
        return await self._shown(page, request, goes=True)

    async def state(self, request: Request) -> Response:
        """The name of the page that would be shown now, for the page's script.

        Where it can be paid on, also till when: asking tells us that somebody is still there. Where
        it is paid, also how much longer to wait for the merchant.
        """
        page = await self._open(request)
        told: dict[str, object] = {"page": page_of(page)}
        if page_of(page) in PAYABLE:
            told["seconds_left"] = page.seconds_left
            told["can_extend"] = page.extensions < limits.EXTENSIONS_MAX
            told["until"] = until(page, language_of(request, page))
        if page_of(page) is PageName.PAID:
            told["wait"] = wait_seconds(page)
        body = json.write(told)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def challenge(self, request: Request) -> Response:
        """A fresh challenge to be solved for one card, for the page's script."""
        page = await self._open(request)
        told = {}
        if self._desk.guard is not None and asks_for_work(self._desk.guard, page):
            told["challenge"] = new_challenge(
                self._desk.guard.secret, page.id, page.guard_level, now_seconds=int(time.time())
            )
        return Response(
            json.write(told), headers={"Cache-Control": "no-store"}, media_type="application/json"
        )

    async def logo(self, request: Request) -> Response:
        """A merchant's logo, by its hash."""
        name = request.path_params["name"]
        return logo_response(await merchants.show_logo(self._desk.db, name))

    async def go_back(self, request: Request) -> Response:
        """To the page itself, for who reloads the address that a form was sent to."""
        return to_page(request)

    async def pay(self, request: Request) -> Response:
        """Pays in the chosen way, waiting for the outcome as long as a payer will."""
        page = await self._open(request)
        form = read_pay_form(await _form(request))
        attempt = page.attempts + 1
        if not self._is_from_page(form.attempt, page, _next_attempt(page)):
            return await self._after_stale_form(page, request, form)
        ways = ways_to_pay(page, await self._methods.of(page.account_id))
        method = next((way for way in ways if way.type == form.method), None)
        if method is None:
            return await self._after_stale_form(page, request, form)
        saved = await self._chosen(page, form)
        if form.saved_card not in {"", NEW_CARD} and saved is None:
            return await self._shown_again(page, request, form, {"form": "card_gone"})
        try:
            customer = (
                read_customer(form.customer, page.customer_fields)
                if page.customer_id is None
                else None
            )
        except CustomerFaults as faults:
            return await self._with_card_faults(page, request, form, faults.by_input, method)
        if method.type is MethodType.CARD and not await self._admits(page, request, form):
            return await self._shown_again(page, request, form, {"form": "vault_away"}, status=429)
        deadline = time.monotonic() + limits.PAY_ANSWER_SECONDS_MAX
        try:
            going = await self._begin(page, request, form, method, attempt, customer, saved)
        except CardMissing:
            return await self._shown_again(page, request, form, {"form": "card_gone"})
        except CardFaults as faults:
            return await self._shown_again(page, request, form, faults.by_field)
        except VaultAway:
            return await self._shown_again(page, request, form, {"form": "vault_away"})
        except checkouts.MethodLimitReached as refusal:
            return await self._shown_again(page, request, form, {"form": refusal.rule()})
        if going is not None:
            # Past that, the payer is shown the processing page.
            await self._behind.run(going, seconds_max=deadline - time.monotonic())
        return to_page(request, "/bank" if method.type is MethodType.INSTANT_EFT else "")

    async def _admits(self, page: PageCheckout, request: Request, form: PayForm) -> bool:
        """Whether the card is taken up, once whoever came too early was waited for."""
        db, guard, address = self._desk.db, self._desk.guard, _address(request)
        return await admit(db, guard, page, answer=form.work, address=address)

    async def _begin(
        self,
        page: PageCheckout,
        request: Request,
        form: PayForm,
        method: PaymentMethod,
        attempt: int,
        customer: NewCustomer | None,
        saved: SavedCard | None,
    ) -> Coroutine[Any, Any, None] | None:
        """Commits the attempt: what is to be done for it next, None where it could not begin."""
        db, acquiring = self._desk.db, self._desk.acquiring
        if method.type is not MethodType.CARD:
            at_bank = await checkouts.begin_at_bank(
                db, acquiring, page, method, attempt=attempt, customer=customer
            )
            return None if at_bank is None else checkouts.ask_bank(db, acquiring, at_bank)
        begun = await checkouts.begin(
            db,
            acquiring,
            page,
            form.card,
            _browser(request, form.script),
            attempt=attempt,
            method=method,
            customer=customer,
            guard=self._desk.guard,
            saved=saved,
            consent=consent_to(page, language_of(request, page), is_agreed=form.is_agreed),
        )
        return None if begun is None else checkouts.finish(db, acquiring, begun)

    async def _offered(self, page: PageCheckout) -> Sequence[SavedCard]:
        """The saved cards that the payer may choose from. Only their own customer's are."""
        if not page.has_cards or page.customer_id is None:
            return ()
        return await cards.offered_cards(
            self._desk.db, page.account_id, page.customer_id, page.shown_card_ids
        )

    async def _chosen(self, page: PageCheckout, form: PayForm) -> SavedCard | None:
        """The saved card that was chosen, if it was offered and can be paid with."""
        offered = await self._offered(page)
        usable = (card for card in offered if card.status is CardStatus.ACTIVE)
        return next((card for card in usable if card.id == form.saved_card), None)

    async def remove_card(self, request: Request) -> Response:
        """Archives one of the payer's saved cards; the page shows the others."""
        page = await self._open(request)
        form = fields_of(await _form(request))
        card_id = form.get(SAVED_CARD_INPUT, "")
        can_go = card_id in await self._removable(page, await self._offered(page))
        token = form.get(REMOVE_INPUT, "")
        if can_go and self._is_from_page(token, page, _removal_of(card_id)):
            await self._desk.db.transact(
                lambda connection: cards.archive_card(connection, page.account_id, card_id)
            )
        return to_page(request)

    async def _removable(self, page: PageCheckout, offered: Sequence[SavedCard]) -> set[str]:
        """The ids of those that may be removed here: a page's address must stop no payment."""
        ids: list[str] = [card.id for card in offered]
        if not ids:
            return set()
        async with self._desk.db.connection() as connection:
            return set(ids) - await payments.cards_in_use(connection, page.account_id, ids)

    async def pay_with_code(self, request: Request) -> Response:
        """Goes on with an authenticated payment whose security code was lost meanwhile."""
        deadline = time.monotonic() + limits.PAY_ANSWER_SECONDS_MAX
        page = await self._open(request)
        token, code = read_code_form(await _form(request))
        last = page.last_attempt
        if last is None or last.phase is not Phase.CODE:
            return to_page(request)
        if not self._is_from_page(token, page, _code_again(page)):
            return to_page(request)
        async with self._desk.db.connection() as connection:
            found = await transactions.find(connection, page.account_id, last.transaction_id)
        assert found is not None
        try:
            call = await checkouts.take_code(self._desk.db, self._desk.acquiring, found, code)
        except CardFaults as faults:
            values = FormValues(faults=faults.by_field)
            return await self._shown(page, request, form=values, status=422)
        except VaultAway:
            values = FormValues(faults={"form": "vault_away"})
            return await self._shown(page, request, form=values, status=422)
        await self._behind.run(
            checkouts.send(self._desk.db, self._desk.acquiring, call),
            seconds_max=deadline - time.monotonic(),
        )
        return to_page(request)

    async def _with_card_faults(
        self,
        page: PageCheckout,
        request: Request,
        form: PayForm,
        faults: Mapping[str, str],
        method: PaymentMethod,
    ) -> Response:
        """The form again, with what is wrong with the card as well: all faults at once."""
        card: Mapping[str, str] = {}
        is_new = form.saved_card in {"", NEW_CARD}
        if page.connector is not None and method.type is MethodType.CARD and is_new:
            with contextlib.suppress(VaultAway):
                card = await self._desk.acquiring.vault.check(
                    account_id=page.account_id,
                    is_live=page.is_live,
                    connector=page.connector,
                    entry=form.card,
                )
        return await self._shown_again(page, request, form, {**faults, **card})

    async def _shown_again(
        self,
        page: PageCheckout,
        request: Request,
        form: PayForm,
        faults: Mapping[str, str],
        *,
        status: int = 422,
    ) -> Response:
        return await self._shown(page, request, form=kept_values(form, faults), status=status)

    async def _after_stale_form(
        self, page: PageCheckout, request: Request, form: PayForm
    ) -> Response:
        if page_of(page) is PageName.OPEN:
            # Nobody has paid: the merchant has changed the amount, or what can be paid with, since
            # the form was shown.
            return await self._shown_again(page, request, form, {"form": "form_stale"})
        # Sent twice, or from another tab: its attempt is what is shown.
        return to_page(request)

    async def cancel(self, request: Request) -> Response:
        """Cancels, if the checkout still can be."""
        page = await self._open(request)
        if not self._is_from_page(read_cancel_form(await _form(request)), page, "cancel"):
            return to_page(request)
        try:
            await self._desk.db.transact(
                lambda connection: checkouts.cancel_checkout(
                    connection, page.account_id, page.id, reason="customer"
                )
            )
        except checkouts.CheckoutEnded:
            log.info("cancelled_too_late", checkout_id=page.id)
        return to_page(request)

    async def extend(self, request: Request) -> Response:
        """Gives the payer more time, if there is more to give; the page shows what came of it."""
        page = await self._open(request)
        if not self._is_from_page(read_extend_form(await _form(request)), page, "extend"):
            return to_page(request)
        try:
            await self._desk.db.transact(
                lambda connection: checkouts.extend_checkout(connection, page.account_id, page.id)
            )
        except (checkouts.CheckoutEnded, checkouts.ExtensionsUsedUp) as refusal:
            log.info("not_extended", checkout_id=page.id, rule=refusal.rule())
        return to_page(request)

    async def choose_language(self, request: Request) -> Response:
        """Shows the page in the language that the payer chose."""
        code = fields_of(await _form(request)).get("language", "")
        await checkouts.choose_language(
            self._desk.db, token_hash(request.path_params["token"]), code
        )
        return to_page(request)

    async def _open(self, request: Request) -> PageCheckout:
        return await checkouts.open_page(self._desk.db, token_hash(request.path_params["token"]))

    def _is_from_page(self, token: str, page: PageCheckout, purpose: str) -> bool:
        return is_form_token(token, page.id, purpose, self._desk.page_key)

    async def _shown(
        self,
        page: PageCheckout,
        request: Request,
        *,
        form: FormValues | None = None,
        status: int = 200,
        goes: bool = False,
        document: tuple[str, str] = ("", ""),
    ) -> Response:
        nonce = new_nonce()
        name, language = page_of(page), language_of(request, page)
        ways = ways_to_pay(page, await self._methods.of(page.account_id))
        if name in PAYABLE and not ways:
            name = PageName.UNPAYABLE
        view = view_of(
            page,
            language=language,
            attempt_token=form_token(page.id, _purpose(page), self._desk.page_key),
            cancel_token=form_token(page.id, "cancel", self._desk.page_key),
            base_path=base_path(request),
            nonce=nonce,
            hold_until=self._hold_until(page),
            form=form,
            extend_token=form_token(page.id, "extend", self._desk.page_key),
            embed=embed_view(page, request),
            asks_for_work=asks_for_work(self._desk.guard, page),
            ways=ways_view(ways, form.method if form else ""),
            saved=await self._saved(page, language, form) if name in PAYABLE else NO_CARDS,
            at_bank=await self._at_bank(page, language, goes=goes),
            document=document,
            plan_path=plan_path(page.payment_id, self._desk.page_key) if page.payment_id else "",
        )
        sent = framed_by(headers(nonce), embedders(page))
        return html_response(request, pieces_of(name, view), status, sent)

    async def _saved(
        self, page: PageCheckout, language: Language, form: FormValues | None
    ) -> CardsView:
        offered = await self._offered(page)
        removable = await self._removable(page, offered)
        return cards_view(
            page,
            offered,
            language,
            chosen=form.saved_card if form else "",
            is_agreed=form.is_agreed if form else None,
            remove_token=lambda card_id: (
                form_token(page.id, _removal_of(card_id), self._desk.page_key)
                if card_id in removable
                else ""
            ),
        )

    async def _at_bank(self, page: PageCheckout, language: Language, *, goes: bool) -> AtBankView:
        if page.last_attempt is None:
            return NOWHERE
        return at_bank_view(
            page,
            writing_of(language, page.customization.number_style),
            await self._methods.ever_of(page.account_id),
            goes=goes,
            trial_url=trial_url(self._desk, page),
            leave_token=leave_token(page, self._desk.page_key),
        )

    async def _document(self, page: PageCheckout) -> tuple[str, str]:
        """The title and address of a payment's invoice, for a while after it was issued."""
        if page_of(page) is not PageName.PAID:
            return "", ""
        async with self._desk.db.connection() as connection:
            invoice = await invoices.fresh_of_checkout(
                connection, page.account_id, page.id, seconds=limits.INVOICE_SHOWN_SECONDS
            )
        if invoice is None:
            return "", ""
        base_url = self._desk.settings.public_url or ""
        return invoices.TITLES[invoice.kind], invoices.address_of(
            invoice, base_url, self._desk.page_key
        )

    def _hold_until(self, page: PageCheckout) -> datetime | None:
        """When the amount is let go; of one not authorised yet, if that happened now."""
        if not page.is_hold:
            return None
        known = page.last_attempt and page.last_attempt.capture_before
        return known or datetime.now(UTC) + timedelta(seconds=self._desk.acquiring.hold_seconds)


class _Look(Route):
    """Takes tokens only, so that it leaves `/checkout/page` to the API."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not scope["path"].startswith("/checkout/cs_"):
            return Match.NONE, {}
        return super().matches(scope)


def _next_attempt(page: PageCheckout) -> str:
    """What the pay form is for. Whoever sends it agrees to this amount and no other."""
    return f"attempt {page.attempts + 1} to pay {page.amount.minor} {page.amount.currency.code}"


def _removal_of(card_id: str) -> str:
    return f"remove {card_id}"


def _code_again(page: PageCheckout) -> str:
    return f"code for attempt {page.attempts}"


def _purpose(page: PageCheckout) -> str:
    """What the form on the page is for."""
    return _code_again(page) if page_of(page) is PageName.CODE else _next_attempt(page)


def _browser(request: Request, script: Script | None) -> Browser:
    """The payer's browser, as the card's issuer is told of it."""
    heard = request.headers
    return Browser(
        accept=heard.get("accept", ""),
        user_agent=heard.get("user-agent", ""),
        accept_language=heard.get("accept-language", ""),
        ip=_address(request),
        script=script,
    )


def _address(request: Request) -> str | None:
    return None if request.client is None else request.client.host


async def _form(request: Request) -> bytes:
    return await read_body(request, bytes_max=limits.PAY_BODY_BYTES_MAX)
