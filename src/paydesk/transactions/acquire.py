"""Speaks with the acquirer or bank about one attempt. No database transaction is open here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from paydesk import limits
from paydesk.cards import CardMissing, Lost, Vault, VaultAway
from paydesk.connectors.contract import (
    NOT_SENT,
    Answer,
    Authorisation,
    Bank,
    Collection,
    Connector,
    Deposit,
    Finding,
    FirstPayment,
    Outcome,
    Proof,
    Provider,
    Request,
    Reversal,
    StatementPage,
    Unknown,
    Way,
)
from paydesk.kit import json
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from paydesk.kit.page_tokens import return_token
from paydesk.payment_methods import MethodType
from paydesk.threeds import Asking
from paydesk.transactions.model import Transaction
from paydesk.transactions.states import State


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
    """What speaking with acquirers and banks takes.

    Units: seconds; inquiry_seconds[n] is the pause before question n + 1 about an unclear
        outcome; hold_seconds is how long an authorised amount can be captured;
        charge_retry_days is how long after the day of its first try a charge is tried again.
    """

    vault: Vault
    asking: Asking
    outbound: Outbound
    connectors: Mapping[str, Connector]
    banks: Mapping[str, Bank]
    timeout_seconds: int
    inquiry_seconds: tuple[int, ...]
    hold_seconds: int
    charge_retry_days: tuple[int, ...]

    def provider(self, name: str) -> Provider:
        """The acquirer or bank of this name."""
        return self.connectors.get(name) or self.banks[name]

    def verifies_for_nothing(self, connector: str | None) -> bool:
        """Whether this acquirer tells of a card that it is good without taking any money."""
        known = self.connectors.get(connector or "")
        return known is not None and known.manifest.verifies_for_nothing

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
    first: FirstPayment | None = None,
) -> Outcome:
    """Asks the acquirer to move the money; the vault fills the card into the request.

    The attempt must be committed as submitting before. What surely never left is a no. first is
    given where the payer is not there.
    Raises: SecurityCodeGone; nothing was sent then.
    """
    connector = acquiring.connectors[transaction.connector]
    order = Authorisation(
        reference=transaction.id,
        order_reference=order_reference,
        amount=transaction.amount,
        capture=not transaction.is_hold,
        proof=proof,
        first=first,
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


_WAYS = {MethodType.INSTANT_EFT: Way.LINK, MethodType.SCAN_TO_PAY: Way.CODE}


async def collect(acquiring: Acquiring, transaction: Transaction) -> Outcome:
    """Asks the bank to have the payer pay there. What surely never left is a no.

    The attempt must be committed as submitting before.
    """
    bank = acquiring.banks[transaction.connector]
    assert transaction.handover_until is not None, "an attempt at a bank has an end"
    secret = return_token(transaction.id, acquiring.asking.page_key)
    order = Collection(
        reference=transaction.id,
        amount=transaction.amount,
        way=_WAYS[transaction.method],
        return_url=f"{acquiring.asking.public_url}/bank/return/{secret}",
        notify_url=f"{acquiring.asking.public_url}/bank/notify/{bank.manifest.name}",
        until=transaction.handover_until,
    )
    try:
        answer = await _send(acquiring, bank, bank.collect(order))
    except OutboundFailure as failure:
        return Unknown(failure.reason) if failure.was_sent else NOT_SENT
    return bank.read_collection(answer)


async def list_deposits(
    acquiring: Acquiring, transaction: Transaction
) -> Sequence[Deposit] | Unknown:
    """What the bank says has come by hand for an attempt."""
    bank = acquiring.banks[transaction.connector]
    answer = await send(acquiring, bank, bank.list_deposits(transaction.payer_reference or ""))
    return answer if isinstance(answer, Unknown) else bank.read_deposits(answer)


async def list_credits(acquiring: Acquiring, bank: Bank, after: str) -> StatementPage | Unknown:
    """What the bank says has come by hand since a cursor, for whatever it was."""
    answer = await send(acquiring, bank, bank.list_credits(after))
    return answer if isinstance(answer, Unknown) else bank.read_credits(answer)


async def find_out(acquiring: Acquiring, transaction: Transaction) -> Finding | Reversal:
    """Asks what an attempt that is due and not clear needs asked."""
    if transaction.state is State.SUBMITTING:
        # Whoever sent it has died, or lost the answer: it is unknown from now on.
        return Unknown("no answer in time")
    if transaction.state in {State.REVERSING, State.UNKNOWN_REVERSAL}:
        return await reverse(acquiring, transaction)
    return await inquire(acquiring, transaction)


async def inquire(acquiring: Acquiring, transaction: Transaction) -> Finding:
    """Asks the acquirer or bank what became of an attempt."""
    provider = acquiring.provider(transaction.connector)
    answer = await send(acquiring, provider, provider.inquire(transaction.id))
    return answer if isinstance(answer, Unknown) else provider.read_inquiry(answer)


async def reverse(acquiring: Acquiring, transaction: Transaction) -> Reversal:
    """Asks for an attempt to be undone, or refused should it still arrive."""
    provider = acquiring.provider(transaction.connector)
    answer = await send(acquiring, provider, provider.reverse(transaction.id))
    return answer if isinstance(answer, Unknown) else provider.read_reversal(answer)


async def send(acquiring: Acquiring, provider: Provider, request: Request) -> Answer | Unknown:
    """Sends a request that carries no card; no usable answer is Unknown."""
    try:
        return await _send(acquiring, provider, request)
    except OutboundFailure as failure:
        return Unknown(failure.reason)


async def _send(acquiring: Acquiring, provider: Provider, request: Request) -> Answer:
    assert not request.fill, "requests with card fields go through the vault"
    body = b"" if request.body is None else json.write(dict(request.body))
    outgoing = OutboundRequest(
        request.method, request.url, {"Content-Type": "application/json", **request.headers}, body
    )
    answer = await acquiring.outbound.send(
        outgoing,
        Guard.origins(provider.manifest.origins),
        seconds_max=acquiring.timeout_seconds,
    )
    return Answer(answer.status, answer.body)
