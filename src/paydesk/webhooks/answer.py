"""What is kept of a receiver's answer, for the merchant to find out what went wrong. Pure."""

import re
from collections.abc import Mapping
from itertools import islice

from paydesk import limits
from paydesk.kit import json

# What servers hand out to be sent back to them is theirs alone.
_SECRET = re.compile(r"cookie|auth|token|secret|session|key", re.IGNORECASE)
_HIDDEN = "(hidden)"


def kept_head(headers: Mapping[str, str]) -> str:
    """The answer's headers as JSON, without secrets.

    Bounds: limits.WEBHOOK_ANSWER_KEPT_HEADERS of them, the values cut.
    """
    kept = islice(headers.items(), limits.WEBHOOK_ANSWER_KEPT_HEADERS)
    return json.write({_plain(name): _value(name, value) for name, value in kept}).decode()


def kept_body(body: bytes) -> str:
    """The beginning of the answer's body, as text."""
    return _plain(body[: limits.WEBHOOK_ANSWER_KEPT_BYTES].decode("utf-8", "replace"))


def _value(name: str, value: str) -> str:
    if _SECRET.search(name):
        return _HIDDEN
    return _plain(value[: limits.WEBHOOK_ANSWER_KEPT_HEADER_LENGTH])


def _plain(text: str) -> str:
    # PostgreSQL's text refuses NUL, and a byte that is no text comes as half a surrogate pair.
    return text.replace("\0", "").encode("utf-8", "replace").decode()
