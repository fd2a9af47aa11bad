"""A letter as HTML and as plain text; both say the same."""

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files

import css_inline
from minijinja import Environment

from paydesk.notifications.model import Letter

LOGO = "logo"  # the content id of the logo inside the mail
_COLOUR_DEFAULT = "#2447c9"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def html_of(letter: Letter, *, logo_url: str = f"cid:{LOGO}") -> str:
    """The letter as HTML with its style on each element, because mail programs drop the rest.

    What remains in the style element is for those that keep it: the dark colours.
    """
    values = {field.name: getattr(letter, field.name) for field in fields(letter)}
    colour = letter.colour if _COLOUR.fullmatch(letter.colour) else _COLOUR_DEFAULT
    html = _environment.render_template(
        "letter.html",
        **values | {"colour": colour, "logo_url": logo_url if letter.logo else ""},
    )
    return _inliner.inline(html)


def text_of(letter: Letter) -> str:
    """The letter as plain text."""
    return "\n".join(_text_lines(letter)).strip() + "\n"


def _text_lines(letter: Letter) -> Iterator[str]:
    yield from (letter.banner, "") if letter.banner else ()
    yield from (letter.title, "")
    for paragraph in letter.paragraphs:
        yield from (paragraph, "")
    if letter.link is not None:
        label, address = letter.link
        yield from (f"{label}: {address}", "")
    yield from (f"{label}: {value}" for label, value in letter.rows)
    if letter.lines:
        yield from ("", letter.lines_title)
        for line in letter.lines:
            count = f"{line.count} × " if line.count else ""
            yield f"- {count}{line.name}: {line.amount}"
        yield from (f"{label}: {value}" for label, value in letter.sums)
    for note in letter.notes:
        yield from ("", note)


def _compiled() -> Environment:
    return Environment(
        loader=lambda name: (_folder / name).read_text(encoding="utf-8"),
        auto_escape_callback=lambda _name: "html",
        # Else a template's fault has the letter in the log: names and amounts.
        debug=False,
        undefined_behavior="strict",
        trim_blocks=True,
        lstrip_blocks=True,
    )


_folder = files("paydesk.notifications") / "templates"
_environment = _compiled()
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
