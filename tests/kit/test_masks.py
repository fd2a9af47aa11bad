"""What is masked wherever it stands: planted at random, and none may come through."""

import json

import pytest

import planted
from paydesk.kit import masks


def test_no_planted_secret_comes_through() -> None:
    assert planted.leaks(4000, seed="1") == []


def test_a_planted_secret_is_found_where_nothing_masks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "masked_text", lambda text: text)
    monkeypatch.setattr(masks, "_member", lambda _name, value: masks.masked(value))
    found = planted.leaks(300, seed="2")
    assert len(found) > 290


def test_our_own_ids_are_left_alone() -> None:
    assert planted.ids_masked(5000) <= 5000 // 1000


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("4242 4242 4242 4242 01 28 917", "[card number] 01 28 917"),
        ("17 4242 4242 4242 4242", "17 [card number]"),
        ("%34%32%34%32%34%32%34%32%34%32%34%32%34%32%34%32", "[card number]"),
        ("4242%2D4242%2D4242%2D4242", "[card number]"),
        (r"4242\u00204242\u20134242 4242", "[card number]"),
        ("４２４２ ４２４２ ４２４２ ４２４２", "[card number]"),
        ('{"cvv": "917", "amount": 917}', '{"cvv": "[masked]", "amount": 917}'),
        (r"{\"securityCode\":\"917\",\"a\":1}", r"{\"securityCode\":\"[masked]\",\"a\":1}"),
        ("number=1&cvc=917&b=2", "number=1&cvc=[masked]&b=2"),
        ("Card(security_code='917')", "Card(security_code='[masked]')"),
        ('"authenticationValue": "AAAA=", 1', '"authenticationValue": "[masked]", 1'),
        ("Authorization: Basic abc=\nHost: a", "Authorization: [masked]\nHost: a"),
        ("security code is wrong", "security code is wrong"),
        ("20260101-120001 took 12 ms", "20260101-120001 took 12 ms"),
    ],
)
def test_a_text_keeps_all_the_rest(text: str, clean: str) -> None:
    assert masks.masked_text(text) == clean


def test_a_name_may_be_a_secret_too() -> None:
    assert "4242424242424242" not in json.dumps(masks.masked({4242424242424242: 1}))
