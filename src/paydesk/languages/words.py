"""The words of a language: its catalogue, read once when the language is first used."""

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from paydesk.languages.known import ENGLISH, Language

DOMAIN = "words"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language by their English; one that is missing stays English."""

    _catalogue: NullTranslations
    # What is filled into a sentence that runs the other way keeps its own direction.
    _isolates: bool = False

    def text(self, message: str, **values: str) -> str:
        """`_` in the templates: the message, its `{places}` filled."""
        translated = self._catalogue.gettext(message)
        if not values:
            return translated
        if self._isolates:
            values = {
                name: f"\N{FIRST STRONG ISOLATE}{value}\N{POP DIRECTIONAL ISOLATE}"
                for name, value in values.items()
            }
        return translated.format(**values)

    def plural(self, one: str, many: str, count: str) -> str:
        """`ngettext` in the templates, for a count that is text as everything in a view."""
        return self._catalogue.ngettext(one, many, int(count)).format(count=count)


@cache
def words_of(language: Language) -> Words:
    """The language's words."""
    if language is ENGLISH:
        return Words(NullTranslations())
    with files(__package__).joinpath(DOMAIN, f"{language.code}.po").open("rb") as file:
        catalogue = read_po(file, locale=language.code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(GNUTranslations(compiled), language.direction == "rtl")
