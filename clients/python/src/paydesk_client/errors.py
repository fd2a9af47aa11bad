"""What can go wrong with a call, and which fields it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: a sentence, and the name of the rule it broke."""

    message: str
    rule: str


class PaydeskError(Exception):
    """Paydesk said no.

    Shape: faults are by dot path (order.items.0.sku); records are the submitted records that are
        at fault, each with its own faults, where several were sent.
    """

    def __init__(
        self,
        *,
        code: str,
        message: str,
        status: int,
        records: list[tuple[dict[str, Any], dict[str, Fault]]],
        retry_after_seconds: float | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.records = records
        self.retry_after_seconds = retry_after_seconds
        self.faults = {path: fault for _, faults in records for path, fault in faults.items()}
        told = "".join(f" {path}: {fault.message}" for path, fault in self.faults.items())
        super().__init__(f"{code} {message}{told}".strip())

    def broke(self, rule: str) -> bool:
        """Whether any field broke this rule, such as `request_in_flight`."""
        return any(fault.rule == rule for fault in self.faults.values())


class NoAnswer(PaydeskError):
    """Nothing usable came back, after all retries.

    Whether a POST had its effect is unknown: repeat it with the same idempotency_key to find out.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(code="", message=message, status=status, records=[])


def refusal(status: int, body: Any, retry_after_seconds: float | None) -> PaydeskError:
    """The error that an answer of Paydesk's tells; NoAnswer where it is somebody else's."""
    if not isinstance(body, Mapping) or "error_code" not in body:
        return NoAnswer(
            f"The answer is {status} and not Paydesk's: check the base_url.", status=status
        )
    return PaydeskError(
        code=str(body["error_code"]),
        message=str(body.get("error_message", "")),
        status=status,
        records=[
            (
                detail.get("record") or {},
                {
                    path: Fault(error.get("message", ""), error.get("rule", ""))
                    for path, error in (detail.get("errors") or {}).items()
                },
            )
            for detail in body.get("error_details") or []
        ],
        retry_after_seconds=retry_after_seconds,
    )
