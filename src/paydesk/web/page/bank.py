"""The payer's way to their bank and back, and the bank's notices.

What comes back by the payer's browser is a hint, and so is a notice: they make us ask the bank.
"""

from datetime import UTC, datetime

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from paydesk import checkouts, limits, transactions
from paydesk.app import Desk
from paydesk.checkouts.model import PageCheckout, Phase
from paydesk.errors import DatabaseAway
from paydesk.kit.money import Money
from paydesk.kit.page_tokens import form_token, is_form_token, page_token, token_hash
from paydesk.transactions import Transaction
from paydesk.web.behind import Behind
from paydesk.web.body import BodyTooLarge, read_body
from paydesk.web.page.forms import LEAVE_INPUT, fields_of
from paydesk.web.page.guard import guarded, to_page

log = structlog.get_logger()

LEAVE = "leave the bank"
_AT_BANK = {Phase.BANK, Phase.SCAN, Phase.TRANSFER}


class AtBank:
    """The routes of a payment at the payer's bank."""

    def __init__(self, desk: Desk, behind: Behind) -> None:
        self._desk = desk
        self._behind = behind

    def routes(self) -> list[Route]:
        leave = "/checkout/{token}/bank/leave"
        return [
            Route(leave, guarded(self.leave), methods=["POST"]),
            Route(leave, guarded(self.go_back), methods=["GET"]),
            Route("/bank/return/{secret}", guarded(self.returned), methods=["GET"]),
            Route("/bank/notify/{bank}", self.notified, methods=["POST"]),
        ]

    async def go_back(self, request: Request) -> Response:
        """To the page itself, for who reloads the address that a form was sent to."""
        return to_page(request)

    async def leave(self, request: Request) -> Response:
        """The payer wants to pay otherwise."""
        page = await checkouts.open_page(self._desk.db, token_hash(request.path_params["token"]))
        form = fields_of(await read_body(request, bytes_max=limits.PAY_BODY_BYTES_MAX))
        is_ours = is_form_token(
            form.get(LEAVE_INPUT, ""), page.id, _purpose(page), self._desk.page_key
        )
        last = page.last_attempt
        if is_ours and last is not None and last.phase in _AT_BANK:
            transaction = await self._transaction(page.account_id, last.transaction_id)
            await self._behind.run(
                checkouts.leave_bank(self._desk.db, self._desk.acquiring, transaction),
                seconds_max=limits.PAY_ANSWER_SECONDS_MAX,
            )
        return to_page(request)

    async def returned(self, request: Request) -> Response:
        """The payer's browser is back from the bank."""
        hashed = token_hash(request.path_params["secret"])
        transaction = await transactions.of_return(self._desk.db, hashed)
        if transaction is None:
            raise checkouts.CheckoutMissing("secret")
        await self._behind.run(
            checkouts.come_back(self._desk.db, self._desk.acquiring, transaction),
            seconds_max=limits.PAY_ANSWER_SECONDS_MAX,
        )
        is_live = self._desk.acquiring.banks[transaction.connector].manifest.is_live
        token = page_token(transaction.for_checkout, self._desk.page_key, is_live=is_live)
        return RedirectResponse(f"/checkout/{token}", 303, {"Cache-Control": "no-store"})

    async def notified(self, request: Request) -> Response:
        """The bank says that something happened: 204 once the worker knows of it."""
        bank = self._desk.acquiring.banks.get(request.path_params["bank"])
        if bank is None:
            return Response(status_code=404)
        try:
            body = await read_body(request, bytes_max=limits.NOTICE_BYTES_MAX)
            reference = bank.read_notice(dict(request.headers), body, datetime.now(UTC))
            if reference is None:
                log.warning("notice_not_the_banks", bank=bank.manifest.name)
                return Response(status_code=401)
            await checkouts.notice(self._desk.db, self._desk.acquiring, reference)
        except BodyTooLarge:
            return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        except DatabaseAway:
            return Response(status_code=503, headers={"Retry-After": "2"})
        return Response(status_code=204)

    async def _transaction(self, account_id: int, transaction_id: str) -> Transaction:
        async with self._desk.db.connection() as connection:
            found = await transactions.find(connection, account_id, transaction_id)
        assert found is not None
        return found


def leave_token(page: PageCheckout, key: bytes) -> str:
    """The token of the form that leaves the attempt at hand."""
    return form_token(page.id, _purpose(page), key)


def trial_url(desk: Desk, page: PageCheckout) -> str:
    """Where the sender of a transfer can be played, for a test checkout at a bank that has that."""
    last = page.last_attempt
    if page.is_live or last is None or last.phase is not Phase.TRANSFER:
        return ""
    bank = desk.acquiring.banks.get(last.connector)
    if bank is None:  # its merchant sees what comes in
        return ""
    missing = Money(page.amount.minor - last.received, page.amount.currency)
    notify_url = f"{desk.settings.public_url}/bank/notify/{last.connector}"
    return bank.trial_url(last.payer_reference or "", missing, notify_url) or ""


def _purpose(page: PageCheckout) -> str:
    return f"{LEAVE} {page.attempts}"
