"""Request fields that name a lookup, in both spellings: `X_lookups_id` with an id, `X` an enum."""

from collections.abc import Callable
from typing import Literal

from paydesk.errors import Kind
from paydesk.kit.fields import Checked, Given, Shown, fault
from paydesk.lookups.find import by_enum, find, group
from paydesk.lookups.model import Lookup


def lookup_id(type: str) -> Checked:  # noqa: A002 - the API's own name for it
    """Checks a field that holds a lookup's id."""
    return _known(type, find, "id")


def lookup_enum(type: str) -> Checked:  # noqa: A002 - the API's own name for it
    """Checks a field that holds a lookup's enum."""
    return _known(type, by_enum, "enum")


def chosen(
    given: Given,
    type: str,  # noqa: A002 - the API's own name for it
    *parents: str | int,
    field: str | None = None,
) -> str | None:
    """The enum that the two spellings of a lookup name, None where neither is given well.

    Notes a fault where they name different ones. field is its name where that is not the type's.
    """
    field = field or type
    named = given(*parents, f"{field}_lookups_id")
    spelled = given(*parents, field)
    by_id = find(type, named) if isinstance(named, str) else None
    by_text = by_enum(type, spelled) if isinstance(spelled, str) else None
    if by_id is not None and by_text is not None and by_id != by_text:
        path = ".".join(map(str, (*parents, field)))
        given.add(path, "same_value", f"{path}_lookups_id names another one; give one of the two.")
        return None
    found = by_id or by_text
    return None if found is None else found.enum


def path_given(given: Given, type: str, *parents: str | int) -> str:  # noqa: A002
    """The dot path of the spelling that the lookup is given in."""
    spelling = type if given(*parents, f"{type}_lookups_id") is None else f"{type}_lookups_id"
    return ".".join(map(str, (*parents, spelling)))


def require(given: Given, type: str, *parents: str | int) -> None:  # noqa: A002
    """Notes a fault where the lookup is given in neither spelling."""
    if given(*parents, type) is None and not given.is_faulty(*parents, type):
        given.require(*parents, f"{type}_lookups_id")


def _known(
    type: str,  # noqa: A002 - the API's own name for it
    look_up: Callable[[str, str], Lookup | None],
    spelling: Literal["id", "enum"],
) -> Checked:
    def check(value: str | None) -> str | None:
        if value is not None and look_up(type, value) is None:
            raise fault(
                "lookup", f"This names no {type}. GET /lookups/{type} lists them.", Kind.LOOKUP
            )
        return value

    values = [getattr(lookup, spelling) for lookup in group(type) or ()]
    title = "".join(part.capitalize() for part in type.split("_")) + spelling.capitalize()
    return Checked(check, Shown([{"title": title, "type": "string", "enum": values}]))
