"""Forwards a connector's request: fills the card in, sends it, and cleans the answer."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from paydesk.cards.errors import CardMissing, SecurityCodeGone
from paydesk.cards.model import Lost
from paydesk.connectors.contract import CardField, Connector, Request
from paydesk.kit.json import write
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest, Reason
from paydesk.vault import store
from paydesk.vault.errors import ConnectorMode, ConnectorUnknown, OriginNotOnManifest
from paydesk.vault.fill import fill
from paydesk.vault.redact import redact
from paydesk.vault.safe import Safe
from paydesk.vault.secret import CardSecret, open_secret
from paydesk.vault.wire import CleanAnswer, ForwardCommand

_WHY_LOST = {
    Reason.TIMEOUT: "timeout",
    Reason.DNS: "connect",
    Reason.BUSY: "connect",
    Reason.CONNECT: "connect",
    Reason.TLS: "connect",
}


async def forward(safe: Safe, command: ForwardCommand) -> CleanAnswer | Lost:
    """What the acquirer answered, without the card's data; or Lost, when nothing usable came.

    Raises: ConnectorUnknown, CardMissing, ConnectorMode, SecurityCodeGone, PointerUnknown,
        OriginNotOnManifest, DatabaseAway. Nothing was sent then.
    """
    connector = safe.connectors.get(command.connector)
    if connector is None:
        raise ConnectorUnknown
    values = (await _open_card(safe, command, connector)).fields()
    if CardField.SECURITY_CODE in command.request.fill.values():
        code = safe.security_codes.take(command.card_id)
        if code is None:
            raise SecurityCodeGone
        values[CardField.SECURITY_CODE] = code
    request = _filled(command.request, values)
    try:
        answer = await _outbound(safe, connector, request).send(
            request, _guard(connector.manifest.origins), seconds_max=command.seconds_max
        )
    except OutboundFailure as failure:
        if failure.reason is Reason.FORBIDDEN_ADDRESS:
            raise OriginNotOnManifest from failure
        return Lost(failure.was_sent, _WHY_LOST.get(failure.reason, "broken"))
    # JSON, in which the answer goes back, holds neither NULs nor bytes that are not UTF-8.
    text = redact(
        answer.body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
        number=values[CardField.NUMBER],
        security_code=values.get(CardField.SECURITY_CODE),
    )
    return CleanAnswer(answer.status, text)


async def _open_card(safe: Safe, command: ForwardCommand, connector: Connector) -> CardSecret:
    row = await store.find_card(
        safe.database, account_id=command.account_id, card_id=command.card_id
    )
    if row is None:
        raise CardMissing
    if row.is_live != connector.manifest.is_live:
        raise ConnectorMode
    return await open_secret(
        safe.envelope, row.sealed, account_id=command.account_id, card_id=command.card_id
    )


def _filled(request: Request, values: Mapping[CardField, str]) -> OutboundRequest:
    body: dict[str, Any] | None = None
    if request.body is not None or request.fill:
        body = fill(request.body or {}, request.fill, values)
    return OutboundRequest(
        request.method, request.url, request.headers, b"" if body is None else write(body)
    )


def _outbound(safe: Safe, connector: Connector, request: OutboundRequest) -> Outbound:
    """To a directory server we speak as the 3DS server that it knows, to others as nobody."""
    directory = connector.manifest.directory
    is_directory = directory is not None and request.url == directory.url
    return safe.directories.outbound if is_directory else safe.outbound


@lru_cache
def _guard(origins: frozenset[str]) -> Guard:
    return Guard.origins(origins)
