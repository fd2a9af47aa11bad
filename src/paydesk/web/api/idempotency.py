"""`Idempotency-Key`: the same key and body get the same answer, and only the first has an effect.

Refusals are not kept, because a corrected request may use the key again; an acquirer's no to a
capture, void or refund is. Source: MON-2.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from paydesk import limits
from paydesk.app import Desk
from paydesk.db.connection import Connection
from paydesk.db.once import (
    KeyTaken,
    Once,
    StoredReply,
    claim,
    keep_first_reply,
    keep_reply,
    note_begun,
    stored_reply,
)
from paydesk.kit.page_tokens import page_token
from paydesk.web.api.endpoint import Call, answered
from paydesk.web.api.errors import IdempotencyKeyInvalid

_KEY = re.compile(rf"[\x20-\x7e]{{1,{limits.IDEMPOTENCY_KEY_LENGTH_MAX}}}")
# Stands for the page token in a stored body, so that no usable token is ever stored.
CUT_TOKEN = "{page_token}"  # noqa: S105 - the place of a secret, not one

Work = Callable[[Connection], Awaitable[StoredReply]]


async def answer_once(
    desk: Desk, call: Call, route: str, work: Work, *, is_one_statement: bool = False
) -> Response:
    """Does the work, at most once for the call's key if it names one, and answers what it says.

    Work that writes with one statement needs no transaction around it, unless a key is kept.
    Raises: IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInFlight, and what work raises.
    """
    once = _once(desk, call, route)
    if once is None:
        return _answer(desk, call, await _run(desk, work, is_one_statement=is_one_statement))
    stored = await stored_reply(desk.db, once)
    if stored is None:
        try:
            return _answer(desk, call, await _run_first(desk, once, work))
        except KeyTaken:
            stored = await stored_reply(desk.db, once)
    assert stored is not None, "whoever took the key has committed its reply"
    return _answer(desk, call, stored, is_replay=True)


@dataclass(frozen=True, slots=True)
class Begun:
    """Work in two steps, with a call to an acquirer in between, during which nothing is open.

    begin commits what is to be sent and answers its id; finish sends it; resume answers what
    became of it, and raises RequestInFlight while it is being sent.
    """

    begin: Callable[[Connection], Awaitable[str]]
    finish: Callable[[str], Awaitable[StoredReply]]
    resume: Callable[[str], Awaitable[StoredReply]]


async def answer_begun_once(desk: Desk, call: Call, route: str, work: Begun) -> Response:
    """Does the work, at most once for the call's key if it names one, and answers what it says.

    A crash in between loses nothing: the same key again gets the reply that is made then.
    Raises: as answer_once, and RequestInFlight.
    """
    once = _once(desk, call, route)
    if once is None:
        return _answer(desk, call, await work.finish(await desk.db.transact(work.begin)))
    stored = await stored_reply(desk.db, once)
    if stored is None:
        try:
            begun = await _begin_first(desk, once, work)
        except KeyTaken:
            stored = await stored_reply(desk.db, once)
        else:
            return _answer(desk, call, await _first(desk, once, await work.finish(begun)))
    assert stored is not None, "whoever took the key has committed what it began"
    if stored.modification_id is not None and stored.is_unmade:
        stored = await _first(desk, once, await work.resume(stored.modification_id))
    return _answer(desk, call, stored, is_replay=True)


async def _begin_first(desk: Desk, once: Once, work: Begun) -> str:
    async def claimed(connection: Connection) -> str:
        await claim(connection, once)
        begun = await work.begin(connection)
        await note_begun(connection, once, begun)
        return begun

    return await desk.db.transact(claimed)


async def _first(desk: Desk, once: Once, reply: StoredReply) -> StoredReply:
    """The reply that is kept for the key: this one, unless somebody was first."""
    await keep_first_reply(desk.db, once, reply)
    return await stored_reply(desk.db, once) or reply


async def _run(desk: Desk, work: Work, *, is_one_statement: bool) -> StoredReply:
    if not is_one_statement:
        return await desk.db.transact(work)
    async with desk.db.connection() as connection:
        return await work(connection)


async def _run_first(desk: Desk, once: Once, work: Work) -> StoredReply:
    async def claimed(connection: Connection) -> StoredReply:
        await claim(connection, once)
        reply = await work(connection)
        await keep_reply(connection, once, reply)
        return reply

    return await desk.db.transact(claimed)


def _once(desk: Desk, call: Call, route: str) -> Once | None:
    key = call.request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalid("Idempotency-Key")
    fingerprint = hmac.digest(desk.page_key, b"fingerprint|" + call.body, "sha256")
    return Once(call.account.id, route, key, fingerprint)


def _answer(desk: Desk, call: Call, reply: StoredReply, *, is_replay: bool = False) -> Response:
    body = reply.body
    if reply.checkout_id is not None:
        token = page_token(reply.checkout_id, desk.page_key, is_live=call.account.is_live)
        # The first place only: all before page_url is ours, what follows may be a merchant's text.
        body = body.replace(CUT_TOKEN.encode(), token.encode(), 1)
    headers = {"Idempotent-Replayed": "true"} if is_replay else None
    return answered(body, status=reply.status, headers=headers)
