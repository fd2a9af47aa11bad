"""Bytes or JSON → a message that keeps the rules of its version, or the fault that an Erro tells.

Checked in this order: is it JSON, of this type, of a version spoken here, are its fields there and
well formed. Nothing of a message's content is in what is raised, but names of fields and its ids.

Source: reliability paper A.1 and A.7.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from paydesk.kit import json
from paydesk.threeds.model import MessageAtFault, MessageFault, Version

M = TypeVar("M", bound=BaseModel)

NOT_FOR_US = "101"
VERSION_NOT_SPOKEN = "102"
MISSING = "201"
MALFORMED = "203"
TWICE = "204"
ID_UNKNOWN = "301"
NOT_OF_THIS_TRANSACTION = "305"

_DESCRIPTIONS = {
    NOT_FOR_US: "the message is of no type that is taken here",
    VERSION_NOT_SPOKEN: "the version is not spoken here; the detail lists those that are",
    MISSING: "a required field is missing",
    MALFORMED: "the value of a field is not of its format",
    TWICE: "a field is there twice",
    ID_UNKNOWN: "the transaction is not known",
    NOT_OF_THIS_TRANSACTION: "the data does not fit the transaction",
}
_IDS = ("threeDSServerTransID", "acsTransID", "dsTransID")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DETAIL_LENGTH_MAX = 2048


def read_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Raises: MessageAtFault."""
    try:
        return json.read_object(raw)
    except json.NamedTwice as twice:
        raise at_fault(TWICE, [twice.name]) from None
    except (json.TooDeep, json.HoldsNul, json.NumberTooLong) as bad:
        raise at_fault(MALFORMED, [bad.path]) from None
    except json.Unreadable:
        raise at_fault(NOT_FOR_US, ["messageType"]) from None


def check_message(message: Mapping[str, Any], kind: str, classes: Mapping[Version, type[M]]) -> M:
    """The message, by its version's class. kind is the messageType. Raises: MessageAtFault."""
    if _head(message, "messageType") != kind:
        raise at_fault(NOT_FOR_US, ["messageType"], message)
    version = _head(message, "messageVersion")
    if version not in classes:
        raise at_fault(VERSION_NOT_SPOKEN, classes, message)
    return check_fields(message, classes[Version(version)])


def check_fields(message: Mapping[str, Any], model: type[M]) -> M:
    """The message, as this class has it. Raises: MessageAtFault."""
    try:
        return model.model_validate(message)
    except ValidationError as broken:
        errors = broken.errors(include_url=False, include_context=False, include_input=False)
    places = {".".join(map(str, error["loc"])): error["type"] for error in errors}
    missing = [place for place, kind in places.items() if kind == "missing"]
    raise at_fault(MISSING if missing else MALFORMED, missing or list(places), message)


def at_fault(
    code: str, names: Collection[str], message: Mapping[str, Any] | None = None
) -> MessageAtFault:
    """What is raised where these fields of the message are at fault."""
    message = message or {}
    version = message.get("messageVersion")
    detail = ",".join(names)[:_DETAIL_LENGTH_MAX] or "message"
    return MessageAtFault(
        MessageFault(code, _DESCRIPTIONS[code], detail),
        version=version if version in tuple(Version) else max(Version),
        ids={name: message[name] for name in _IDS if _is_id(message.get(name))},
    )


def _head(message: Mapping[str, Any], name: str) -> str:
    if name not in message:
        raise at_fault(MISSING, [name], message)
    text = message[name]
    if not isinstance(text, str) or not text:
        raise at_fault(MALFORMED, [name], message)
    return text


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None
