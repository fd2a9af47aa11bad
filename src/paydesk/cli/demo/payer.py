"""The payer: opens the page as a browser without script would, fills the card form in, sends it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from paydesk.cli.demo.exchange import Answer, Exchange

APPROVED = "4242 4242 4242 4242"
_CARD = {
    "cc-exp": "12/30",
    "cc-csc": "123",
    "cc-name": "John Doe",
}


class CardFormMissing(Exception):
    """The page has no card form."""


@dataclass(slots=True)
class _Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)
    asks_for_card: bool = False


class _Forms(HTMLParser):
    """The forms of a page, filled in: by `autocomplete`, which is how browsers know the fields."""

    def __init__(self, card_number: str) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._typed = {"cc-number": card_number, **_CARD}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(given.get("action", "")))
        elif tag == "input" and self.found and "name" in given:
            if given.get("type") == "radio" and "checked" not in given:
                return
            form, purpose = self.found[-1], given.get("autocomplete", "")
            form.values[given["name"]] = self._typed.get(purpose, given.get("value", ""))
            form.asks_for_card |= purpose == "cc-number"


def open_page(page_url: str) -> Answer:
    """The page as it is now. Raises: NoAnswer."""
    return Exchange(page_url).make()


def pay(page: Answer, card_number: str = APPROVED) -> Answer:
    """The page that paying with the card form of this one leads to.

    Raises: CardFormMissing, NoAnswer.
    """
    forms = _Forms(card_number)
    forms.feed(page.body)
    for form in forms.found:
        if form.asks_for_card:
            # A page under the policy `no-referrer` posts with an origin of null.
            headers = {"Origin": "null", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(form.values).encode()
            return Exchange(urljoin(page.url, form.action), body, headers).make()
    raise CardFormMissing(f"There is no card form on the page at {page.url}.")
