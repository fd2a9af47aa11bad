"""Structured logs on standard error, one JSON object a line.

Card data and the tokens of payers' pages are masked at the root.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Blanks as people write them, and as form bodies do (+).
_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ +-]?[0-9]){11,18}(?![0-9A-Za-z])")
# As page_tokens.py makes them: whoever has one can pay or cancel.
_PAGE_TOKEN = re.compile(r"cs_(?:test|live)_[A-Za-z0-9_-]+")
_SECRET_NAMES = re.compile(r"secret|password|security_code|cvv|cvc|authorization|page_url|token")


def configure_logs(level: str, program: str) -> None:
    """Sends this process's logs to standard error from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(program=program)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")


def mask(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The entry with card numbers, page tokens and named secrets blanked, at any depth."""
    return {
        name: "[masked]" if _SECRET_NAMES.search(str(name)) else _masked(value)
        for name, value in entry.items()
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _DIGIT_RUN.sub(_mask_if_card, _PAGE_TOKEN.sub("[page token]", value))
    if isinstance(value, dict):
        return mask(None, "", value)
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    if value is None or isinstance(value, bool | float):
        return value
    # Whole numbers may be card numbers; any other object would be logged as its repr.
    text = repr(value)
    masked = _masked(text)
    return value if isinstance(value, int) and masked == text else masked


def _mask_if_card(found: re.Match[str]) -> str:
    digits = [int(digit) for digit in found[0] if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    is_card = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return "[card number]" if is_card else found[0]
