"""Which page shows which state, and how a page becomes HTML."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from paydesk.checkouts import State
from paydesk.checkouts.model import PageCheckout, Phase, Standing
from paydesk.languages import Language, words_of
from paydesk.web.page.compiled import cut, templates_in
from paydesk.web.page.pieces import Pieces, joined
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
    """The template of this name as HTML, with the fields of its view, a dataclass with slots."""
    return joined(pieces_of(template, view)).decode()


def pieces_of(template: str, view: Any) -> Pieces:
    """The same in pieces, for who may compress it."""
    values = {name: getattr(view, name) for name in view.__slots__}
    language: Language = values.pop("language")
    templates = templates_in(language, words_of(language))
    filled = templates.render_template(f"{template}.html", page=str(template), **values)
    return cut(filled)
