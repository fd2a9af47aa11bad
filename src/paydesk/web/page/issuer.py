"""The payer's way to the card's issuer and back: the authentication document and its frames.

It has no card field, and the card document no foreign frame. Issuers are reached from small
documents of ours that post themselves, so that these alone may send a form off our origin.
Nothing that comes back by the payer's browser is believed: it makes us look, and no more.
Source: reliability paper A.3, A.5 and A.12.
"""

from collections.abc import Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk import checkouts, limits, threeds, transactions
from paydesk.app import Desk
from paydesk.checkouts.model import PageCheckout, Phase
from paydesk.kit.page_tokens import (
    form_token,
    is_form_token,
    page_token,
    return_token,
    token_hash,
)
from paydesk.threeds import Authentication, MessageAtFault, Returned
from paydesk.transactions import Transaction
from paydesk.web.behind import Behind
from paydesk.web.body import read_body
from paydesk.web.page.embed import embed_view, embedders
from paydesk.web.page.forms import fields_of
from paydesk.web.page.guard import base_path, guarded, language_for, language_of, new_nonce, to_page
from paydesk.web.page.headers import (
    authentication_headers,
    bounce_headers,
    framed_by,
    headers,
    returned_headers,
)
from paydesk.web.page.pages import fill
from paydesk.web.page.view import (
    NO_ISSUER,
    BounceView,
    IssuerView,
    PageView,
    ReturnedView,
    view_of,
)

log = structlog.get_logger()

BELOW = "/authentication"
_CONTINUE, _LEAVE = "continue", "leave"


class Issuer:
    """The routes of an authentication."""

    def __init__(self, desk: Desk, behind: Behind) -> None:
        self._desk = desk
        self._behind = behind

    def routes(self) -> list[Route]:
        place = "/checkout/{token}" + BELOW
        return [
            Route(place, guarded(self.show), methods=["GET"]),
            Route(f"{place}/method", guarded(self.method), methods=["GET"]),
            Route(f"{place}/challenge", guarded(self.challenge), methods=["GET"]),
            Route(f"{place}/full", guarded(self.full), methods=["GET"]),
            Route(f"{place}/continue", guarded(self.go_on), methods=["POST"]),
            Route(f"{place}/leave", guarded(self.ask_to_leave), methods=["GET"]),
            Route(f"{place}/leave", guarded(self.leave), methods=["POST"]),
            Route("/3ds/method/{secret}", guarded(self.method_done), methods=["POST"]),
            Route("/3ds/return/{secret}", guarded(self.returned), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The authentication document, with the issuer's frame; by full page without script."""
        page, attempt = await self._attempt(request)
        if attempt is None:
            return to_page(request)
        if attempt.state is threeds.State.METHOD:
            return self._document(request, page, attempt, "authenticating")
        if page.last_attempt is None or page.last_attempt.phase is not Phase.CHALLENGE:
            return to_page(request)
        # In a merchant's frame a challenge as large as the page has no room: it breaks out.
        is_whole = attempt.challenge_window in {None, threeds.FULL}
        has_room = not (is_whole and embed_view(page, request).origins)
        is_framed = attempt.is_scripted and has_room
        return self._document(
            request, page, attempt, "challenge" if is_framed else "challenge_full"
        )

    async def full(self, request: Request) -> Response:
        """The challenge by full page, for whom the frame does not work."""
        page, attempt = await self._attempt(request)
        if attempt is None or attempt.state is not threeds.State.CHALLENGE:
            return to_page(request)
        return self._document(request, page, attempt, "challenge_full")

    async def method(self, request: Request) -> Response:
        """Inside the hidden frame: posts itself to the issuer's method page."""
        page, attempt = await self._attempt(request)
        if attempt is None or attempt.method_url is None:
            return Response(status_code=204)
        secret = return_token(attempt.id, self._desk.page_key)
        data = threeds.write_method_data(
            attempt.id, f"{self._desk.acquiring.asking.public_url}/3ds/method/{secret}"
        )
        return _bounce(request, page, attempt.method_url, {"threeDSMethodData": data})

    async def challenge(self, request: Request) -> Response:
        """Inside the frame: posts itself to the issuer's challenge; again, it is resumed."""
        page, attempt = await self._attempt(request)
        if attempt is None or attempt.state is not threeds.State.CHALLENGE:
            return Response(status_code=204)
        url, inputs = self._challenge(attempt)
        return _bounce(request, page, url, inputs)

    async def go_on(self, request: Request) -> Response:
        """The method frame is done, or its time is up: the issuer is asked."""
        page, attempt = await self._attempt(request)
        is_ours = self._is_from_page(await self._token(request, _CONTINUE), page, _CONTINUE)
        if attempt is not None and is_ours:
            transaction = await self._transaction(attempt)
            await self._behind.run(
                checkouts.go_on(self._desk.db, self._desk.acquiring, transaction),
                seconds_max=limits.PAY_ANSWER_SECONDS_MAX,
            )
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def ask_to_leave(self, request: Request) -> Response:
        """Asks what the payer wants instead of the issuer's step."""
        page, attempt = await self._attempt(request)
        if attempt is None:
            return to_page(request)
        nonce = new_nonce()
        view = self._view(request, page, nonce, leave_token=self._form_token(page, _LEAVE))
        return Response(fill("leave", view), headers=framed_by(headers(nonce), embedders(page)))

    async def leave(self, request: Request) -> Response:
        """The payer takes another card."""
        page, attempt = await self._attempt(request)
        is_ours = self._is_from_page(await self._token(request, _LEAVE), page, _LEAVE)
        if attempt is not None and is_ours:
            await checkouts.leave_issuer(self._desk.db, await self._transaction(attempt))
        return to_page(request)

    async def method_done(self, request: Request) -> Response:
        """The issuer's method page reports, in the hidden frame."""
        form = fields_of(await read_body(request, bytes_max=limits.THREEDS_BODY_BYTES_MAX))
        attempt = await self._of_secret(request)
        try:
            told = threeds.read_method_data(form.get("threeDSMethodData", ""))
        except MessageAtFault as bad:
            log.info("method_at_fault", code=bad.fault.code)
            told = ""
        if attempt is not None and told == attempt.id:
            await threeds.note_method(self._desk.db, attempt)
        return _returned(request, "", await self._embedders(attempt))

    async def returned(self, request: Request) -> Response:
        """The payer's browser is back from the challenge. What it brings is only a hint."""
        form = fields_of(await read_body(request, bytes_max=limits.THREEDS_BODY_BYTES_MAX))
        attempt = await self._of_secret(request)
        if attempt is None or attempt.answer is None:
            raise checkouts.CheckoutMissing("token")
        returned = _read_return(form)
        session = form.get("threeDSSessionData", "")
        is_ours = is_form_token(session, attempt.id, _SESSION, self._desk.page_key)
        told = (attempt.id, attempt.answer.issuer_id)
        if returned is not None and is_ours and (returned.id, returned.issuer_id) == told:
            result = await threeds.note_return(self._desk.db, attempt, returned.status)
            if threeds.contradicts(returned.status, result):
                log.warning("return_differs", transaction_id=attempt.transaction_id)
        else:
            log.warning("return_not_ours", transaction_id=attempt.transaction_id)
        token = await self._page_token(attempt)
        return _returned(request, f"/checkout/{token}", await self._embedders(attempt))

    def _document(
        self, request: Request, page: PageCheckout, attempt: Authentication, name: str
    ) -> Response:
        nonce = new_nonce()
        url, inputs = self._challenge(attempt)
        size = threeds.WINDOWS.get(attempt.challenge_window or threeds.FULL)
        issuer = IssuerView(
            frame_path=f"{base_path(request)}{BELOW}/{_FRAMES.get(name, '')}",
            full_path=f"{base_path(request)}{BELOW}/full",
            leave_path=f"{base_path(request)}{BELOW}/leave",
            method_seconds=str(threeds.method_seconds(attempt.version)),
            continue_token=self._form_token(page, _CONTINUE),
            width=str(size[0]) if size else "",
            height=str(size[1]) if size else "",
            post_url=url,
            inputs=tuple(inputs.items()),
        )
        view = self._view(request, page, nonce, issuer=issuer)
        if name == "challenge_full":
            sent = bounce_headers(nonce, url, is_framed=False)
        else:
            addresses = [address for address in (attempt.method_url, url) if address]
            sent = authentication_headers(nonce, addresses)
        return Response(fill(name, view), headers=framed_by(sent, embedders(page)))

    def _challenge(self, attempt: Authentication) -> tuple[str, dict[str, str]]:
        """Where a challenge's form goes, and its inputs; the same each time."""
        if attempt.answer is None or attempt.answer.challenge_url is None:
            return "", {}
        creq = threeds.write_creq(
            question_id=attempt.id,
            issuer_id=attempt.answer.issuer_id,
            version=attempt.version,
            window=attempt.challenge_window or threeds.FULL,
        )
        session = form_token(attempt.id, _SESSION, self._desk.page_key)
        return attempt.answer.challenge_url, {"creq": creq, "threeDSSessionData": session}

    def _view(
        self,
        request: Request,
        page: PageCheckout,
        nonce: str,
        *,
        issuer: IssuerView = NO_ISSUER,
        leave_token: str = "",
    ) -> PageView:
        return view_of(
            page,
            language=language_of(request, page),
            attempt_token="",
            cancel_token=form_token(page.id, "cancel", self._desk.page_key),
            base_path=base_path(request),
            nonce=nonce,
            issuer=issuer,
            leave_token=leave_token,
            embed=embed_view(page, request),
        )

    async def _attempt(self, request: Request) -> tuple[PageCheckout, Authentication | None]:
        """The checkout, and the authentication that its payer is in the midst of, if any."""
        secret = token_hash(request.path_params["token"])
        page = await checkouts.open_page(self._desk.db, secret)
        last = page.last_attempt
        if last is None or last.phase not in _WITH_ISSUER:
            return page, None
        return page, await threeds.of_transaction(
            self._desk.db, page.account_id, last.transaction_id
        )

    async def _of_secret(self, request: Request) -> Authentication | None:
        hashed = token_hash(request.path_params["secret"])
        return await threeds.of_token(self._desk.db, hashed)

    async def _page_token(self, attempt: Authentication) -> str:
        transaction = await self._transaction(attempt)
        connector = self._desk.acquiring.connectors[transaction.connector]
        return page_token(
            transaction.for_checkout, self._desk.page_key, is_live=connector.manifest.is_live
        )

    async def _embedders(self, attempt: Authentication | None) -> tuple[str, ...]:
        if attempt is None:
            return ()
        hashed = token_hash(await self._page_token(attempt))
        return embedders(await checkouts.open_page(self._desk.db, hashed))

    async def _transaction(self, attempt: Authentication) -> Transaction:
        async with self._desk.db.connection() as connection:
            found = await transactions.find(connection, attempt.account_id, attempt.transaction_id)
        assert found is not None
        return found

    async def _token(self, request: Request, name: str) -> str:
        return fields_of(await read_body(request, bytes_max=limits.PAY_BODY_BYTES_MAX)).get(
            name, ""
        )

    def _form_token(self, page: PageCheckout, purpose: str) -> str:
        return form_token(page.id, f"{purpose} {page.attempts}", self._desk.page_key)

    def _is_from_page(self, token: str, page: PageCheckout, purpose: str) -> bool:
        return is_form_token(token, page.id, f"{purpose} {page.attempts}", self._desk.page_key)


_SESSION = "session"
_FRAMES = {"authenticating": "method", "challenge": "challenge"}
_WITH_ISSUER = {Phase.METHOD, Phase.CHALLENGE, Phase.RETURNED_LONG_AGO}


def _read_return(form: Mapping[str, str]) -> Returned | None:
    try:
        return threeds.read_return(form)
    except MessageAtFault as bad:
        log.info("return_at_fault", code=bad.fault.code)
        return None


def _bounce(request: Request, page: PageCheckout, url: str, inputs: Mapping[str, str]) -> Response:
    nonce = new_nonce()
    view = BounceView.of(language_for(request), nonce, url, inputs)
    sent = framed_by(bounce_headers(nonce, url, is_framed=True), embedders(page))
    return Response(fill("bounce", view), headers=sent)


def _returned(request: Request, path: str, origins: Sequence[str]) -> Response:
    nonce = new_nonce()
    view = ReturnedView.of(language_for(request), nonce, path)
    return Response(fill("returned", view), headers=framed_by(returned_headers(nonce), origins))
