"""From bytes to a message, or to what is wrong with it: one error code, and the fields at fault.

Source: reliability paper A.7 for the codes.
"""

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from paydesk.sandbox.elements import ISO_CODE
from paydesk.sandbox.messages import Erro, Message
from paydesk.sandbox.versions import HIGHEST, VERSIONS

DESCRIPTIONS: Mapping[str, str] = {
    "101": "message not understood here",
    "102": "version not supported",
    "201": "required field missing",
    "203": "format or value wrong",
    "204": "field given twice",
    "301": "transaction not known",
    "303": "not from the issuer",
    "304": "no such ISO code",
    "305": "not valid for this transaction",
    "315": "CReq after the RReq",
    "402": "no answer in time",
    "403": "failed for now",
    "405": "no connection",
}
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_IDS = ("threeDSServerTransID", "acsTransID", "dsTransID")
_ECHOED_LENGTH_MAX = 36  # of an id; what is longer is none

_Read = TypeVar("_Read", bound=Message)


class Faulty(Exception):
    """A message that is not taken.

    Shape: detail names the fields at fault, separated by commas; raw is as much of the message
        as could be read.
    """

    def __init__(self, code: str, detail: str, raw: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.raw = raw or {}

    def erro(self, component: str) -> Erro:
        """The message that says so. component is D for the directory server, A for the issuer."""
        version = str(self.raw.get("messageVersion"))
        said = {name: self.raw[name] for name in _IDS if _is_short(self.raw.get(name))}
        kind = self.raw.get("messageType")
        return Erro(
            messageVersion=version if version in VERSIONS else HIGHEST,
            errorCode=self.code,
            errorComponent=component,
            errorDescription=DESCRIPTIONS[self.code],
            errorDetail=self.detail,
            errorMessageType=kind if isinstance(kind, str) and _is_short(kind) else "",
            **said,
        )


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object.

    Raises: Faulty.
    """
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counted = Counter(name for name, _ in pairs)
        twice.extend(name for name, times in counted.items() if times > 1)
        return dict(pairs)

    try:
        read = json.loads(body, object_pairs_hook=unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Faulty("101", "not JSON") from None
    if not isinstance(read, dict):
        raise Faulty("101", "not a JSON object")
    if twice:
        raise Faulty("204", ",".join(sorted(twice)), read)
    return read


def read_base64(text: str) -> dict[str, Any]:
    """The JSON object in base64url without padding.

    Raises: Faulty.
    """
    # Python's own decoder skips characters that are not of the alphabet.
    if not _URL_SAFE.fullmatch(text):
        raise Faulty("203", "not base64url without padding")
    try:
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise Faulty("203", "not base64url without padding") from None
    return read_json(body)


def write_base64(message: Mapping[str, Any]) -> str:
    """Base64url without padding of the JSON.

    >>> write_base64({"messageType": "CRes"})
    'eyJtZXNzYWdlVHlwZSI6IkNSZXMifQ'
    """
    body = json.dumps(message, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def kind_and_version(raw: Mapping[str, Any], kinds: tuple[str, ...]) -> tuple[str, str]:
    """The messageType, which is one of the kinds, and the messageVersion, which is spoken here.

    Raises: Faulty.
    """
    for name in ("messageType", "messageVersion"):
        if name not in raw:
            raise Faulty("201", name, raw)
        if not isinstance(raw[name], str) or not raw[name]:
            raise Faulty("203", name, raw)
    if raw["messageType"] not in kinds:
        raise Faulty("101", "messageType", raw)
    if raw["messageVersion"] not in VERSIONS:
        raise Faulty("102", "messageVersion", raw)
    return raw["messageType"], raw["messageVersion"]


def read_message(model: type[_Read], raw: Mapping[str, Any]) -> _Read:
    """The message as a struct of the model.

    Raises: Faulty: what is missing first, then what is wrong, then codes that no list has.
    """
    try:
        message = model.model_validate(raw)
    except ValidationError as invalid:
        raise _fault(invalid, raw) from None
    if absent := list(message.absent()):
        raise Faulty("201", ",".join(absent), raw)
    return message


def _fault(invalid: ValidationError, raw: Mapping[str, Any]) -> Faulty:
    by_code: dict[str, list[str]] = {}
    for error in invalid.errors(include_url=False, include_context=False, include_input=False):
        code = {"missing": "201", ISO_CODE: "304"}.get(error["type"], "203")
        name = ".".join(str(part) for part in error["loc"])
        by_code.setdefault(code, []).append(name)
    code = min(by_code)
    return Faulty(code, ",".join(dict.fromkeys(by_code[code])), raw)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are Python's JSON, not JSON


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _ECHOED_LENGTH_MAX
