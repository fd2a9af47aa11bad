"""Batches: `{"records": […]}` or a single object, all or nothing, with each record's faults."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from paydesk import limits
from paydesk.errors import Fault, Invalid, InvalidBatch, Kind, Refusal
from paydesk.web.api.endpoint import Call

T = TypeVar("T")
R = TypeVar("R")
Record = dict[str, Any]


def read_records(call: Call, read: Callable[[Record], T]) -> list[tuple[Record, T]]:
    """Each submitted record with what it was read as.

    Raises: Invalid, where `records` itself is at fault; InvalidBatch, with the bad records.
    """
    records = _records(call.record())
    done, bad = [], _Bad()
    for record in records:
        try:
            done.append((record, read(record)))
        except Refusal as refusal:
            bad.add(record, refusal)
    bad.refuse()
    return done


async def for_each(
    records: Sequence[tuple[Record, T]], work: Callable[[T], Awaitable[R]]
) -> list[R]:
    """What the work makes of each record, in order.

    A refusal must leave the transaction in use: the other records are worked on all the same.
    Raises: InvalidBatch, with the records that the work refuses.
    """
    done, bad = [], _Bad()
    for record, command in records:
        try:
            done.append(await work(command))
        except Refusal as refusal:
            bad.add(record, refusal)
    bad.refuse()
    return done


class _Bad:
    """The bad records of a batch, up to the one whose faults are as many as are told."""

    def __init__(self) -> None:
        self._records: list[tuple[Record, Sequence[Fault]]] = []
        self._left = limits.FAULTS_MAX

    def add(self, record: Record, refusal: Refusal) -> None:
        """Raises: InvalidBatch, at once where no more can be told."""
        faults = refusal.faults()[: self._left]
        self._records.append((record, faults))
        self._left -= len(faults)
        if not self._left:
            self.refuse()

    def refuse(self) -> None:
        """Raises: InvalidBatch, if there is a bad record."""
        if self._records:
            raise InvalidBatch(self._records)


def _records(body: Mapping[str, Any]) -> list[Record]:
    if "records" not in body:
        return [dict(body)]
    records = body["records"]
    if not isinstance(records, list):
        raise Invalid([Fault("records", "array", "This field is an array.", Kind.PARAMETERS)])
    if not 1 <= len(records) <= limits.BATCH_RECORDS_MAX:
        sentence = f"A batch has 1 to {limits.BATCH_RECORDS_MAX} records."
        raise Invalid([Fault("records", "batch_size", sentence)])
    bad = [number for number, record in enumerate(records) if not isinstance(record, dict)]
    if bad:
        sentence = "This field is an object."
        raise Invalid(
            [Fault(f"records.{number}", "object", sentence, Kind.PARAMETERS) for number in bad]
        )
    return records
