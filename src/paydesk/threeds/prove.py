"""What an issuer said, as it is kept, and as the acquirer is shown it."""

from typing import Any

from paydesk.connectors.contract import Connector, Proof
from paydesk.db.connection import Connection
from paydesk.kit.sealing import Sealer
from paydesk.threeds import store
from paydesk.threeds.directory import Asking
from paydesk.threeds.model import Answer, Authentication, Result


def said_in_answer(
    asking: Asking, authentication: Authentication, answer: Answer
) -> dict[str, Any]:
    """An ARes as columns, its authentication value sealed."""
    sealed = _sealed(asking.sealer, authentication, answer.value)
    return store.answer_columns(answer, sealed_value=sealed)


def said_in_result(
    asking: Asking, authentication: Authentication, result: Result
) -> dict[str, Any]:
    """An RReq as columns, its authentication value sealed."""
    sealed = _sealed(asking.sealer, authentication, result.value)
    return store.result_columns(result, sealed_value=sealed)


async def proof(
    connection: Connection,
    asking: Asking,
    connector: Connector,
    authentication: Authentication,
    merchant_name: str,
) -> Proof:
    """The proof for the acquirer that the payer is the card's holder.

    Source: reliability paper A.10. Card, amount and currency are those of the same attempt.
    """
    directory, answer = connector.manifest.directory, authentication.answer
    assert directory is not None
    assert answer is not None
    result = authentication.result
    sealed = await store.sealed_value(connection, authentication.account_id, authentication.id)
    value = None if sealed is None else asking.sealer.open(sealed, _context(authentication))
    return Proof(
        version=authentication.version,
        eci=(answer.eci if result is None else result.eci) or "",
        value="" if value is None else value.decode(),
        directory_id=answer.directory_id,
        server_id=authentication.id,
        issuer_id=answer.issuer_id,
        status=answer.status,
        result_status=None if result is None else result.status,
        status_reason=answer.reason if result is None else result.reason,
        challenge_cancel=None if result is None else result.cancelled_by,
        acquirer_bin=directory.acquirer_bin,
        acquirer_merchant_id=directory.acquirer_merchant_id,
        merchant_name=merchant_name,
        merchant_country=directory.country,
    )


def _sealed(sealer: Sealer, authentication: Authentication, value: str | None) -> bytes | None:
    return None if value is None else sealer.seal(value.encode(), _context(authentication))


def _context(authentication: Authentication) -> bytes:
    return f"{authentication.account_id}|{authentication.id}|authentication_value".encode()
