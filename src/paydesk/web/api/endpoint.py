"""What every API call has in common: who calls, how often, with what body, and refusals."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from paydesk import limits
from paydesk.app import Desk
from paydesk.errors import InvalidBatch, Refusal
from paydesk.kit import ids, json
from paydesk.merchants import Account, Section
from paydesk.payment_methods import KnownMethods, PaymentMethod
from paydesk.web.api.errors import (
    BodyHoldsNul,
    BodyNumberTooLong,
    BodyTooDeep,
    BodyUnreadable,
    KeyReadOnly,
    MediaTypeUnsupported,
    RateExceeded,
    SectionForbidden,
    broken,
    refused,
)
from paydesk.web.behind import Behind
from paydesk.web.body import read_body
from paydesk.web.rate import RateMeter

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Counter:
    """The desk as the API's calls use it: with the rate meter and what is known of accounts."""

    desk: Desk
    rate: RateMeter
    methods: KnownMethods
    behind: Behind

    def forget(self) -> None:
        """Drops what is known of accounts and keys; a notice says that some of it changed."""
        self.methods.forget()
        self.desk.keys.forget()

    async def payment_methods(self, account: Account) -> tuple[PaymentMethod, ...]:
        """The account's active payment methods, from memory if they are known."""
        return await self.methods.of(account.id)

    def count(self, account: Account, path: str) -> None:
        """Counts a call of this account's key. Raises: RateExceeded, at this path."""
        allowed = self.desk.settings.api_rate_per_second
        if allowed and self.rate.count(account.key_id) > allowed:
            raise RateExceeded(path, retry_after_seconds=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call. body is b"" for a GET."""

    account: Account
    request: Request
    body: bytes

    def named(self, prefix: str, missing: type[Refusal]) -> str:
        """The id in the path. Raises: missing, where it can't be one with this prefix."""
        named: str = self.request.path_params["id"]
        if not ids.looks_like(prefix, named):
            raise missing("id")
        return named

    def record(self) -> dict[str, Any]:
        """The body's JSON object. Raises: MediaTypeUnsupported, and for a body of kind LAYOUT."""
        media_type = self.request.headers.get("content-type", "application/json")
        if media_type.partition(";")[0].strip().lower() != "application/json":
            raise MediaTypeUnsupported("Content-Type")
        try:
            return json.read_object(self.body)
        except json.Unreadable as unreadable:
            refusal = _WHY_UNREADABLE.get(type(unreadable), BodyUnreadable)
            raise refusal(unreadable.path) from unreadable


_WHY_UNREADABLE: Mapping[type[json.Unreadable], type[Refusal]] = {
    json.TooDeep: BodyTooDeep,
    json.HoldsNul: BodyHoldsNul,
    json.NumberTooLong: BodyNumberTooLong,
}


Verb = Callable[[Counter, Call], Awaitable[Response]]


def endpoint(
    counter: Counter, verb: Verb, *, section: Section | None = None, writes: bool
) -> Endpoint:
    """The verb as an endpoint: authenticated, allowed, counted, its refusals rendered."""

    async def answer(request: Request) -> Response:
        body = b""
        try:
            account = await counter.desk.keys.authenticate(request.headers.get("authorization"))
            counter.count(account, "authorization")
            _check_access(account, section, writes=writes)
            if request.method == "POST":
                body = await read_body(request, bytes_max=limits.BODY_BYTES_MAX)
            return await verb(counter, Call(account, request, body))
        except Refusal as refusal:
            # A batch's refusal has its records itself; to read the body again costs as much again.
            echo = None if isinstance(refusal, InvalidBatch) else _echo(body)
            return refused(refusal, record=echo)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception:
            request_id = ids.new("req")
            log.exception("bug", request_id=request_id, path=request.url.path)
            return broken(request_id)

    return answer


def _echo(body: bytes) -> dict[str, Any] | None:
    """The record to show beside its faults, as far as it can be read."""
    try:
        return json.read_object(body)
    except json.Unreadable:
        return None


def _check_access(account: Account, section: Section | None, *, writes: bool) -> None:
    access = account.access
    if section is not None and access.sections is not None and section not in access.sections:
        raise SectionForbidden("authorization")
    if writes and not access.may_write:
        raise KeyReadOnly("authorization")


def success(result: Any, *, key: str = "result") -> bytes:
    """The body of a successful answer."""
    return json.write({"status": True, key: result})


def listed(entries: Sequence[Mapping[str, Any]], next_cursor: str | None, *, key: str) -> Response:
    """The answer with one page of a list."""
    return answered(json.write({"status": True, key: entries, "next_cursor": next_cursor}))


def answered(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        body,
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/json",
    )
