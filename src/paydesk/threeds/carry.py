"""What goes between us and the issuer through the payer's browser, in hidden inputs of forms.

None of it can be trusted: the payer's browser may have changed it, or made it up.

Source: reliability paper A.3 and A.5.
"""

import base64
from collections.abc import Mapping
from typing import Any

from paydesk.kit import json
from paydesk.threeds.check import (
    MALFORMED,
    MISSING,
    at_fault,
    check_fields,
    check_message,
    read_json,
)
from paydesk.threeds.messages import CReq, Erro, MethodData
from paydesk.threeds.model import Returned, Status, Version
from paydesk.threeds.versions import DIALECTS

_CRES = {version: dialect.cres for version, dialect in DIALECTS.items()}
_ERRO = dict.fromkeys(Version, Erro)
# Issuers return an error in any of these.
_RETURNED_IN = ("cres", "erro", "error")


def write_method_data(question_id: str, notification_url: str) -> str:
    """The value of `threeDSMethodData` for the form that is posted to the issuer's method URL."""
    data = MethodData(
        threeDSServerTransID=question_id, threeDSMethodNotificationURL=notification_url
    )
    return _encode(data.model_dump())


def read_method_data(text: str) -> str:
    """The id of the question whose method frame is done. Raises: MessageAtFault."""
    fields = read_json(_decode(text, "threeDSMethodData"))
    return check_fields(fields, MethodData).threeDSServerTransID


def write_creq(*, question_id: str, issuer_id: str, version: Version, window: str) -> str:
    """The value of `creq` for the form that opens the challenge; the same again resumes it."""
    message = CReq.model_validate(
        {
            "messageVersion": version.value,
            "threeDSServerTransID": question_id,
            "acsTransID": issuer_id,
            "challengeWindowSize": window,
        }
    )
    return _encode(message.model_dump())


def read_return(form: Mapping[str, str]) -> Returned:
    """What the form says that the browser posts when a challenge is over.

    Raises: MessageAtFault.
    """
    field = next((name for name in _RETURNED_IN if form.get(name)), None)
    if field is None:
        raise at_fault(MISSING, ["cres"])
    fields = read_json(_decode(form[field], field))
    if fields.get("messageType") == "Erro":
        erro = check_message(fields, "Erro", _ERRO)
        return Returned(erro.threeDSServerTransID, erro.acsTransID, None, erro.errorCode)
    cres = check_message(fields, "CRes", _CRES)
    return Returned(cres.threeDSServerTransID, cres.acsTransID, Status(cres.transStatus))


def _encode(message: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.write(message)).decode().rstrip("=")


def _decode(text: str, field: str) -> bytes:
    """The bytes of base64url, with its padding or without.

    Python's decoder skips what is no base64 and takes both alphabets; so what it read is written
    again and compared.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise at_fault(MALFORMED, [field]) from None
    padded = base64.urlsafe_b64encode(raw).decode()
    if text not in {padded, padded.rstrip("=")}:
        raise at_fault(MALFORMED, [field])
    return raw
