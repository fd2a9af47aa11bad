"""What must not be read in a log: card numbers, security codes, keys, secrets, tokens.

A text is searched for what looks like one of them, however it is written or escaped; under a
name that says what it is, a value is blanked whatever it looks like.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

MASKED = "[masked]"

_BACKSLASH = r"(?:\\|%(?:25)*5[cC])+"
# A digit as people, forms and programs write it: 4, ４, %34, \u0034, \uff14.
_DIGIT = (
    r"(?:\d|%(?:25)*3[0-9]|%(?:25)*[eE][fF]%(?:25)*[bB][cC]%(?:25)*9[0-9]"
    rf"|{_BACKSLASH}u(?:003[0-9]|[fF][fF]1[0-9]))"
)
# What may stand between the digits of one number: blanks, dashes of all kinds, and either escaped.
_SIGNS = r"[\s+_\-\u00ad\u00b7\u200b\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_BETWEEN = (
    rf"(?:{_SIGNS}"
    r"|%(?:25)*(?:20|2[bBdD]|09|0[aAdD]|[cC]2%(?:25)*[aA]0"
    r"|[eE]2%(?:25)*8(?:0%(?:25)*9[0-5]|8%(?:25)*92))"
    rf"|{_BACKSLASH}(?:[nrt]|u00(?:20|2[bBdD]|09|0[aAdD]|[aA][0dD])|u201[0-5]|u2212)|&nbsp;)"
)
_RUN = re.compile(f"{_DIGIT}(?:{_BETWEEN}{{0,3}}{_DIGIT}){{11,}}")
_PLAIN_RUN = re.compile(rf"\d(?:{_SIGNS}{{0,3}}\d){{11,}}")
_ESCAPE = re.compile(r"[%\\&]")
_ONE_DIGIT = re.compile(f"(?P<between>{_BETWEEN}{{0,3}})(?P<digit>{_DIGIT})")
_NUMBER_LENGTHS = range(12, 20)  # ISO/IEC 7812-1, and no card in use has fewer than 12

# Names whose value is one of these, in snake_case, camelCase or kebab-case.
_NAME = (
    r"secret|password|passphrase|passwd|authorization|token|page[_-]?url|api[_-]?key"
    r"|cvv|cvc|csc|cvn|card[_-]?verification|security[_-]?code|verification[_-]?(?:code|value)"
    r"|authentication[_-]?value|cavv|ucaf|(?<![a-z])aav"
)
_SECRET_NAMES = re.compile(_NAME, re.IGNORECASE)
# The same within a text: a member of JSON (escaped or not), a form's input, an argument, a repr.
# The value ends where that form of it does; a word of its own, as in "token: ", may follow a blank.
_NAMED = re.compile(
    rf"(?P<name>(?:{_NAME})[\w-]*(?:\\*[\"'])?\]?\s*(?:=>|%(?:25)*3[aAdD]|[:=])\s*)"
    r"(?P<value>b?\\*\"(?:[^\"\\]|\\+[^\"\\])*\\*\"|b?\\*'(?:[^'\\]|\\+[^'\\])*\\*'"
    r"|(?:Basic|Bearer)\s+[^\s\"',;&]+|[^\s\"',;&(){}\[\]<>]+)",
    re.IGNORECASE,
)
_SHAPES = (
    # As page_tokens.py makes them: whoever has one can pay or cancel.
    (re.compile(r"cs_(?:test|live)_[A-Za-z0-9_-]+"), "[page token]"),
    # As merchants/keys.py makes them. The key names an account; the secret opens it.
    (re.compile(r"secret_(?:test|live)_[a-z0-9]+"), "[API secret]"),
    (re.compile(r"key_(?:test|live)_[a-z0-9]+"), "[API key]"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), "[webhook secret]"),
    (re.compile(r"(?i:(basic|bearer))(\s+|%20)[A-Za-z0-9+/=._~-]{16,}"), r"\1\2[masked]"),
)


def masked(value: Any) -> Any:
    """The value without them, at any depth; what JSON does not know comes as its masked repr.

    >>> masked({"event": "paid with 4242 4242 4242 4242", "cvv": "123"})
    {'event': 'paid with [card number]', 'cvv': '[masked]'}
    """
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {_key(name): _member(name, member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part) for part in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float) and not value.is_integer():
        return value
    # Whole numbers may be card numbers; any other object would be logged as its repr.
    text = repr(value)
    clean = masked_text(text)
    return value if isinstance(value, int | float) and clean == text else clean


def masked_text(text: str) -> str:
    """The text with each of them blanked, and nothing else."""
    # Most lines are plain words and ids. What each search must have is looked for first.
    if "_" in text or " " in text or "%20" in text:
        for shape, name in _SHAPES:
            text = shape.sub(name, text)
    if "=" in text or ":" in text or "%" in text:
        text = _NAMED.sub(_without_value, text)
    if len(text) < _NUMBER_LENGTHS[0]:
        return text
    run = _RUN if _ESCAPE.search(text) else _PLAIN_RUN
    return run.sub(_without_numbers, text)


def _key(name: Any) -> Any:
    return masked_text(name if isinstance(name, str) else str(name))


def _member(name: Any, value: Any) -> Any:
    return MASKED if _SECRET_NAMES.search(str(name)) else masked(value)


def _without_value(found: re.Match[str]) -> str:
    value = found["value"]
    quote = re.match(r"b?\\*[\"']", value)
    if quote is None:
        return found["name"] + MASKED
    end = re.search(r"\\*[\"']$", value)
    return found["name"] + quote[0] + MASKED + (end[0] if end else "")


def _without_numbers(run: re.Match[str]) -> str:
    """The run without the card numbers in it: whole groups of digits that make one together.

    Groups matter, for a number may stand beside its expiry: 4242 4242 4242 4242 12 30.
    """
    text, groups = run[0], _groups(run[0])
    # What follows a point is the rest of a decimal number, such as a measured time.
    is_decimal = re.fullmatch(r"[0-9]\.", run.string[max(run.start() - 2, 0) : run.start()])
    hidden: set[int] = set()
    for first in range(bool(is_decimal), len(groups)):
        hidden.update(_numbers_from(groups, first))
    kept, at = [], 0
    for place in sorted(hidden):
        if place - 1 not in hidden:
            kept.append(f"{text[at : groups[place].start]}[card number]")
        at = groups[place].end
    return "".join([*kept, text[at:]])


class _Group:
    """Digits of a run with nothing between them."""

    __slots__ = ("digits", "end", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.digits: list[int] = []


def _groups(text: str) -> list[_Group]:
    groups: list[_Group] = []
    for found in _ONE_DIGIT.finditer(text):
        if not groups or found["between"]:
            groups.append(_Group(found.start("digit")))
        groups[-1].digits.append(_digit(found["digit"]))
        groups[-1].end = found.end()
    return groups


def _digit(text: str) -> int:
    # The last character of %34 and of \u0034 is the digit.
    return unicodedata.digit(text[-1])


def _numbers_from(groups: list[_Group], first: int) -> range:
    """The groups of the longest card number that begins with this one; none where none does."""
    digits: list[int] = []
    end = first
    for place in range(first, len(groups)):
        digits.extend(groups[place].digits)
        if len(digits) > _NUMBER_LENGTHS[-1]:
            break
        if len(digits) in _NUMBER_LENGTHS and _has_right_check_digit(digits):
            end = place + 1
    return range(first, end)


def _has_right_check_digit(digits: list[int]) -> bool:
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
