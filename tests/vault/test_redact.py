"""Answers lose the card's number and security code and nothing else."""

import json

import pytest

from paydesk.vault.redact import REDACTED, redact

NUMBER = "4242424242424242"


def clean(text, code="917"):
    return redact(text, number=NUMBER, security_code=code)


def test_an_answer_without_card_data_comes_back_as_it_is():
    text = '{"result": "approved",  "id": "9171", "amount": 120.50, "at": "2026-11-22T09:17:00Z"}'
    assert clean(text) == text


@pytest.mark.parametrize(
    "echo",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242.4242.4242.4242",
        "4242%204242%204242%204242",
        "4242+4242+4242+4242",
        "424242 42424242 42",
        "Card 4242424242424242 declined",
        "pan=4242424242424242&x=1",
        "14242424242424242",
        "4242\\u00204242\\u00204242\\u00204242",
        "\\u0034242424242424242",
        '{\\"pan\\": \\"4242424242424242\\"}',
    ],
)
def test_a_number_is_found_in_any_dress(echo):
    text = f'{{"a": "{echo}", "kept": 1.10}}'
    cleaned = clean(text)
    assert REDACTED in json.loads(cleaned)["a"]
    assert "4242" not in cleaned
    assert '"kept": 1.10' in cleaned
    if "\\" not in echo:
        assert "4242" not in clean(f"<xml>{echo}</xml>")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"cvv": "917"}', '{"cvv": "[redacted]"}'),
        ('{"cvv": 917}', '{"cvv": "[redacted]"}'),
        ('{"pan": 4242424242424242}', '{"pan": "[redacted]"}'),
        ('["917", 917]', '["[redacted]", "[redacted]"]'),
        ('{"text": "cvv:917 is wrong"}', '{"text": "cvv:[redacted] is wrong"}'),
        ('{"917": 1}', '{"[redacted]": 1}'),
        ("cvv=917&b=1", "cvv=[redacted]&b=1"),
        ("Your code 917.", "Your code [redacted]."),
    ],
)
def test_a_security_code_is_taken_out(before, after):
    assert clean(before) == after


@pytest.mark.parametrize(
    "text",
    [
        '{"amount": 917}',
        '{"status": "917", "response_code": "917"}',
        '{"code": "000.917.100"}',
        '{"at": "2026-11-22T10:00:00.917Z"}',
        '{"id": "beef-917-cafe"}',
        '{"total": 917.00}',
        '{"amount": "1,917"}',
        '{"id": "pay_917"}',
    ],
)
def test_figures_that_only_look_like_the_security_code_stay(text):
    assert clean(text) == text


def test_without_a_security_code_only_the_number_goes():
    assert clean('{"a": "917", "b": "4242424242424242"}', code=None) == (
        '{"a": "917", "b": "[redacted]"}'
    )


@pytest.mark.parametrize("text", ["", "[" * 100_000 + "917", '{"a": "917', "\udcff 917"])
def test_a_broken_answer_is_cleaned_as_plain_text(text):
    assert "917" not in clean(text)
