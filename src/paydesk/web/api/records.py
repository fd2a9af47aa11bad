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

    Raises: Invalid, where `records` itself is at fault; InvalidBatch, with every bad record.
    """
    records = _records(call.record())
    done, bad = [], []
    for record in records:
        try:
            done.append((record, read(record)))
        except Refusal as refusal:
            bad.append((record, refusal.faults()))
    if bad:
        raise InvalidBatch(bad)
    return done


async def for_each(
    records: Sequence[tuple[Record, T]], work: Callable[[T], Awaitable[R]]
) -> list[R]:
    """What the work makes of each record, in order.

    Raises: InvalidBatch, with every record that the work refuses.
    """
    done, bad = [], []
    for record, command in records:
        try:
            done.append(await work(command))
        except Refusal as refusal:
            bad.append((record, refusal.faults()))
    if bad:
        raise InvalidBatch(bad)
    return done


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
