"""Hears from a directory server how a challenge ended: the one result that counts.

It is kept and answered at once; the worker goes on from there. The first result stands, whatever
comes later.
Source: reliability paper A.5.1; 3DS-5, 3DS-6.
"""

import structlog

from paydesk import threeds, transactions
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database
from paydesk.threeds import Asking, Authentication, MessageFault, Result, Status, Version
from paydesk.threeds import State as AskState
from paydesk.threeds import Step as AskStep

log = structlog.get_logger()

_KIND = "RReq"
_UNKNOWN = MessageFault("301", "transaction id not recognised", "threeDSServerTransID")
_OTHER_IDS = MessageFault(
    "305", "ids are not of one transaction", "dsTransID,acsTransID,messageVersion"
)
_AGAIN = {
    Version.V2_2_0: MessageFault(
        "305", "another result was received before", "threeDSServerTransID"
    ),
    Version.V2_3_1: MessageFault("312", "a result was received before", "threeDSServerTransID"),
}
_UNASKED = {
    Version.V2_2_0: MessageFault("305", "there was no challenge", "threeDSServerTransID"),
    Version.V2_3_1: MessageFault("313", "there was no challenge", "threeDSServerTransID"),
}


async def hear_result(
    db: Database, asking: Asking, result: Result, raw: bytes
) -> MessageFault | None:
    """Keeps the result, or says what is wrong with it. raw is the message it was read from."""

    async def work(connection: Connection) -> MessageFault | None:
        found = await threeds.of_id(connection, result.id)
        if found is None:
            return _UNKNOWN
        await transactions.lock(connection, found.account_id, found.transaction_id)
        authentication = await threeds.lock_of_transaction(
            connection, found.account_id, found.transaction_id
        )
        assert authentication is not None
        fault = await _fault(connection, authentication, result, raw)
        if fault is None and not await threeds.has_message(connection, authentication, _KIND):
            await _take(connection, asking, authentication, result, raw)
        return fault

    return await db.transact(work)


async def _fault(
    connection: Connection, authentication: Authentication, result: Result, raw: bytes
) -> MessageFault | None:
    answer = authentication.answer
    if answer is None or answer.status is not Status.CHALLENGE:
        return _UNASKED[authentication.version]
    told = (result.directory_id, result.issuer_id, result.version)
    if told != (answer.directory_id, answer.issuer_id, authentication.version):
        return _OTHER_IDS
    if await threeds.has_message(connection, authentication, _KIND):
        # The answer to the first may have been lost; only 2.3.1 has a code for a repeat.
        is_same = await threeds.has_message(connection, authentication, _KIND, raw)
        if not is_same or authentication.version is Version.V2_3_1:
            return _AGAIN[authentication.version]
    return None


async def _take(
    connection: Connection,
    asking: Asking,
    authentication: Authentication,
    result: Result,
    raw: bytes,
) -> None:
    await threeds.keep_message(connection, authentication, _KIND, raw)
    if authentication.state is not AskState.CHALLENGE:
        log.info("result_too_late", transaction_id=authentication.transaction_id)
        return
    if threeds.contradicts(authentication.returned_status, result.status):
        # The browser's word is no proof of anything; that it differs is worth knowing.
        log.warning("return_differs", transaction_id=authentication.transaction_id)
    said = threeds.said_in_result(asking, authentication, result)
    await threeds.move(connection, authentication, AskStep.END, said)
    account_id, transaction_id = authentication.account_id, authentication.transaction_id
    await transactions.look_now(connection, account_id, transaction_id)
    row = f"{account_id}/{transaction_id}"
    await jobs.enqueue(connection, jobs.LOOK_AT_TRANSACTION, row, delay_seconds=0)
