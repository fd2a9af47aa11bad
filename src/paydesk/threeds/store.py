"""All SQL of authentications and of their messages."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from paydesk import limits
from paydesk.db.connection import Connection, Database, Row
from paydesk.db.statement import Statement
from paydesk.kit import json
from paydesk.kit.moves import Raced
from paydesk.threeds.model import (
    Answer,
    Authentication,
    Browser,
    Policy,
    Result,
    Script,
    Status,
    Version,
)
from paydesk.threeds.states import State

_COLUMNS = """
    account_id, id, transaction_id, state, moves, version, browser, method_url, method_seen_at,
    charge_if_unavailable, directory_id, issuer_id, challenge_url, challenge_window, status,
    status_reason, result_status, result_reason, challenge_cancel, eci, sealed_value,
    cardholder_text, returned_at, returned_status, demands_challenge
"""

_INSERT = Statement("""
    insert into authentications (
        account_id, id, transaction_id, state, version, token_hash, browser, method_url,
        charge_if_unavailable, demands_challenge
    ) values (
        :account_id, :id, :transaction_id, :state, :version, :token_hash, :browser, :method_url,
        :charge_if_unavailable, :demands_challenge
    )
""")


async def insert(
    connection: Connection, authentication: Authentication, *, token_hash: bytes
) -> None:
    await _INSERT.run(
        connection,
        {
            "account_id": authentication.account_id,
            "id": authentication.id,
            "transaction_id": authentication.transaction_id,
            "state": authentication.state,
            "version": authentication.version,
            "token_hash": token_hash,
            "browser": json.write(asdict(authentication.browser)).decode(),
            "method_url": authentication.method_url,
            "charge_if_unavailable": authentication.policy.charge_if_unavailable,
            "demands_challenge": authentication.demands_challenge,
        },
    )


async def lock_of_transaction(
    connection: Connection, account_id: int, transaction_id: str
) -> Authentication | None:
    """The attempt's authentication, held for this database transaction."""
    row = await connection.fetchrow(
        f"""
        select {_COLUMNS} from authentications where transaction_id = $2 and account_id = $1
        for no key update
        """,
        account_id,
        transaction_id,
    )
    return None if row is None else _authentication(row)


async def of_transaction(
    db: Database, account_id: int, transaction_id: str
) -> Authentication | None:
    row = await db.row(
        f"select {_COLUMNS} from authentications where transaction_id = $2 and account_id = $1",
        account_id,
        transaction_id,
    )
    return None if row is None else _authentication(row)


async def of_id(connection: Connection, authentication_id: str) -> Authentication | None:
    """The authentication with this threeDSServerTransID, of whichever account."""
    row = await connection.fetchrow(
        f"select {_COLUMNS} from authentications where id = $1", authentication_id
    )
    return None if row is None else _authentication(row)


async def of_token(db: Database, token_hash: bytes) -> Authentication | None:
    row = await db.row(f"select {_COLUMNS} from authentications where token_hash = $1", token_hash)
    return None if row is None else _authentication(row)


async def note_method(db: Database, authentication: Authentication) -> None:
    """Notes that the method frame reported, if it is still waited for."""
    await db.execute(
        """
        update authentications set method_seen_at = now()
        where account_id = $1 and id = $2 and state = 'method' and method_seen_at is null
        """,
        authentication.account_id,
        authentication.id,
    )


async def note_return(
    db: Database, authentication: Authentication, status: str | None
) -> str | None:
    """Notes that the payer's browser came back from the challenge; the first time counts.

    The result's status is given back where there is one by then.
    """
    result: str | None = await db.value(
        """
        update authentications set returned_at = now(), returned_status = $3
        where account_id = $1 and id = $2 and returned_at is null and challenge_url is not null
        returning result_status
        """,
        authentication.account_id,
        authentication.id,
        status,
    )
    return result


_SAVE_MOVE = Statement(f"""
    update authentications set
        state = :to_state, moves = moves + 1,
        directory_id = coalesce(:directory_id, directory_id),
        issuer_id = coalesce(:issuer_id, issuer_id),
        challenge_url = coalesce(:challenge_url, challenge_url),
        challenge_window = coalesce(:challenge_window, challenge_window),
        status = coalesce(:status, status),
        status_reason = coalesce(:status_reason, status_reason),
        result_status = coalesce(:result_status, result_status),
        result_reason = coalesce(:result_reason, result_reason),
        challenge_cancel = coalesce(:challenge_cancel, challenge_cancel),
        eci = coalesce(:eci, eci),
        sealed_value = coalesce(:sealed_value, sealed_value),
        cardholder_text = coalesce(:cardholder_text, cardholder_text),
        updated_at = now()
    where account_id = :account_id and id = :id and state = :from_state and moves = :moves
    returning {_COLUMNS}
""")

_NOTHING_SAID: Mapping[str, Any] = dict.fromkeys(
    (
        "directory_id",
        "issuer_id",
        "challenge_url",
        "challenge_window",
        "status",
        "status_reason",
        "result_status",
        "result_reason",
        "challenge_cancel",
        "eci",
        "sealed_value",
        "cardholder_text",
    )
)


async def save_move(
    connection: Connection,
    before: Authentication,
    *,
    to: State,
    said: Mapping[str, Any],
) -> Authentication:
    """The authentication in its new state, saved with what was said, if it still is where it was.

    Raises: Raced.
    """
    values = {
        **_NOTHING_SAID,
        **said,
        "account_id": before.account_id,
        "id": before.id,
        "from_state": before.state,
        "to_state": to,
        "moves": before.moves,
    }
    row = await _SAVE_MOVE.row(connection, values)
    if row is None:
        raise Raced
    return _authentication(row)


def answer_columns(answer: Answer, *, sealed_value: bytes | None) -> dict[str, Any]:
    """An ARes as columns."""
    return {
        "directory_id": answer.directory_id,
        "issuer_id": answer.issuer_id,
        "challenge_url": answer.challenge_url,
        "status": answer.status,
        "status_reason": answer.reason,
        "eci": answer.eci,
        "sealed_value": sealed_value,
        "cardholder_text": answer.cardholder_text,
    }


def result_columns(result: Result, *, sealed_value: bytes | None) -> dict[str, Any]:
    """An RReq as columns."""
    return {
        "result_status": result.status,
        "result_reason": result.reason,
        "challenge_cancel": result.cancelled_by,
        "eci": result.eci,
        "sealed_value": sealed_value,
    }


async def sealed_value(
    connection: Connection, account_id: int, authentication_id: str
) -> bytes | None:
    value: bytes | None = await connection.fetchval(
        "select sealed_value from authentications where account_id = $1 and id = $2",
        account_id,
        authentication_id,
    )
    return value


async def add_message(
    connection: Connection, authentication: Authentication, kind: str, raw: bytes, kept: bytes
) -> None:
    """Keeps a message of an authentication that this transaction holds: raw by its digest only."""
    await connection.execute(
        """
        insert into authentication_messages (
            account_id, authentication_id, sequence, kind, digest, body
        )
        select $1, $2, count(*) + 1, $3, $4, $5 from authentication_messages
        where account_id = $1 and authentication_id = $2
        """,
        authentication.account_id,
        authentication.id,
        kind,
        hashlib.sha256(raw).digest(),
        kept.decode(),
    )


async def has_message(
    connection: Connection, authentication: Authentication, kind: str, raw: bytes | None = None
) -> bool:
    """Whether a message of this kind was kept: any, or this very one."""
    found: bool = await connection.fetchval(
        """
        select exists (
            select from authentication_messages
            where account_id = $1 and authentication_id = $2 and kind = $3
                and ($4::bytea is null or digest = $4)
        )
        """,
        authentication.account_id,
        authentication.id,
        kind,
        None if raw is None else hashlib.sha256(raw).digest(),
    )
    return found


async def forget_messages(db: Database, *, kept_days: int) -> None:
    """Deletes messages older than that, and what was known of browsers; a batch of each."""
    await db.execute(
        """
        delete from authentication_messages where ctid in (
            select ctid from authentication_messages
            where at < now() - $1 * interval '1 day' order by at limit $2
        )
        """,
        kept_days,
        limits.MESSAGE_SWEEP_BATCH,
    )
    # By its own age: where nobody came to ask, there is a browser and no message.
    await db.execute(
        """
        update authentications set browser = null where ctid in (
            select ctid from authentications
            where browser is not null and created_at < now() - $1 * interval '1 day'
            order by created_at limit $2
        )
        """,
        kept_days,
        limits.MESSAGE_SWEEP_BATCH,
    )


def _authentication(row: Row) -> Authentication:
    return Authentication(
        account_id=row["account_id"],
        id=row["id"],
        transaction_id=row["transaction_id"],
        state=State(row["state"]),
        moves=row["moves"],
        version=Version(row["version"]),
        browser=_browser(row["browser"]),
        policy=Policy(charge_if_unavailable=row["charge_if_unavailable"]),
        method_url=row["method_url"],
        method_seen_at=row["method_seen_at"],
        challenge_window=row["challenge_window"],
        returned_at=row["returned_at"],
        returned_status=row["returned_status"],
        answer=_answer(row),
        result=_result(row),
        demands_challenge=row["demands_challenge"],
    )


def _browser(text: str | None) -> Browser:
    if text is None:
        return _FORGOTTEN
    kept = json.read_object(text.encode())
    script = kept["script"]
    return Browser(**{**kept, "script": None if script is None else Script(**script)})


_FORGOTTEN = Browser(accept="", user_agent="", accept_language="", ip=None, script=None)


def _answer(row: Row) -> Answer | None:
    if row["status"] is None:
        return None
    return Answer(
        status=Status(row["status"]),
        directory_id=row["directory_id"],
        issuer_id=row["issuer_id"],
        reason=row["status_reason"],
        eci=None if row["result_status"] else row["eci"],
        challenge_url=row["challenge_url"],
        cardholder_text=row["cardholder_text"],
    )


def _result(row: Row) -> Result | None:
    if row["result_status"] is None:
        return None
    return Result(
        id=row["id"],
        version=Version(row["version"]),
        directory_id=row["directory_id"],
        issuer_id=row["issuer_id"],
        status=Status(row["result_status"]),
        reason=row["result_reason"],
        eci=row["eci"],
        cancelled_by=row["challenge_cancel"],
    )
