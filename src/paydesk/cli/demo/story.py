"""The story: one checkout made, opened, paid and reported, each step told with its time.

Everything goes through the real API and the real page; nothing is looked up behind them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from paydesk.cli.demo.exchange import Answer, NoAnswer
from paydesk.cli.demo.merchant import Merchant
from paydesk.cli.demo.payer import CardFormMissing, open_page, pay
from paydesk.cli.demo.shop import Shop
from paydesk_client import PaydeskError

_WEBHOOK_SECONDS_MAX = 15  # far above the usual few milliseconds
_WIDTH = 50


class StepFailed(Exception):
    """A step of the story failed. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes the story's lines: what happened, what came of it, how long it took."""

    console: Console

    def tell(self, what: str, milliseconds: int, *, result: str) -> None:
        self.console.print("✓ ", style="green", end="")
        self.console.print(f"{what:<{_WIDTH}}", end=" ", markup=False)
        self.console.print(f"{milliseconds:>5} ms", style="dim")
        self.console.print(f"    {result}", style="cyan", markup=False)

    def wait(self, text: str) -> Any:
        """A spinner for as long as the block runs; nothing where there is no terminal."""
        return self.console.status(text)


def tell_story(teller: Teller, merchant: Merchant, shop: Shop) -> None:
    """One checkout from its creation to the merchant's knowledge of it.

    Raises: StepFailed, at the first step that fails.
    """
    began = time.monotonic()
    with _step("Creating the checkout"):
        checkout = merchant.create_checkout()
    asked = f"{checkout['currency']} {checkout['amount']}"
    teller.tell(
        "The shop asks for a checkout: POST /checkout/page",
        _since(began),
        result=f"{checkout['id']} over {asked}",
    )
    page = _open(teller, checkout["page_url"])
    pressed_at = time.monotonic()
    _pay(teller, page)
    _hear(teller, shop, checkout["id"], pressed_at)
    began = time.monotonic()
    with _step("Asking how the checkout stands"):
        shown = merchant.show_checkout(checkout["id"])
        _expect(shown["status"] == "completed", f"its status is {shown['status']}")
    teller.tell(
        "The shop asks how it stands: GET /checkout/page/…",
        _since(began),
        result=f"{shown['status']}, transaction {shown['transaction_id']}",
    )


def _open(teller: Teller, page_url: str) -> Answer:
    with _step("Opening the page"):
        page = open_page(page_url)
        _expect(page.status == 200, f"it answers {page.status}")
    size = round(len(page.body.encode()) / 1024)
    teller.tell(
        "The payer opens the page",
        page.milliseconds,
        result=f"{size} KB of HTML with style and script in it",
    )
    return page


def _pay(teller: Teller, page: Answer) -> None:
    with _step("Paying"):
        paid = pay(page)
        # The paid page is the one that leads on to the shop.
        _expect("/thanks" in paid.body, f"the page does not say paid (status {paid.status})")
    teller.tell(
        "The payer pays with 4242 4242 4242 4242",
        paid.milliseconds,
        result="paid: vault, acquirer and ledger have done their part",
    )


def _hear(teller: Teller, shop: Shop, checkout_id: str, pressed_at: float) -> None:
    with _step("Receiving the webhook"), teller.wait("Waiting for the webhook …"):
        heard = shop.await_webhook(checkout_id, seconds=_WEBHOOK_SECONDS_MAX)
        _expect(heard is not None, f"none came within {_WEBHOOK_SECONDS_MAX} s")
        assert heard is not None
        _expect(heard.event == "checkout.completed", f"it says {heard.event}")
        _expect(heard.is_genuine, "its X-Signature does not verify")
    teller.tell(
        "The shop's webhook receiver hears of it, after Pay",
        _since(pressed_at, until=heard.at),
        result=f"{heard.event}, X-Signature verified",
    )


def _since(began: float, *, until: float | None = None) -> int:
    """Milliseconds."""
    return round(1000 * ((until or time.monotonic()) - began))


@contextmanager
def _step(name: str) -> Iterator[None]:
    try:
        yield
    except (PaydeskError, NoAnswer, CardFormMissing, _Unexpected, ValueError, LookupError) as fault:
        raise StepFailed(f"{name} failed: {fault}") from fault


class _Unexpected(Exception):
    """The step worked, and brought something else than it should."""


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (a condition)
    if not holds:
        raise _Unexpected(otherwise)
