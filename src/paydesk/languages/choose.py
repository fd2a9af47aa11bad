"""Which language a payer is spoken to in: the checkout's, or the browser's where it may choose."""

import re
from collections.abc import Iterator
from functools import lru_cache

from paydesk.languages.known import ENGLISH, LANGUAGES, Language

AUTO = "auto"

# More than any browser sends; the rest of a longer header is not looked at.
_HEADER_LENGTH_MAX = 1000
# Source: RFC 9110, 12.5.4.
_RANGE = re.compile(
    r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?"
)


@lru_cache(maxsize=1024)
def choose(locale: str, accept_language: str) -> Language:
    """The language of a checkout with this locale; English where there are no words for it.

    >>> choose("zu-ZA", "").own_name
    'isiZulu'
    >>> choose("auto", "tlh, fr;q=0.5, de;q=0.7").own_name
    'Deutsch'
    """
    if locale.lower() != AUTO:
        return _known(locale) or ENGLISH
    wanted = sorted(_wanted(accept_language[:_HEADER_LENGTH_MAX]), key=lambda one: -one[0])
    return next((language for _, language in wanted), ENGLISH)


def _wanted(header: str) -> Iterator[tuple[float, Language]]:
    for part in header.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        weight = 1.0 if found[2] is None else float(found[2])
        language = _known(found[1])
        if language is not None and weight > 0:
            yield weight, language


def _known(tag: str) -> Language | None:
    return LANGUAGES.get(re.split("[-_]", tag, maxsplit=1)[0].lower())
