"""What countries are called in a language, by CLDR; in English where it has no name for one."""

from collections.abc import Iterable
from functools import cache

from babel import Locale

from paydesk.languages.known import ENGLISH, Language


def country_names(language: Language, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Code and name of each country, in the order of the names."""
    known, english = _names(language), _names(ENGLISH)
    named = [(code, known.get(code) or english.get(code) or code) for code in codes]
    return sorted(named, key=lambda one: one[1].casefold())


@cache
def _names(language: Language) -> dict[str, str]:
    return dict(Locale.parse(language.tag, sep="-").territories)
