"""All sentences that payers are told, found in templates and code; `make words` runs this.

Each language's catalogue gets the new ones and loses those that nobody says any more. A
translation stays as it is, with its comment: who made it, and whether a speaker has read it.
"""

import ast
import re

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from rich.console import Console

from paydesk.languages import ENGLISH, LANGUAGES
from source import SOURCE, modules

CATALOGUES = SOURCE / "languages" / "words"
# What a translation that no speaker has read yet is marked with. `fuzzy` would leave it out.
MACHINE_MADE = "Machine translation. Not yet read by a native speaker."

_KEPT = r'^"(?:Language|Plural-Forms|MIME-Version|Content-[^:]*):.*\n'
_QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
_TEXT = re.compile(rf"\b_\(\s*{_QUOTED}")
_PLURAL = re.compile(rf"\bngettext\(\s*{_QUOTED}\s*,\s*{_QUOTED}")


def sentences():
    """Where each sentence is said, by the sentence; two of them are a singular and its plural."""
    found = {}
    for path in sorted(SOURCE.rglob("*.html")):
        place = str(path.relative_to(SOURCE))
        text = path.read_text(encoding="utf-8")
        for match in _PLURAL.finditer(text):
            one, many = match[1] or match[2], match[3] or match[4]
            found.setdefault((one, many), []).append(place)
        for match in _TEXT.finditer(text):
            found.setdefault(match[1] or match[2], []).append(place)
    for place, tree in modules().items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "translatable":
                found.setdefault(ast.literal_eval(call.args[0]), []).append(place)
    return found


def catalogue_of(code):
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def renew(code, known):
    """Writes the language's catalogue anew: the sentences of today, with what is translated."""
    path = CATALOGUES / f"{code}.po"
    old = catalogue_of(code) if path.exists() else Catalog(locale=code)
    new = Catalog(locale=code, fuzzy=False, charset="utf-8")
    for sentence, places in sorted(known.items(), key=lambda item: (item[1][0], str(item[0]))):
        before = old.get(sentence if isinstance(sentence, str) else sentence[0])
        new.add(
            sentence,
            before.string if before else "",
            locations=[(place, None) for place in dict.fromkeys(places)],
            user_comments=before.user_comments if before else (),
            flags={"python-brace-format"} if "{" in str(sentence) else (),
        )
    with path.open("wb") as file:
        write_po(file, new, width=0, include_lineno=False)  # unwrapped: a line for a sentence
    text = path.read_text(encoding="utf-8")
    # Dates, names and the tool's version would change with every run.
    kept = re.findall(_KEPT, text, re.MULTILINE)
    body = text.partition("\n\n")[2]
    path.write_text('msgid ""\nmsgstr ""\n' + "".join(kept) + "\n" + body, encoding="utf-8")
    return sum(not is_translated(message) for message in new if message.id)


def is_translated(message):
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms)


def main():
    console = Console()
    known = sentences()
    for code in LANGUAGES:
        if code != ENGLISH.code:
            missing = renew(code, known)
            console.print(f"{code}: {len(known)} sentences, {missing} not translated")


if __name__ == "__main__":
    main()
