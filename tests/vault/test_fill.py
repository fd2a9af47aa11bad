"""Card fields go exactly where the pointers say."""

import pytest

from paydesk.connectors.contract import CardField
from paydesk.vault.errors import PointerUnknown
from paydesk.vault.fill import fill

VALUES = {CardField.NUMBER: "4242", CardField.NAME: "N. Dlamini"}


@pytest.mark.parametrize(
    ("body", "pointer", "filled"),
    [
        ({"card": {"a": 1}}, "/card/number", {"card": {"a": 1, "number": "4242"}}),
        ({}, "/number", {"number": "4242"}),
        ({"number": "x"}, "/number", {"number": "4242"}),
        ({"a": {"b": {}}}, "/a/b/c", {"a": {"b": {"c": "4242"}}}),
        ({"a/b": {}}, "/a~1b/c~0d", {"a/b": {"c~d": "4242"}}),
        ({"~1": {}}, "/~01/x", {"~1": {"x": "4242"}}),
        ({}, "/", {"": "4242"}),
    ],
)
def test_a_pointer_names_the_place_to_fill(body, pointer, filled):
    assert fill(body, {pointer: CardField.NUMBER}, VALUES) == filled


@pytest.mark.parametrize("pointer", ["", "number", "/card/number", "/text/x", "/list/0", "/list/-"])
def test_a_pointer_to_nowhere_is_refused(pointer):
    with pytest.raises(PointerUnknown):
        fill({"text": "a", "list": [1]}, {pointer: CardField.NUMBER}, VALUES)


def test_the_body_given_is_left_as_it_is():
    body = {"card": {"kept": 1}}
    pointers = {"/card/number": CardField.NUMBER, "/card/holder": CardField.NAME}
    filled = fill(body, pointers, VALUES)
    assert filled["card"] == {"kept": 1, "number": "4242", "holder": "N. Dlamini"}
    assert body == {"card": {"kept": 1}}


def test_texts_are_never_searched():
    body = {"note": "/number {number} {{number}} $number"}
    assert fill(body, {"/number": CardField.NUMBER}, VALUES)["note"] == body["note"]
