"""Batches: `{"records": […]}` or a single object, all or nothing, with each record's faults."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from paydesk import limits
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.errors import Fault, Invalid, InvalidBatch, Kind, Refusal
from paydesk.web.api.endpoint import Call, Counter, success
from paydesk.web.api.idempotency import answer_once

T = TypeVar("T")
Record = dict[str, Any]


def read_records(
    call: Call, read: Callable[[Record], T], *, key: str = "records", may_be_single: bool = True
) -> list[tuple[Record, T]]:
    """Each submitted record with what it was read as.

    key is the member of the body that holds them; may_be_single: the body may be one itself.
    Raises: Invalid, where that member is at fault itself; InvalidBatch, with the bad records.
    """
    records = _records(call.record(), key, may_be_single=may_be_single)
    done, bad = [], _Bad()
    for record in records:
        try:
            done.append((record, read(record)))
        except Refusal as refusal:
            bad.add(record, refusal)
    bad.refuse()
    return done


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """What is done with a batch of checked records.

    route names it for its Idempotency-Key. one does and shows a single record, inside the
    transaction of all; lock takes what the records name, in one order for everybody.
    """

    route: str
    records: Sequence[tuple[Record, T]]
    one: Callable[[Connection, T], Awaitable[Any]]
    lock: Callable[[Connection], Awaitable[None]] | None = None


async def answer_batch(counter: Counter, call: Call, batch: Batch[T]) -> Response:
    """Does all of the batch in one transaction and answers with what came of each record.

    Raises: InvalidBatch, with the records that are refused; none is done then.
    """

    async def work(connection: Connection) -> StoredReply:
        if batch.lock is not None and len(batch.records) > 1:
            await batch.lock(connection)
        return StoredReply(200, success(await _for_each(batch, connection), key="results"))

    return await answer_once(counter.desk, call, batch.route, work)


async def _for_each(batch: Batch[T], connection: Connection) -> list[Any]:
    # A refusal leaves the transaction in use: the other records are worked on all the same.
    done, bad = [], _Bad()
    for record, command in batch.records:
        try:
            done.append(await batch.one(connection, command))
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


def _records(body: Mapping[str, Any], key: str, *, may_be_single: bool) -> list[Record]:
    if key not in body and may_be_single:
        return [dict(body)]
    if key not in body:
        raise Invalid([Fault(key, "required", "This field is required.", Kind.PARAMETERS)])
    records = body[key]
    if not isinstance(records, list):
        raise Invalid([Fault(key, "array", "This field is an array.", Kind.PARAMETERS)])
    if not 1 <= len(records) <= limits.BATCH_RECORDS_MAX:
        sentence = f"A batch has 1 to {limits.BATCH_RECORDS_MAX} records."
        raise Invalid([Fault(key, "batch_size", sentence)])
    bad = [number for number, record in enumerate(records) if not isinstance(record, dict)]
    if bad:
        sentence = "This field is an object."
        raise Invalid(
            [Fault(f"{key}.{number}", "object", sentence, Kind.PARAMETERS) for number in bad]
        )
    return records
