"""Where card fields go in a request: exactly where the connector's pointers say, nowhere else.

Text is never searched for placeholders: a merchant could write one into an order and have the
number sent along with it.
"""

from collections.abc import Mapping
from typing import Any

from paydesk.connectors.contract import CardField
from paydesk.vault.errors import PointerUnknown


def fill(
    body: Mapping[str, Any],
    pointers: Mapping[str, CardField],
    values: Mapping[CardField, str],
) -> dict[str, Any]:
    """A copy of the body with the values in their places.

    Shape: pointers are RFC 6901 ("/card/number"); all but the last name must exist and be
        objects, the last is set whether it exists or not.
    Raises: PointerUnknown.

    >>> fill({"card": {}}, {"/card/number": CardField.NUMBER}, {CardField.NUMBER: "42"})
    {'card': {'number': '42'}}
    """
    filled = dict(body)
    for pointer, card_field in pointers.items():
        *parents, last = _names(pointer)
        place = filled
        for name in parents:
            below = place.get(name)
            if not isinstance(below, dict):
                raise PointerUnknown
            place[name] = place = dict(below)
        place[last] = values[card_field]
    return filled


def _names(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise PointerUnknown
    # "~1" before "~0", so that "~01" stays "~1". Source: RFC 6901 section 4.
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer[1:].split("/")]
