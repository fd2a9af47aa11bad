"""Which page shows which state, and how a page becomes HTML."""

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from importlib.resources import files
from typing import Any

from minijinja import Environment

from paydesk.checkouts import State
from paydesk.checkouts.model import PageCheckout, Phase, Standing
from paydesk.languages import LANGUAGES, Language, words_of
from paydesk.web.page.texts import fault_text
from paydesk.web.page.view import BareView, PageView


class PageName(StrEnum):
    """The pages; each is the template of its name, and what `…/state` answers."""

    OPEN = "open"
    DECLINED = "declined"
    AUTHENTICATING = "authenticating"  # the issuer's method frame runs
    CHALLENGE = "challenge"
    CODE = "code"  # the security code is asked for again
    BANK = "bank"  # the payer is to act at their bank
    SCAN = "scan"
    TRANSFER = "transfer"
    PROCESSING = "processing"
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNPAYABLE = "unpayable"
    # Without a checkout.
    MISSING = "missing"
    TROUBLE = "trouble"


# These stand in a document of their own, below the page.
WITH_ISSUER = frozenset({PageName.AUTHENTICATING, PageName.CHALLENGE})

# The card form stands on these.
PAYABLE = frozenset({PageName.OPEN, PageName.DECLINED})

_OF_PHASE: Mapping[Phase | None, PageName] = {
    Phase.METHOD: PageName.AUTHENTICATING,
    Phase.CHALLENGE: PageName.CHALLENGE,
    Phase.CODE: PageName.CODE,
    Phase.BANK: PageName.BANK,
    Phase.SCAN: PageName.SCAN,
    Phase.TRANSFER: PageName.TRANSFER,
}

_PAGES: Mapping[State, PageName] = {
    State.OPEN: PageName.OPEN,
    State.PENDING: PageName.PROCESSING,
    State.COMPLETED: PageName.PAID,
    State.FAILED: PageName.FAILED,
    State.CANCELLED: PageName.CANCELLED,
    State.EXPIRED: PageName.EXPIRED,
}


def page_of(page: PageCheckout) -> PageName:
    """The page that a checkout in this state shows, wherever the payer came from."""
    name = _PAGES[page.state]
    last = page.last_attempt
    if name is PageName.CANCELLED and page.is_fraud:  # who tests cards sees no more than declines
        return PageName.FAILED
    if name is PageName.OPEN and page.has_expired:  # the sweep has not come by yet
        return PageName.EXPIRED
    if name is PageName.OPEN and page.standing is not Standing.PAYABLE:
        return PageName.UNPAYABLE
    if name is PageName.OPEN and last is not None and last.decline_reason is not None:
        return PageName.DECLINED
    if name is PageName.PROCESSING and last is not None and last.phase in _OF_PHASE:
        return _OF_PHASE[last.phase]
    if name is PageName.PROCESSING and last is not None and last.waits:
        return PageName.WAITING
    return name


def render(name: PageName, view: PageView | BareView) -> str:
    """The page as HTML."""
    return fill(name, view)


def fill(template: str, view: Any) -> str:
    """The template of this name as HTML, with the fields of its view, a dataclass."""
    values = {field.name: getattr(view, field.name) for field in fields(view)}
    language: Language = values["language"]
    words = words_of(language)
    return _environment.render_template(
        f"{template}.html",
        **values
        | {
            "page": str(template),
            "language": language.tag,
            "direction": language.direction,
            "language_name": language.own_name,
            "_": words.text,
            "ngettext": words.plural,
        },
    )


def _compiled() -> Environment:
    environment = Environment(
        loader=_source,
        # Without this answer only files whose names end as minijinja expects are escaped.
        auto_escape_callback=lambda _name: "html",
        # Else a template's fault has the view in the log: names, and the page's secret address.
        debug=False,
        undefined_behavior="strict",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.add_global("fault", fault_text)
    environment.add_global("languages", list(LANGUAGES.values()))
    return environment


def _source(name: str) -> str:
    """A template, or the style or script it includes; minijinja asks once for each."""
    if name.endswith(".html"):
        return (_folder / "templates" / name).read_text(encoding="utf-8")
    return _without_margins((_folder / "static" / name).read_text(encoding="utf-8"))


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


_folder = files("paydesk.web.page")
_environment = _compiled()
