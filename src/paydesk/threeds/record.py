"""Keeps the messages of an authentication as they went, without what must not be kept.

What a message has beside the fields that are known here is not kept: nobody knows what it is.
"""

from paydesk.db.connection import Connection
from paydesk.kit import json
from paydesk.threeds import store
from paydesk.threeds.directory import Heard
from paydesk.threeds.messages import Erro
from paydesk.threeds.model import Authentication
from paydesk.threeds.versions import DIALECTS

# The vault fills the number in and takes it out of answers; the value is kept sealed beside.
_NEVER_KEPT = {"acctNumber", "authenticationValue", "cardExpiryDate", "cardholderName"}
_MESSAGES = [
    Erro,
    *(kind for said in DIALECTS.values() for kind in (said.areq, said.ares, said.rreq)),
]
_KEPT = {name for kind in _MESSAGES for name in kind.model_fields} - _NEVER_KEPT


async def keep_messages(
    connection: Connection, authentication: Authentication, heard: Heard
) -> None:
    """Keeps a question and what came back."""
    await keep_message(connection, authentication, "AReq", heard.sent)
    if heard.got:
        await keep_message(connection, authentication, "ARes", heard.got)


async def keep_message(
    connection: Connection, authentication: Authentication, kind: str, raw: bytes
) -> None:
    """Keeps one message of an authentication that this transaction holds."""
    await store.add_message(connection, authentication, kind, raw, _keepable(raw))


def _keepable(raw: bytes) -> bytes:
    try:
        body = json.read_object(raw)
    except json.Unreadable:
        return json.write({"unreadable_bytes": len(raw)})
    return json.write({name: value for name, value in body.items() if name in _KEPT})
