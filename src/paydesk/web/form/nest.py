"""Which member of a checkout's JSON body does a form's input mean?

`order_items_0_sku` and `order[items][0][sku]` are both `order.items.0.sku`. The names are those of
the body's models, so that a form can say whatever the body can.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from paydesk.checkouts import CreateBody
from paydesk.errors import Fault, Invalid

Path = tuple[str | int, ...]


class Leaf(Enum):
    """What an input's text stands for."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Branch:
    """An object: its members by name, the shortest name first."""

    members: Mapping[str, "Node"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of objects."""

    each: "Node"


class Free(Enum):
    """An object whose members the merchant names: metadata."""

    TEXTS = "texts"


Node = Leaf | Branch | Listed | Free


@dataclass(frozen=True, slots=True)
class Nested:
    """The JSON body that a form means, and what the form calls its members.

    Shape: names has the input's name for each dot path given; places has, for each object on the
        way, its path as the form counts it, which may leave out indexes.
    """

    record: dict[str, Any]
    names: Mapping[str, str]
    places: Mapping[str, Path]
    has_brackets: bool

    def name_of(self, path: str) -> str:
        """The name of the input for this dot path, whether it was given or not."""
        if path in self.names:
            return self.names[path]
        above, _, last = path.rpartition(".")
        while above and above not in self.places:
            above, _, upper = above.rpartition(".")
            last = f"{upper}.{last}"
        first, *rest = [*map(str, self.places.get(above, ())), *last.split(".")]
        if self.has_brackets:
            return first + "".join(f"[{part}]" for part in rest)
        return "_".join([first, *rest])


def nest(inputs: Mapping[str, str]) -> Nested:
    """The body that the inputs mean. Blank inputs and names that mean nothing are passed over.

    Lists close up where indexes are left out.
    Raises: Invalid, where two spellings of one member say different things, or an item has no
        number.
    """
    values: dict[Path, Any] = {}
    names: dict[Path, str] = {}
    faults = []
    for name, text in inputs.items():
        try:
            meant = _meant(name)
        except _Unnumbered:
            faults.append(
                Fault(name, "item_number", "Items are numbered 0, 1, 2, up to 999999 at most.")
            )
            continue
        if meant is None or not text.strip():
            continue
        path, leaf = meant
        value = _value(leaf, text)
        if values.setdefault(path, value) != value:
            sentence = f"{names[path]} says something else; give one."
            faults.append(Fault(name, "same_value", sentence))
        names.setdefault(path, name)
    if faults:
        raise Invalid(faults)
    return _nested(values, names)


def _nested(values: Mapping[Path, Any], names: Mapping[Path, str]) -> Nested:
    record: dict[str, Any] = {}
    places: dict[str, Path] = {}
    closed = _without_gaps(values)
    for path in sorted(values, key=_indexes):
        _put(record, closed[path], values[path])
        for depth in range(1, len(path)):
            places[_dotted(closed[path][:depth])] = path[:depth]
    return Nested(
        record,
        {_dotted(closed[path]): name for path, name in names.items()},
        places,
        has_brackets=any("[" in name for name in names.values()),
    )


def _indexes(path: Path) -> list[int]:
    return [part for part in path if isinstance(part, int)]


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _without_gaps(paths: Iterable[Path]) -> dict[Path, Path]:
    """Each path with the indexes of its lists counted from 0 upward."""
    used: dict[Path, set[int]] = defaultdict(set)
    for path in paths:
        for depth, part in enumerate(path):
            if isinstance(part, int):
                used[path[:depth]].add(part)
    position = {
        (*place, index): number
        for place, indexes in used.items()
        for number, index in enumerate(sorted(indexes))
    }
    return {
        path: tuple(position.get(path[: depth + 1], part) for depth, part in enumerate(path))
        for path in paths
    }


def _put(record: dict[str, Any], path: Path, value: Any) -> None:
    """Puts the value at its path; lists are filled in order."""
    place: Any = record
    for part, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(place, dict):
            place = place.setdefault(part, empty)
        else:
            if part == len(place):
                place.append(empty)
            place = place[part]
    place[path[-1]] = value


# Names


_BRACKETED = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")
_UNDERSCORE = "_"
_BRACKET = "["  # stands in no part of a bracketed name


class _Unnumbered(Exception):
    """The name means a member of an item, but not which item. Passed over, it would be missing
    from the order that is paid for.
    """


def _meant(name: str) -> tuple[Path, Leaf] | None:
    """The path that the name means, and what its text stands for; None where it means nothing."""
    if _BRACKETED.fullmatch(name):
        return _find(_BODY, name.replace("]", ""), _BRACKET)
    return _find(_BODY, name, _UNDERSCORE)


def _find(node: Node, rest: str | None, joint: str) -> tuple[Path, Leaf] | None:
    """What the rest of a name means below this node; None is a name that ends here."""
    match node:
        case Leaf():
            return ((), node) if rest is None else None
        case Free():
            is_key = rest and (joint == _UNDERSCORE or joint not in rest)
            return ((rest,), Leaf.TEXT) if rest and is_key else None
        case Listed(each):
            index, _, below = (rest or "").partition(joint)
            found = _find(each, below, joint)
            if found is None:
                return None
            if _INDEX.fullmatch(index) is None:
                raise _Unnumbered
            return (int(index), *found[0]), found[1]
        case Branch(members):
            return _find_member(members, rest or "", joint)


def _find_member(members: Mapping[str, Node], rest: str, joint: str) -> tuple[Path, Leaf] | None:
    # A shorter name goes first, so that the nested spelling of a body goes before its flat one.
    for name, node in members.items():
        if rest == name:
            found = _find(node, None, joint)
        elif rest.startswith(name + joint):
            found = _find(node, rest[len(name) + 1 :], joint)
        else:
            continue
        if found is not None:
            return (name, *found[0]), found[1]
    return None


def _branch(model: type[BaseModel]) -> Branch:
    by_length = sorted(model.model_fields.items(), key=lambda field: len(field[0]))
    return Branch({name: _node(field.annotation) for name, field in by_length})


def _node(annotation: Any) -> Node:
    """What a field of a body is; all of them are optional, so it is what stands beside None."""
    kind = next(part for part in get_args(annotation) if part is not NoneType)
    inner = get_args(kind)
    if get_origin(kind) is dict:
        return Free.TEXTS
    if get_origin(kind) is list and isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
        return Listed(_branch(inner[0]))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _branch(kind)
    # A list of names is a text with commas, in a form as in JSON.
    return {bool: Leaf.FLAG, int: Leaf.NUMBER}.get(kind, Leaf.TEXT)


_BODY = _branch(CreateBody)


# Values


_FLAGS = {
    **dict.fromkeys(("true", "1", "on", "yes"), True),
    **dict.fromkeys(("false", "0", "off", "no"), False),
}
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")


def _value(leaf: Leaf, text: str) -> Any:
    """What the text stands for; one that does not fit stays as it is, and the body refuses it."""
    plain = text.strip()
    if leaf is Leaf.FLAG:
        return _FLAGS.get(plain.lower(), text)
    if leaf is Leaf.NUMBER and _WHOLE_NUMBER.fullmatch(plain):
        return int(plain)
    return text
