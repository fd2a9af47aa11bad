"""The query of a list call: its filters, and which page of the list is wanted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from paydesk import limits, lookups
from paydesk.db.listing import Page
from paydesk.errors import Fault, Invalid, Kind
from paydesk.kit import ids
from paydesk.kit.clock import SAST
from paydesk.kit.fields import BLANK, Body, Given, Shown, check, fault
from paydesk.web.api.endpoint import Call

Q = TypeVar("Q", bound=Body)


def whole(value: Any) -> Any:
    """A whole number of a query, for a field's own check. Raises: PydanticCustomError."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit()) or len(value) > 9:
            raise fault("integer", "This field is a whole number.")
        return int(value)
    return value


def _moment(value: Any, *, is_end: bool) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if len(value) == len("2026-01-31"):
            day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=SAST)
            at = day + timedelta(days=1) - timedelta.resolution if is_end else day
        else:
            at = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SAST)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise fault("date", "A date is written 2026-01-31, or 2026-01-31 18:00:00.") from None


_DATE = Shown(
    [{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?$"}]
)

# Days and times of South Africa; a day alone begins at its start, or ends at its end.
From = Annotated[datetime | None, BeforeValidator(partial(_moment, is_end=False)), BLANK, _DATE]
Until = Annotated[datetime | None, BeforeValidator(partial(_moment, is_end=True)), BLANK, _DATE]


class ListQuery(Body):
    """What every list takes: how many entries, and after which to go on."""

    limit: Annotated[int, Field(ge=1, le=limits.LIST_LIMIT_MAX), BeforeValidator(whole)] = (
        limits.LIST_LIMIT
    )
    cursor: Annotated[str | None, Field(max_length=limits.ID_LENGTH_MAX), BLANK] = None

    def page(self, prefix: str) -> Page:
        """The page that is wanted of a list of ids with this prefix. Raises: Invalid.

        A cursor that is none would be answered with an end of the list that is no end.
        """
        if self.cursor is not None and not ids.looks_like(prefix, self.cursor):
            sentence = "A cursor is the next_cursor of the page before."
            raise Invalid([Fault("cursor", "cursor", sentence, Kind.URL)])
        return Page(self.limit, self.cursor)


def read_query(call: Call, model: type[Q]) -> Q:
    """The call's query as this model.

    A name that no list knows is refused: a filter misspelt and then ignored would answer with
    everything. Raises: Invalid, with faults of kind URL.
    """
    params = call.request.query_params
    unknown = (name for name in params if name not in model.model_fields)
    faults = _unknown(unknown, "This list has no such parameter.")
    faults += [
        Fault(name, "single_value", "Give this parameter once.", Kind.URL)
        for name in model.model_fields
        if len(params.getlist(name)) > 1
    ]
    faults += [
        Fault(name, "text", "A NUL character can't be looked for.", Kind.URL)
        for name, value in params.items()
        if "\0" in value and name in model.model_fields
    ]
    query, found = check(model, dict(params))
    faults += [Fault(one.path, one.rule, one.message, Kind.URL) for one in found]
    if query is None or faults:
        raise Invalid(faults)
    return query


class NoQuery(Body):
    """Of a call that takes no parameters in its address: any is refused."""


def refuse_query(call: Call) -> None:
    """Raises: Invalid, where a call that moves money has parameters in its address.

    An amount that stood there and was ignored would move all that is left.
    """
    sentence = "This call takes nothing in its address; send it in the body."
    faults = _unknown(call.request.query_params, sentence)
    if faults:
        raise Invalid(faults)


def _unknown(names: Iterable[str], sentence: str) -> list[Fault]:
    return [
        # A NUL in an answer is more than some readers of JSON can take.
        Fault(name.replace("\0", "\ufffd"), "unknown_parameter", sentence, Kind.URL)
        for name in islice(names, limits.FAULTS_MAX)
    ]


def either(query: Body, *spellings: str) -> Any:
    """The value of a parameter that has several spellings, None where none is given.

    Raises: Invalid, where they differ.
    """
    given = {name: value for name in spellings if (value := getattr(query, name)) is not None}
    values = list(given.values())
    if any(value != values[0] for value in values):
        sentence = f"{next(iter(given))} says something else; give one."
        raise Invalid([Fault(list(given)[-1], "same_value", sentence, Kind.URL)])
    return values[0] if values else None


def enum_of(query: ListQuery, type: str) -> str | None:  # noqa: A002 - the API's own name for it
    """The enum that the two spellings of a lookup name. Raises: Invalid, where they differ."""
    given = Given(query.model_dump(exclude_none=True), [])
    enum = lookups.chosen(given, type)
    if given.faults:
        raise Invalid([replace(fault, kind=Kind.URL) for fault in given.faults])
    return enum
