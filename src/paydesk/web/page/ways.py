"""The ways to pay that a payer is offered, and what the pages of those without a card show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import segno
from minijinja import safe

from paydesk.checkouts.model import LastAttempt, PageCheckout, Phase
from paydesk.kit.money import Money
from paydesk.languages import Writing, translatable
from paydesk.payment_methods import BankAccount, MethodType, PaymentMethod, offered

LABELS: Mapping[MethodType, tuple[str, str]] = {
    MethodType.CARD: (translatable("Card"), ""),
    MethodType.INSTANT_EFT: (
        translatable("Instant EFT"),
        translatable("You log in at your bank and agree there."),
    ),
    MethodType.SCAN_TO_PAY: (
        translatable("Scan to pay"),
        translatable("You scan a code with your banking app."),
    ),
    MethodType.PAYIN: (
        translatable("Bank transfer"),
        translatable("You get a reference and send the money yourself. It takes up to two days."),
    ),
}


@dataclass(frozen=True, slots=True)
class WayView:
    """One way to pay. label and hint are translatable."""

    value: str
    label: str
    hint: str
    is_chosen: bool


NO_WAY = WayView("", "", "", is_chosen=False)


@dataclass(frozen=True, slots=True)
class WaysView:
    """What the pay form offers; ways is empty where there is nothing to choose.

    only is the way of a form that offers no other, where that is no card; translatable.
    """

    ways: tuple[WayView, ...]
    takes_cards: bool
    only: WayView = NO_WAY


CARDS_ONLY = WaysView((), takes_cards=True)


NO_ACCOUNT = BankAccount("", "", "", "")


@dataclass(frozen=True, slots=True)
class AtBankView:
    """What the page shows while the payer is needed at their bank. An empty text is not shown.

    goes: the page goes on to the bank by itself. code is the SVG of a code to scan. received and
    missing are of a transfer that is short; trial_url is where its sender can be played in a test.
    came_back is what was not needed of money sent by hand; it is there still if is_coming_back.
    """

    url: str = ""
    goes: bool = False
    code: str = ""
    seconds_left: str = ""
    until_time: str = ""
    until_day: str = ""
    account: BankAccount = NO_ACCOUNT
    reference: str = ""
    received: str = ""
    missing: str = ""
    trial_url: str = ""
    leave_token: str = ""
    came_back: str = ""
    is_coming_back: bool = False


NOWHERE = AtBankView()


def ways_to_pay(page: PageCheckout, methods: Sequence[PaymentMethod]) -> tuple[PaymentMethod, ...]:
    """The account's methods that this checkout offers, cards first."""
    found = offered(methods, page.payment_method_ids, page.amount, cards_only=page.cards_only)
    return tuple(sorted(found, key=lambda method: list(LABELS).index(method.type)))


def ways_view(ways: Sequence[PaymentMethod], chosen: str) -> WaysView:
    """The choice among these ways; chosen is what the payer had picked, if anything."""
    types = [method.type for method in ways]
    picked = chosen if chosen in types else types[0] if types else ""
    views = tuple(WayView(type_, *LABELS[type_], is_chosen=type_ == picked) for type_ in types)
    takes_cards = MethodType.CARD in types
    if len(views) == 1:
        return WaysView((), takes_cards, NO_WAY if takes_cards else views[0])
    return WaysView(views, takes_cards)


def at_bank_view(
    page: PageCheckout,
    written: Writing,
    methods: Sequence[PaymentMethod],
    *,
    goes: bool = False,
    trial_url: str = "",
    leave_token: str = "",
) -> AtBankView:
    """The view of a checkout whose payer is needed at their bank, or has sent too much there."""
    last = page.last_attempt
    back = page.surplus + page.returned
    came_back = written.amount(Money(back, page.amount.currency)) if back else ""
    if last is None or last.phase not in _PHASES or last.handover_until is None:
        return AtBankView(came_back=came_back, is_coming_back=page.surplus > 0)
    return AtBankView(
        url=_address(last.handover_url or ""),
        goes=goes,
        code=_code(last.handover_url) if last.phase is Phase.SCAN else "",
        seconds_left=str(max(0, last.handover_seconds_left)),
        until_time=written.time(last.handover_until),
        until_day=written.day(last.handover_until),
        account=_account(methods) if last.phase is Phase.TRANSFER else NO_ACCOUNT,
        reference=last.payer_reference or "",
        **_short(page, last, written),
        trial_url=_address(trial_url),
        leave_token=leave_token,
        came_back=came_back,
        is_coming_back=page.surplus > 0,
    )


_PHASES = {Phase.BANK, Phase.SCAN, Phase.TRANSFER}


def _account(methods: Sequence[PaymentMethod]) -> BankAccount:
    accounts = (method.bank_account for method in methods if method.type is MethodType.PAYIN)
    return next(accounts, None) or NO_ACCOUNT


def _short(page: PageCheckout, last: LastAttempt, written: Writing) -> dict[str, str]:
    if not last.received:
        return {}
    received = Money(last.received, page.amount.currency)
    return {
        "received": written.amount(received),
        "missing": written.amount(page.amount - received),
    }


def _code(url: str | None) -> str:
    """The code as SVG, on a white ground of its own: scanners need it in the dark too."""
    made = segno.make(url or "", error="m", micro=False)
    return safe(made.svg_inline(svgclass="qr", lineclass=None, omitsize=True, light="#fff"))


def _address(url: str) -> str:
    return safe(escape(url))
