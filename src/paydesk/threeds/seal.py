"""Keeps what an issuer said, the authentication value sealed, and makes the proof of it again."""

from dataclasses import replace
from typing import Any

from paydesk.connectors.contract import Connector, Proof
from paydesk.db.connection import Connection
from paydesk.kit.sealing import Sealer
from paydesk.threeds import store
from paydesk.threeds.directory import Asking, requestor
from paydesk.threeds.model import Answer, Authentication, Result
from paydesk.threeds.prove import prove


def said_in_answer(
    asking: Asking, authentication: Authentication, answer: Answer
) -> dict[str, Any]:
    """An ARes as columns."""
    sealed = _sealed(asking.sealer, authentication, answer.value)
    return store.answer_columns(answer, sealed_value=sealed)


def said_in_result(
    asking: Asking, authentication: Authentication, result: Result
) -> dict[str, Any]:
    """An RReq as columns."""
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

    Raises: ValueError, for an authentication that proves nothing: a bug.
    """
    answer, result = authentication.answer, authentication.result
    sealed = await store.sealed_value(connection, authentication.account_id, authentication.id)
    if answer is None or sealed is None:
        raise ValueError("nothing was proved")
    value = asking.sealer.open(sealed, _context(authentication)).decode()
    return prove(
        authentication.id,
        authentication.version,
        requestor(asking, connector, merchant_name),
        answer if result is not None else replace(answer, value=value),
        None if result is None else replace(result, value=value),
    )


def _sealed(sealer: Sealer, authentication: Authentication, value: str | None) -> bytes | None:
    return None if value is None else sealer.seal(value.encode(), _context(authentication))


def _context(authentication: Authentication) -> bytes:
    return f"{authentication.account_id}|{authentication.id}|authentication_value".encode()
