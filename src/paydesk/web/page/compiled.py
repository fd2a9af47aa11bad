"""The page's templates, compiled once for each language with the sentences that never change."""

import re
import secrets
from collections.abc import Callable
from functools import cache, lru_cache
from html import escape
from importlib.resources import files

from minijinja import Environment, safe

from paydesk.languages import LANGUAGES, Language, Words
from paydesk.web.page.pieces import Fixed, Pieces
from paydesk.web.page.texts import fault_text
from paydesk.web.page.ways import WaysView

# A sentence without places, such as `{{ _("Pay by card") }}`, or a fault's by its rule.
_SENTENCE = re.compile(r"""\{\{ _\((fault\()?(["'])([^"']+)\2\)?\) \}\}""")
# All ways in use times which is picked, and some.
_CHOICES_MAX = 64
# Stands on both sides of the name of a style or script. Nobody who has a say in a page can guess
# it, so none of their texts is taken for a name.
_CUT = f"<{secrets.token_hex(16)}>"

_folder = files("paydesk.web.page")


# More than there are languages, so that each is compiled once.
@lru_cache(maxsize=2 * len(LANGUAGES))
def templates_in(language: Language, words: Words) -> Environment:
    """The templates, speaking these words."""
    environment = Environment(
        loader=lambda name: _source(name, words),
        # Without this answer only files whose names end as minijinja expects are escaped.
        auto_escape_callback=lambda _name: "html",
        # Else a template's fault has the view in the log: names, and the page's secret address.
        debug=False,
        undefined_behavior="strict",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.add_global("_", words.text)
    environment.add_global("ngettext", words.plural)
    environment.add_global("language", language.tag)
    environment.add_global("direction", language.direction)
    environment.add_global("language_name", language.own_name)
    buttons = environment.render_template(
        "parts/language_buttons.html", languages=list(LANGUAGES.values())
    )
    environment.add_global("language_buttons", safe(buttons))
    environment.add_global("choice_of", _choice(environment))
    return environment


def _choice(environment: Environment) -> Callable[[WaysView], str]:
    """The choice among ways to pay as HTML; accounts offer the same few choices again and again."""

    @lru_cache(maxsize=_CHOICES_MAX)
    def choice_of(ways: WaysView) -> str:
        return safe(environment.render_template("parts/ways.html", ways=ways))

    return choice_of


def cut(filled: str) -> Pieces:
    """What a template became, as pieces: every other one is the name of a style or script."""
    parts = enumerate(filled.split(_CUT))
    return [_fixed(part) if at % 2 else part.encode() for at, part in parts if part]


def _source(name: str, words: Words) -> str:
    """A template, or the place of a style or script in it; minijinja asks once for each."""
    if not name.endswith(".html"):
        return f"{_CUT}{name}{_CUT}"
    return _spoken((_folder / "templates" / name).read_text(encoding="utf-8"), words)


def _spoken(template: str, words: Words) -> str:
    """The template with its sentences translated: here once, not at every look."""

    def translated(found: re.Match[str]) -> str:
        rule, _, text = found.groups()
        return escape(words.text(fault_text(text) if rule else text))

    return _SENTENCE.sub(translated, template)


@cache
def _fixed(name: str) -> Fixed:
    text = (_folder / "static" / name).read_text(encoding="utf-8")
    return Fixed.of(_without_margins(text).encode())


def _without_margins(text: str) -> str:
    """The text without indents, empty lines and lines that are only a `//` or `/* */` comment.

    It travels with every page, and a payer's phone needs none of these.
    """
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(
        line
        for line in lines
        if line
        and not line.startswith("//")
        and not (line.startswith("/*") and line.endswith("*/"))
    )
