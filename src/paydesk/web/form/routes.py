"""`POST /checkout/form`: a plain HTML form of the merchant's site becomes a checkout.

The account is named by its public key, which anybody can read. So what only the merchant may say
needs the merchant's signature: see `Terms.is_trusted` in `checkouts/wire.py`.
"""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from paydesk import checkouts, limits, merchants
from paydesk.errors import Kind, Refusal
from paydesk.kit import ids
from paydesk.kit.page_tokens import page_token, token_hash
from paydesk.merchants import Account, KeyInvalid
from paydesk.web.api.checkouts import page_url, terms_of
from paydesk.web.api.endpoint import Counter
from paydesk.web.body import read_body
from paydesk.web.form.inputs import read_inputs
from paydesk.web.form.nest import nest
from paydesk.web.form.refused import Refused, our_fault
from paydesk.web.form.signature import SIGNATURE_INPUT, is_signed

log = structlog.get_logger()

PUBLIC_KEY_INPUT = "public_key"


class PublicKeyUnknown(Refusal):
    """There is no account with this public key."""

    kind = Kind.UNAUTHENTICATED


class SignatureMissing(Refusal):
    """This account takes signed forms only."""


class SignatureWrong(Refusal):
    """The signature does not fit the form: an input was changed, or another secret was used."""


class FormExpected(Refusal):
    """A shop sends its form here. Please start from the shop."""

    kind = Kind.METHOD


class Forms:
    """The form's route."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def routes(self) -> list[Route]:
        return [
            Route(f"{prefix}/checkout/form", verb, methods=[method])
            for prefix in ("", "/1.0")
            for method, verb in (("POST", self.post), ("GET", self.explain))
        ]

    async def post(self, request: Request) -> Response:
        """On to the page of a new checkout, or a page that says what to correct."""
        refused = Refused(request.headers.get("referer", ""))
        try:
            url = await self._make(request, refused)
        except Refusal as refusal:
            return refused.page(refusal)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception:
            request_id = ids.new("req")
            log.exception("bug", request_id=request_id, path=request.url.path)
            return our_fault(request_id)
        return RedirectResponse(url, 303, {"Cache-Control": "no-store"})

    async def explain(self, request: Request) -> Response:
        """What is said to a browser that asks for the address itself, as after an error page."""
        refused = Refused(request.headers.get("referer", ""))
        return refused.page(FormExpected(), headers={"Allow": "POST"})

    async def _make(self, request: Request, refused: Refused) -> str:
        body = await read_body(request, bytes_max=limits.BODY_BYTES_MAX)
        inputs = read_inputs(request.headers.get("content-type"), body)
        account = refused.account = await self._account(inputs)
        is_trusted = await self._is_signed(account, inputs)
        nested = refused.nested = nest(inputs)
        return await self._page_url(account, nested.record, is_trusted=is_trusted)

    async def _account(self, inputs: Mapping[str, str]) -> Account:
        public_key = inputs.get(PUBLIC_KEY_INPUT, "")
        try:
            account = await self._counter.desk.keys.authenticate_public(public_key)
        except KeyInvalid as invalid:
            raise PublicKeyUnknown(PUBLIC_KEY_INPUT) from invalid
        self._counter.count(account, PUBLIC_KEY_INPUT)
        return account

    async def _is_signed(self, account: Account, inputs: Mapping[str, str]) -> bool:
        desk = self._counter.desk
        signature = inputs.get(SIGNATURE_INPUT)
        if signature is None:
            if account.policies.signed_forms_only:
                raise SignatureMissing(SIGNATURE_INPUT)
            return False
        secrets = [
            merchants.open_webhook_secret(desk.sealer, sealed)
            for sealed in await merchants.webhook_secrets(desk.db, account.id)
        ]
        if not any(is_signed(inputs, signature, secret) for secret in secrets):
            raise SignatureWrong(SIGNATURE_INPUT)
        return True

    async def _page_url(
        self, account: Account, record: Mapping[str, object], *, is_trusted: bool
    ) -> str:
        desk = self._counter.desk
        terms = replace(
            await terms_of(self._counter, account),
            is_form=True,
            is_trusted=is_trusted,
            allowed_origins=account.allowed_origins,
        )
        command = checkouts.read_create(record, terms)
        token = page_token(command.id, desk.page_key, is_live=account.is_live)
        await desk.db.transact(
            lambda connection: checkouts.create_checkout(
                connection, account, command, token_hash(token)
            )
        )
        return page_url(desk, token)
