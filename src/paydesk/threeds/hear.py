"""What the directory server says: answers and results, and what is said back to a result.

Source: reliability paper A.4.2, A.5.1, A.6 and A.7.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from paydesk.kit import json
from paydesk.kit.addresses import BadURL, check_url
from paydesk.threeds.check import (
    ID_UNKNOWN,
    MALFORMED,
    MISSING,
    NOT_OF_THIS_TRANSACTION,
    at_fault,
    check_message,
    read_json,
)
from paydesk.threeds.messages import ARes, CardholderInfo, Erro, Message, RRes
from paydesk.threeds.model import (
    Answer,
    ErrorHeard,
    MessageAtFault,
    Result,
    Status,
    Version,
)
from paydesk.threeds.versions import DIALECTS

_ARES = {version: dialect.ares for version, dialect in DIALECTS.items()}
_RREQ = {version: dialect.rreq for version, dialect in DIALECTS.items()}
_ERROR_CODE = re.compile("[0-9]{3}")
_ERROR_DETAIL_MAX = 2048
_PAYMENT = "01"  # the one messageCategory that we ask about

# What an answer or a result with this status must also have.
_PROOF = ("authenticationValue", "eci")
_GOES_WITH: Mapping[Status, tuple[str, ...]] = {
    Status.AUTHENTICATED: _PROOF,
    Status.ATTEMPTED: _PROOF,
    Status.DENIED: ("transStatusReason",),
    Status.UNAVAILABLE: ("transStatusReason",),
    Status.REJECTED: ("transStatusReason",),
    Status.CHALLENGE: ("acsURL", "acsChallengeMandated"),
}


def read_ares(raw: bytes, question_id: str, version: Version, *, is_test: bool) -> Answer:
    """The answer to the question of this id and version.

    A challenge's address is https; with is_test it may be plain http on this machine.
    Raises: ErrorHeard, where it is an Erro; MessageAtFault.
    """
    fields = read_json(raw)
    if fields.get("messageType") == "Erro":
        raise _error_heard(fields)
    message = check_message(fields, "ARes", _ARES)
    if message.threeDSServerTransID != question_id:
        raise at_fault(ID_UNKNOWN, ["threeDSServerTransID"], fields)
    if message.messageVersion != version:
        raise at_fault(NOT_OF_THIS_TRANSACTION, ["messageVersion"], fields)
    status = Status(message.transStatus)
    needed = _GOES_WITH.get(status, ())
    if status is Status.CHALLENGE:
        needed = (*needed, DIALECTS[version].challenge_method)
    _require(message, needed)
    return Answer(
        status=status,
        directory_id=message.dsTransID,
        issuer_id=message.acsTransID,
        reason=message.transStatusReason,
        value=message.authenticationValue,
        eci=message.eci,
        challenge_url=_challenge_url(message, is_test) if status is Status.CHALLENGE else None,
        cardholder_text=_cardholder_text(message),
    )


def read_rreq(raw: bytes) -> Result:
    """The result in an RReq. Whether it is one that is waited for is not asked here.

    Raises: MessageAtFault.
    """
    message = check_message(read_json(raw), "RReq", _RREQ)
    if message.messageCategory != _PAYMENT:
        raise at_fault(NOT_OF_THIS_TRANSACTION, ["messageCategory"], message.model_dump())
    status = Status(message.transStatus)
    _require(message, _GOES_WITH.get(status, ()))
    return Result(
        id=message.threeDSServerTransID,
        version=Version(message.messageVersion),
        directory_id=message.dsTransID,
        issuer_id=message.acsTransID,
        status=status,
        reason=message.transStatusReason,
        value=message.authenticationValue,
        eci=message.eci,
        cancelled_by=message.challengeCancel,
        tries=message.interactionCounter,
    )


def write_rres(result: Result, status: Literal["01", "02", "03", "04"] = "01") -> bytes:
    """The answer to an RReq. status 01 says that the result was received."""
    message = RRes(
        messageVersion=result.version.value,
        threeDSServerTransID=result.id,
        dsTransID=result.directory_id,
        acsTransID=result.issuer_id,
        resultsStatus=status,
    )
    return json.write(message.model_dump())


def write_erro(
    fault: MessageAtFault, *, component: Literal["S", "D", "A"] = "S", about: str = "RReq"
) -> bytes:
    """The Erro that tells what is wrong with a message of the type that `about` names."""
    message = Erro.model_validate(
        {
            "messageVersion": fault.version,
            **fault.ids,
            "errorCode": fault.fault.code,
            "errorComponent": component,
            "errorDescription": fault.fault.description,
            "errorDetail": fault.fault.detail,
            "errorMessageType": about,
        }
    )
    return json.write(message.model_dump(exclude_none=True))


def _error_heard(fields: Mapping[str, Any]) -> ErrorHeard:
    # Never at fault itself, for an Erro must not be answered with another.
    code, detail = (str(fields.get(name, "")) for name in ("errorCode", "errorDetail"))
    return ErrorHeard(
        code if _ERROR_CODE.fullmatch(code) else "",
        detail[:_ERROR_DETAIL_MAX] if detail.isprintable() else "",
    )


def _require(message: Message, names: Iterable[str]) -> None:
    missing = [name for name in names if getattr(message, name) is None]
    if missing:
        raise at_fault(MISSING, missing, message.model_dump())


def _challenge_url(message: ARes, is_test: bool) -> str:  # noqa: FBT001 - passed on
    try:
        url = check_url(
            message.acsURL or "", may_be_plain_http_to_loopback=is_test, is_dialled_by_us=False
        )
    except BadURL:
        raise at_fault(MALFORMED, ["acsURL"], message.model_dump()) from None
    return url.text


def _cardholder_text(message: ARes) -> str | None:
    info = message.cardholderInfo
    return info.text if isinstance(info, CardholderInfo) else info
