"""The vault's calls over HTTP: what is read, which verb it is, which status answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paydesk import limits
from paydesk.cards.model import KeptCard
from paydesk.errors import DatabaseAway, Kind, Refusal
from paydesk.kit.json import write
from paydesk.settings import SettingFault
from paydesk.vault import store, wire
from paydesk.vault.errors import RequestMalformed
from paydesk.vault.forward import forward
from paydesk.vault.keep import check_card, keep_card, use_card
from paydesk.vault.master_keys import MasterKeys
from paydesk.vault.remember import remember_security_code
from paydesk.vault.rotate import VersionInUse, WrongMasterKey, retire, rewrap, take_up
from paydesk.vault.safe import Safe
from paydesk.vault.save import destroy_card, save_card

log = structlog.get_logger()

_STATUSES = {
    Kind.LAYOUT: 400,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.GONE: 410,
    Kind.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the JSON object that goes with it."""

    status: int
    body: dict[str, Any]


class Opening(Protocol):
    """Where the safe is, once the database has been reached, and where its master keys are."""

    safe: Safe | None

    def read_keys(self) -> MasterKeys: ...


def routes(opening: Opening) -> list[Route]:
    """The vault's routes. All answer 503 until the safe is open."""

    def route(path: str, verb: Callable[..., Awaitable[Reply]], method: str) -> Route:
        async def endpoint(request: Request) -> Response:
            reply = await _reply(opening.safe, partial(verb, **request.path_params), request)
            return Response(write(reply.body), reply.status, media_type="application/json")

        return Route(path, endpoint, methods=[method])

    return [
        route("/cards", _keep, "POST"),
        route("/cards/check", _check, "POST"),
        route("/cards/{card_id}/security-code", _remember, "POST"),
        route("/cards/{card_id}/use", _use, "POST"),
        route("/cards/{card_id}/save", _save, "POST"),
        route("/cards/{card_id}/destroy", _destroy, "POST"),
        route("/forward", _forward, "POST"),
        route("/keys", _keys, "GET"),
        route("/keys/take-up", partial(_take_up, opening.read_keys), "POST"),
        route("/keys/rewrap", _rewrap, "POST"),
        route("/keys/retire", _retire, "POST"),
        route("/health", _health, "GET"),
    ]


async def _reply(
    safe: Safe | None, verb: Callable[[Safe, bytes], Awaitable[Reply]], request: Request
) -> Reply:
    if safe is None:
        return _refused(DatabaseAway())
    try:
        return await verb(safe, await _body(request))
    except Refusal as refusal:
        return _refused(refusal)
    # The text of a bug might quote a card, so it ends here and is not logged.
    except Exception as bug:  # noqa: BLE001
        log.error(  # noqa: TRY400
            "vault_bug", error=type(bug).__name__, places=_places(bug)
        )
        return Reply(500, {"fault": "vault_bug"})


def _refused(refusal: Refusal) -> Reply:
    return Reply(_STATUSES[refusal.kind], {"fault": refusal.rule()})


async def _keep(safe: Safe, raw: bytes) -> Reply:
    return _kept(await keep_card(safe, wire.read_keep(raw)))


async def _use(safe: Safe, raw: bytes, *, card_id: str) -> Reply:
    return _kept(await use_card(safe, card_id, wire.read_use(raw)))


def _kept(result: KeptCard | Mapping[str, str]) -> Reply:
    if isinstance(result, KeptCard):
        return Reply(200, wire.card_kept(result))
    return Reply(422, wire.card_at_fault(result))


async def _save(safe: Safe, raw: bytes, *, card_id: str) -> Reply:
    await save_card(safe, card_id, wire.read_save(raw))
    return Reply(200, {})


async def _destroy(safe: Safe, raw: bytes, *, card_id: str) -> Reply:
    await destroy_card(safe, card_id, wire.read_account(raw))
    return Reply(200, {})


async def _check(_safe: Safe, raw: bytes) -> Reply:
    faults = check_card(wire.read_keep(raw))
    return Reply(422, wire.card_at_fault(faults)) if faults else Reply(200, {})


async def _forward(safe: Safe, raw: bytes) -> Reply:
    return Reply(200, wire.forwarded(await forward(safe, wire.read_forward(raw))))


async def _remember(safe: Safe, raw: bytes, *, card_id: str) -> Reply:
    faults = await remember_security_code(safe, card_id, wire.read_security_code(raw))
    return Reply(422, wire.card_at_fault(faults)) if faults else Reply(200, {})


async def _keys(safe: Safe, _raw: bytes) -> Reply:
    rows = await store.count_by_version(safe.database)
    return Reply(200, {"current": safe.envelope.keys.current, "rows": _texts(rows)})


async def _take_up(read_keys: Callable[[], MasterKeys], safe: Safe, _raw: bytes) -> Reply:
    try:
        keys = read_keys()
        await take_up(safe.database, keys)
    except (SettingFault, WrongMasterKey) as fault:
        return Reply(409, {"fault": "keys_unfit", "why": str(fault)})
    safe.envelope.keys = keys
    return Reply(200, {"current": keys.current})


async def _rewrap(safe: Safe, raw: bytes) -> Reply:
    done = await rewrap(safe.database, safe.envelope, wire.read_place(raw))
    return Reply(200, asdict(done))


async def _retire(safe: Safe, _raw: bytes) -> Reply:
    try:
        retired = await retire(safe.database, safe.envelope.keys)
    except VersionInUse as used:
        return Reply(409, {"fault": "version_in_use", "rows": _texts(used.rows)})
    return Reply(200, {"retired": sorted(retired)})


def _texts(rows: Mapping[int, int]) -> dict[str, int]:
    return {str(version): count for version, count in rows.items()}


async def _health(safe: Safe, _raw: bytes) -> Reply:
    if not safe.directories.are_ready:
        return Reply(503, {"status": False})
    await store.touch(safe.database)
    return Reply(200, {"status": True})


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limits.BODY_BYTES_MAX:
            raise RequestMalformed
    return body


def _places(bug: BaseException) -> list[str]:
    """Where it happened, innermost last: files and lines, never values."""
    places = []
    trace = bug.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places
