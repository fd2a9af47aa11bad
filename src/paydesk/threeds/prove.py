"""What the authorisation is told of the authentication.

Source: reliability paper A.10.
"""

from paydesk.connectors.contract import Proof
from paydesk.threeds.model import Answer, Requestor, Result, Status, Version

_PROVEN = frozenset({Status.AUTHENTICATED, Status.ATTEMPTED})


def prove(
    question_id: str,
    version: Version,
    requestor: Requestor,
    answer: Answer,
    result: Result | None = None,
) -> Proof:
    """The proof of a question that was answered with Y or A, or so after a challenge.

    Raises: ValueError, for what proves nothing and for a result of another question: bugs.
    """
    last = result or answer
    if last.status not in _PROVEN or last.value is None or last.eci is None:
        raise ValueError("nothing was proved")
    if result is not None and not _is_about(result, question_id, version, answer):
        raise ValueError("the result is another question's")
    return Proof(
        eci=last.eci,
        version=version.value,
        server_id=question_id,
        acquirer_bin=requestor.acquirer_bin,
        acquirer_merchant_id=requestor.acquirer_merchant_id,
        merchant_name=requestor.merchant_name,
        merchant_country=requestor.country,
        value=last.value,
        directory_id=answer.directory_id,
        issuer_id=answer.issuer_id,
        status=answer.status.value,
        result_status=None if result is None else result.status.value,
        status_reason=last.reason,
        challenge_cancel=None if result is None else result.cancelled_by,
    )


def _is_about(result: Result, question_id: str, version: Version, answer: Answer) -> bool:
    is_same = (result.id, result.version) == (question_id, version)
    ids = (answer.directory_id, answer.issuer_id)
    return is_same and (result.directory_id, result.issuer_id) == ids
