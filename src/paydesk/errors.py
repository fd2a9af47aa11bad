"""What Paydesk says no to, and how a no is described.

A refusal is a class: its docstring is the sentence people read, its name gives the rule
(`OrderMissing` → `order_missing`), its kind decides the error code and the HTTP status, which
stand in one table in `web/api/errors.py`. Anything that is not a Refusal is a bug.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from paydesk import limits


class Kind(StrEnum):
    """Why a request is refused, in the order in which one answer picks its code.

    Source: reference, section Errors (001-007); design §4 (901 and up).
    """

    UNAUTHENTICATED = "unauthenticated"
    LAYOUT = "layout"
    PARAMETERS = "parameters"
    LOOKUP = "lookup"
    INVALID = "invalid"
    URL = "url"
    MISSING = "missing"
    LIMITED = "limited"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    KEY_REUSED = "key_reused"
    UNAVAILABLE = "unavailable"
    METHOD = "method"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of a request.

    Shape: path is the request's own dot path, `order.items.0.sku`; "" is the whole body.
    """

    path: str
    rule: str
    message: str
    kind: Kind = Kind.INVALID


class Refusal(Exception):
    """The request can't be served as it stands."""

    kind: ClassVar[Kind] = Kind.INVALID

    def __init__(self, path: str = "", *, retry_after_seconds: int | None = None) -> None:
        super().__init__(type(self).sentence())
        self.path = path
        self.retry_after_seconds = retry_after_seconds

    @classmethod
    def sentence(cls) -> str:
        """The docstring's first line: the text that callers are shown."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def rule(cls) -> str:
        """The class name in snake case, `OrderMissing` → `order_missing`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    def faults(self) -> Sequence[Fault]:
        return (Fault(self.path, self.rule(), str(self), self.kind),)


class Invalid(Refusal):
    """Some fields of the request need to be corrected."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Bounds: the first limits.FAULTS_MAX faults are told."""
        super().__init__()
        self._faults = tuple(faults[: limits.FAULTS_MAX])

    def faults(self) -> Sequence[Fault]:
        return self._faults


class InvalidBatch(Refusal):
    """Some records of the request need to be corrected; none was taken."""

    def __init__(self, records: Sequence[tuple[Mapping[str, Any], Sequence[Fault]]]) -> None:
        """Shape: each bad record as it was submitted, with its faults by paths inside it."""
        super().__init__()
        self.records = tuple(records)

    def faults(self) -> Sequence[Fault]:
        return [fault for _, faults in self.records for fault in faults]


class DatabaseAway(Refusal):
    """The database can't be reached just now; repeat the call with the same Idempotency-Key."""

    kind = Kind.UNAVAILABLE
