"""Speaks with a directory server about one authentication. No database transaction is open here."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from paydesk import limits
from paydesk.cards import CardMissing, Lost, Vault, VaultAway
from paydesk.connectors.contract import Connector, Directory, Request
from paydesk.kit import json
from paydesk.kit.money import Money
from paydesk.kit.page_tokens import return_token
from paydesk.kit.sealing import Sealer
from paydesk.threeds.ask import write_areq
from paydesk.threeds.hear import read_ares
from paydesk.threeds.model import (
    Answer,
    Authentication,
    Completion,
    ErrorHeard,
    MessageAtFault,
    Payer,
    Purpose,
    Question,
    Recurrence,
    Requestor,
    Status,
)
from paydesk.threeds.versions import headers

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking issuers takes.

    public_url is where payers reach us, results_url where directory servers do. page_key makes
    the secret in the addresses that payers come back to.
    Units: challenge_seconds is how long a payer may be with the issuer, the result included.
    """

    public_url: str
    results_url: str
    page_key: bytes = field(repr=False)
    sealer: Sealer
    challenge_seconds: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought, and by whom, as far as an issuer is told."""

    amount: Money
    merchant_name: str
    payer: Payer
    purpose: Purpose = Purpose.PAYMENT
    recurrence: Recurrence | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a question: an answer, or None and why. sent and got are the messages.

    status is the answer's; of one at fault, only that it refuses is believed.
    """

    answer: Answer | None
    why: str | None
    sent: bytes = field(repr=False)
    got: bytes = field(repr=False)
    status: Status | None = None


async def ask(
    asking: Asking,
    vault: Vault,
    connector: Connector,
    authentication: Authentication,
    purchase: Purchase,
    *,
    card_id: str,
    at: datetime,
) -> Heard:
    """Sends the AReq, the card filled in by the vault, and reads what comes back."""
    directory = _directory(connector)
    token = return_token(authentication.id, asking.page_key)
    question = Question(
        id=authentication.id,
        version=authentication.version,
        completion=_completion(authentication),
        amount=purchase.amount,
        at=at,
        requestor=requestor(asking, connector, purchase.merchant_name),
        browser=authentication.browser,
        results_url=asking.results_url,
        notification_url=f"{asking.public_url}/3ds/return/{token}",
        payer=purchase.payer,
        demands_challenge=authentication.demands_challenge,
        purpose=purchase.purpose,
        recurrence=purchase.recurrence,
    )
    body, fill = write_areq(question)
    named = headers(authentication.version, request_id=str(uuid.uuid4()))
    request = Request("POST", directory.url, named, body, fill)
    sent = json.write(body)
    for _ in range(2):
        # Once more at once, but only where no connection could be made. Source: paper A.8.
        got = await _send(vault, connector, authentication, request, card_id=card_id)
        if not isinstance(got, Lost) or got.was_sent:
            break
    if isinstance(got, Lost):
        return Heard(None, got.why, sent, b"")
    return _read(got, authentication, sent, is_test=not connector.manifest.is_live)


def requestor(asking: Asking, connector: Connector, merchant_name: str) -> Requestor:
    """As whom the connector's directory server is asked for this merchant."""
    directory = _directory(connector)
    return Requestor(
        id=directory.requestor_id,
        name=merchant_name,
        url=asking.public_url,
        acquirer_bin=directory.acquirer_bin,
        acquirer_merchant_id=directory.acquirer_merchant_id,
        mcc=directory.mcc,
        country=directory.country,
        server_reference=directory.server_reference,
    )


def _directory(connector: Connector) -> Directory:
    directory = connector.manifest.directory
    assert directory is not None, "an authentication is begun only where there is a directory"
    return directory


async def _send(
    vault: Vault,
    connector: Connector,
    authentication: Authentication,
    request: Request,
    *,
    card_id: str,
) -> bytes | Lost:
    try:
        answer = await vault.forward(
            account_id=authentication.account_id,
            card_id=card_id,
            connector=connector.manifest.name,
            request=request,
            seconds_max=limits.AREQ_SECONDS_MAX,
        )
    except (CardMissing, VaultAway):
        return Lost(was_sent=False, why="vault_away")
    return answer if isinstance(answer, Lost) else answer.body


def _read(got: bytes, authentication: Authentication, sent: bytes, *, is_test: bool) -> Heard:
    try:
        answer = read_ares(got, authentication.id, authentication.version, is_test=is_test)
    except ErrorHeard as error:
        log.warning("areq_refused", code=error.code, detail=error.detail)
        return Heard(None, f"erro_{error.code}", sent, got)
    except MessageAtFault as bad:
        log.warning("ares_at_fault", code=bad.fault.code, detail=bad.fault.detail)
        return Heard(None, f"malformed_{bad.fault.code}", sent, got, _refusal(got))
    return Heard(answer, None, sent, got, answer.status)


def _refusal(got: bytes) -> Status | None:
    """The no that stands in a message at fault: no policy of a merchant's goes over it."""
    try:
        said = json.read_object(got).get("transStatus")
    except json.Unreadable:
        return None
    return Status(said) if said in {Status.DENIED, Status.REJECTED} else None


def _completion(authentication: Authentication) -> Completion:
    if authentication.method_url is None:
        return Completion.NOT_OFFERED
    return Completion.FAILED if authentication.method_seen_at is None else Completion.DONE
