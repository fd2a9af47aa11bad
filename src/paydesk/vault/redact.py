"""How an acquirer's answer is cleaned of the card data it was sent, before anybody reads it."""

import json
import re

REDACTED = "[redacted]"

# Digits with whatever acquirers, proxies and people put between those of a card number.
_RUN = re.compile(r"[0-9](?:(?:[\s+_.\-]|%20|%2D)*[0-9])*", re.IGNORECASE)
_BETWEEN = re.compile(r"%20|%2D|[^0-9]", re.IGNORECASE)
# Three or four digits by themselves: not a part of a longer number, of a dotted result code
# (000.100.110), a time or an id.
_LONE_CODE = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][.\-/])(?<![0-9][,:])[0-9]{3,4}"
    r"(?![0-9A-Za-z_]|[.\-/][0-9A-Za-z]|[,:][0-9])"
)
# One string (with the colon that makes it a member's name) or one number of a JSON text.
_TOKEN = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<digits>-?[0-9][0-9.eE+\-]*)')
# A security code is three or four digits, and so are many amounts and result codes: they are
# equal by chance once in a thousand payments, and blanking one would hide an outcome. A member
# of one of these names keeps its value.
_NEVER_A_SECURITY_CODE = frozenset(
    {
        "amount",
        "amount_minor",
        "code",
        "currency",
        "decline_code",
        "eci",
        "error_code",
        "minor",
        "reason_code",
        "response_code",
        "result_code",
        "sequence",
        "status",
        "status_code",
    }
)


def redact(text: str, *, number: str, security_code: str | None) -> str:
    """The answer's text without the card's number and security code.

    A JSON text stays one, its other values untouched to the byte.

    >>> redact('{"card": "4242 4242 4242 4242"}', number="4242424242424242", security_code=None)
    '{"card": "[redacted]"}'
    """
    cleaner = _Cleaner(number, security_code)
    # Most answers echo nothing and are left alone. Escapes could hide digits, so they are not.
    if "\\u" not in text and cleaner.clean(text) == text:
        return text
    return _TOKEN.sub(cleaner.token, text) if _is_json(text) else cleaner.clean(text)


class _Cleaner:
    """Cleans one answer token by token, remembering under which name a value stands."""

    def __init__(self, number: str, security_code: str | None) -> None:
        self._number = number
        self._security_code = security_code
        self._name = ""

    def token(self, match: re.Match[str]) -> str:
        if match["digits"]:
            is_clean = self._value(match["digits"]) == match["digits"]
            return match["digits"] if is_clean else f'"{REDACTED}"'
        text = json.loads(match["text"], strict=False)
        if match["colon"]:
            self._name = text.lower()
            clean = self.clean(text)
        else:
            clean = self._value(text)
        return (match["text"] if clean == text else json.dumps(clean)) + (match["colon"] or "")

    def clean(self, text: str) -> str:
        text = _RUN.sub(self._without_number, text)
        if self._security_code is None or self._security_code not in text:
            return text
        return _LONE_CODE.sub(self._without_code, text)

    def _value(self, text: str) -> str:
        if text == self._security_code and self._name in _NEVER_A_SECURITY_CODE:
            return text
        return self.clean(text)

    def _without_number(self, run: re.Match[str]) -> str:
        text = run[0]
        if len(text) < len(self._number):
            return text
        return REDACTED if self._number in _BETWEEN.sub("", text) else text

    def _without_code(self, code: re.Match[str]) -> str:
        return REDACTED if code[0] == self._security_code else code[0]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
