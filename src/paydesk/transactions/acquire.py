"""Speaks with the acquirer about one attempt. No database transaction is open here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from paydesk import limits
from paydesk.cards import CardMissing, Lost, Vault, VaultAway
from paydesk.connectors.contract import (
    NOT_SENT,
    Answer,
    Authorisation,
    Connector,
    Finding,
    Outcome,
    Proof,
    Request,
    Reversal,
    Unknown,
)
from paydesk.kit import json
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from paydesk.threeds import Asking
from paydesk.transactions.model import Transaction


class Schedule(Protocol):
    """When an unclear outcome is asked about, and how long a hold is kept.

    Units: seconds, as in Acquiring.
    """

    @property
    def inquiry_seconds(self) -> tuple[int, ...]: ...

    @property
    def hold_seconds(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Acquiring:
    """What speaking with acquirers takes.

    Units: seconds; inquiry_seconds[n] is the pause before question n + 1 about an unclear
        outcome; hold_seconds is how long an authorised amount can be captured.
    """

    vault: Vault
    asking: Asking
    outbound: Outbound
    connectors: Mapping[str, Connector]
    timeout_seconds: int
    inquiry_seconds: tuple[int, ...]
    hold_seconds: int

    @property
    def due_seconds(self) -> int:
        """After which an attempt that was sent and got no answer is taken up by the worker."""
        return self.timeout_seconds + limits.SUBMITTING_GRACE_SECONDS


async def authorise(
    acquiring: Acquiring,
    transaction: Transaction,
    *,
    order_reference: str,
    proof: Proof | None = None,
) -> Outcome:
    """Asks the acquirer to move the money; the vault fills the card into the request.

    The attempt must be committed as submitting before. What surely never left is a no.
    Raises: SecurityCodeGone; nothing was sent then.
    """
    connector = acquiring.connectors[transaction.connector]
    order = Authorisation(
        reference=transaction.id,
        order_reference=order_reference,
        amount=transaction.amount,
        capture=not transaction.is_hold,
        proof=proof,
    )
    try:
        answer = await acquiring.vault.forward(
            account_id=transaction.account_id,
            card_id=transaction.card_id or "",
            connector=transaction.connector,
            request=connector.authorise(order),
            seconds_max=acquiring.timeout_seconds,
        )
    except (CardMissing, VaultAway):
        return NOT_SENT
    if isinstance(answer, Lost):
        return Unknown(answer.why) if answer.was_sent else NOT_SENT
    return connector.read_authorisation(answer)


async def inquire(acquiring: Acquiring, transaction: Transaction) -> Finding:
    """Asks the acquirer what became of an attempt."""
    connector = acquiring.connectors[transaction.connector]
    answer = await send(acquiring, connector, connector.inquire(transaction.id))
    return answer if isinstance(answer, Unknown) else connector.read_inquiry(answer)


async def reverse(acquiring: Acquiring, transaction: Transaction) -> Reversal:
    """Asks the acquirer to undo an attempt, or to refuse it should it still arrive."""
    connector = acquiring.connectors[transaction.connector]
    answer = await send(acquiring, connector, connector.reverse(transaction.id))
    return answer if isinstance(answer, Unknown) else connector.read_reversal(answer)


async def send(acquiring: Acquiring, connector: Connector, request: Request) -> Answer | Unknown:
    """Sends a request that carries no card; no usable answer is Unknown."""
    assert not request.fill, "requests with card fields go through the vault"
    body = b"" if request.body is None else json.write(dict(request.body))
    outgoing = OutboundRequest(
        request.method, request.url, {"Content-Type": "application/json", **request.headers}, body
    )
    try:
        answer = await acquiring.outbound.send(
            outgoing,
            Guard.origins(connector.manifest.origins),
            seconds_max=acquiring.timeout_seconds,
        )
    except OutboundFailure as failure:
        return Unknown(failure.reason)
    return Answer(answer.status, answer.body)
