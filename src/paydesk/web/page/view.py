"""What the payer's page shows, as finished text: the only thing a template is given.

A template would print a Decimal without its zeros and an amount without its currency, so a
view holds text and yes or no, nothing else. Texts marked `translatable` are translated by
the template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TypeGuard

from minijinja import safe

from paydesk import limits
from paydesk.checkouts.model import PageCheckout, Standing
from paydesk.kit.money import Money
from paydesk.languages import Language, Writing, translatable, writing_of
from paydesk.merchants import BrandLogo
from paydesk.orders import Item
from paydesk.web.page.back import refresh_seconds, wait_seconds
from paydesk.web.page.cards import NO_CARDS, CardsView
from paydesk.web.page.customer import KNOWN_CUSTOMER, CustomerView, customer_view
from paydesk.web.page.embed import NOT_EMBEDDED, EmbedView
from paydesk.web.page.forms import FormValues
from paydesk.web.page.look import look, look_of
from paydesk.web.page.texts import advice_on, fault_text
from paydesk.web.page.time_left import TimeView, time_view
from paydesk.web.page.ways import CARDS_ONLY, NOWHERE, AtBankView, WaysView

# From here on a payer is told how many tries are left: before, it would only worry.
TRIES_LEFT_TOLD_MAX = 2


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the cart. each is empty for a single piece."""

    name: str
    count: str
    each: str
    amount: str


@dataclass(frozen=True, slots=True)
class SumView:
    """One line between the cart and the total. label is translatable."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class ErrorView:
    """One entry of the error summary. target is the id of the input, or empty."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class IssuerView:
    """The way to the card's issuer. width and height are empty for a frame as large as can be."""

    frame_path: str
    full_path: str
    leave_path: str
    method_seconds: str
    continue_token: str
    width: str
    height: str
    post_url: str
    inputs: tuple[tuple[str, str], ...]


NO_ISSUER = IssuerView("", "", "", "", "", "", "", "", ())


@dataclass(frozen=True, slots=True)
class PageView:
    """All a checkout's page shows. An empty text is not shown."""

    language: Language
    nonce: str
    look: str
    base_path: str

    is_test: bool
    is_taken: bool
    is_hold: bool
    merchant_name: str
    monogram: str
    logo_url: str
    description: str
    reference: str

    total: str
    total_code: str
    shows_total: bool
    shows_cart: bool
    shows_cancel: bool
    lines: tuple[LineView, ...]
    lines_count: str
    sums: tuple[SumView, ...]

    attempt_token: str
    cancel_token: str
    customer: CustomerView
    name: str
    expiry: str
    errors: tuple[ErrorView, ...]
    number_error: str
    expiry_error: str
    security_code_error: str
    name_error: str

    advice_title: str
    advice_next: str
    tries_left: str

    success_url: str
    cancel_url: str
    expires_time: str
    expires_day: str
    time: TimeView
    hold_day: str

    ways: WaysView = CARDS_ONLY
    saved: CardsView = NO_CARDS
    is_verification: bool = False
    is_for_nothing: bool = False
    is_recurring: bool = False
    plan_path: str = ""
    at_bank: AtBankView = NOWHERE
    embed: EmbedView = NOT_EMBEDDED
    cardholder_text: str = ""
    leave_token: str = ""
    issuer: IssuerView = NO_ISSUER
    document_title: str = ""
    document_url: str = ""
    pause: str = ""
    onward_seconds: str = str(limits.REDIRECT_SECONDS)
    refresh_seconds: str = ""
    waits_for_shop: bool = False
    asks_for_work: bool = False


@dataclass(frozen=True, slots=True)
class BounceView:
    """What a document shows that posts itself to the issuer, where script does not do it."""

    language: Language
    nonce: str
    post_url: str
    inputs: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls, language: Language, nonce: str, post_url: str, inputs: Mapping[str, str]
    ) -> "BounceView":
        return cls(language, nonce, _address(post_url), tuple(inputs.items()))


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """What the payer is shown on the way back from the issuer; path is where it goes on.

    It is empty in the method frame.
    """

    language: Language
    nonce: str
    path: str

    @classmethod
    def of(cls, language: Language, nonce: str, path: str) -> "ReturnedView":
        return cls(language, nonce, _address(path) if path else "")


@dataclass(frozen=True, slots=True)
class BareView:
    """What a page without a checkout shows: an unknown link, or trouble on our side."""

    language: Language
    nonce: str
    look: str
    base_path: str = ""
    is_test: bool = False
    embed: EmbedView = NOT_EMBEDDED


def view_of(
    page: PageCheckout,
    *,
    language: Language,
    attempt_token: str,
    cancel_token: str,
    base_path: str,
    nonce: str,
    hold_until: datetime | None = None,
    form: FormValues | None = None,
    issuer: IssuerView = NO_ISSUER,
    leave_token: str = "",
    extend_token: str = "",
    embed: EmbedView = NOT_EMBEDDED,
    asks_for_work: bool = False,
    ways: WaysView = CARDS_ONLY,
    saved: CardsView = NO_CARDS,
    plan_path: str = "",
    at_bank: AtBankView = NOWHERE,
    document: tuple[str, str] = ("", ""),
) -> PageView:
    """The view of a checkout, whatever its state; pages.py picks what of it is shown.

    hold_until is when an authorised amount is let go, for a checkout that only authorises.
    document is the title and address of the payment's invoice, while the page shows it.
    """
    form = form or FormValues()
    custom = page.customization
    written = writing_of(language, custom.number_style)
    last = page.last_attempt
    advice = advice_on(last.decline_reason, last.method) if last else advice_on(None)
    tries_left = limits.FAILED_ATTEMPTS_MAX - page.attempts
    customer = (
        customer_view(page.customer_fields, language, typed=form.customer, faults=form.faults)
        if page.customer_id is None
        else KNOWN_CUSTOMER
    )
    error = {field: fault_text(form.faults[field]) for field in _TARGETS if field in form.faults}
    shows_cart = custom.display_cart and bool(page.items)
    return PageView(
        language=language,
        nonce=nonce,
        look=safe(look_of(custom)),
        base_path=_address(base_path),
        is_test=not page.is_live,
        is_taken=page.standing is Standing.TAKEN,
        is_hold=page.is_hold,
        merchant_name=page.merchant_name,
        monogram=page.merchant_name.strip()[:1].upper(),
        logo_url=_logo_url(page),
        description=page.order_description or "",
        reference=page.order_reference,
        total=written.amount(page.amount),
        total_code=written.code_beside(page.amount),
        shows_total=custom.display_total,
        shows_cart=shows_cart,
        shows_cancel=custom.display_cancel_button,
        lines=tuple(_line(item, written) for item in page.items) if shows_cart else (),
        lines_count=str(len(page.items)),
        sums=_sums(page, written) if custom.display_total else (),
        attempt_token=attempt_token,
        cancel_token=cancel_token,
        customer=customer,
        name=form.name,
        expiry=form.expiry,
        errors=_errors(error, customer),
        number_error=error.get("number", ""),
        expiry_error=error.get("expiry", ""),
        security_code_error=error.get("security_code", ""),
        name_error=error.get("name", ""),
        advice_title=advice.title,
        advice_next=advice.next_step,
        tries_left=str(tries_left) if 0 < tries_left <= TRIES_LEFT_TOLD_MAX else "",
        success_url=_address(page.redirects.success_url),
        cancel_url=_address(page.redirects.cancel_url),
        expires_time=written.time(page.expires_at),
        expires_day=written.day(page.expires_at),
        time=time_view(page, token=extend_token),
        embed=embed,
        ways=ways,
        saved=saved,
        is_verification=page.is_verification,
        is_for_nothing=page.is_for_nothing,
        is_recurring=page.recurring is not None,
        plan_path=_address(plan_path),
        at_bank=at_bank,
        hold_day="" if hold_until is None else written.day(hold_until),
        cardholder_text=(last and last.cardholder_text) or "",
        leave_token=leave_token,
        issuer=issuer,
        document_title=document[0],
        document_url=_address(document[1]),
        pause=str(-(-page.pause_milliseconds // 1000)) if page.pause_milliseconds else "",
        asks_for_work=asks_for_work,
        refresh_seconds=str(refresh_seconds(page)),
        waits_for_shop=wait_seconds(page) > 0,
    )


def bare_view(language: Language, nonce: str) -> BareView:
    """The view of a page that has no checkout to show."""
    return BareView(language, nonce, safe(look()))


def _logo_url(page: PageCheckout) -> str:
    is_shown = page.logo is not None and page.customization.brand_logo is BrandLogo.ACCOUNT
    return _address(f"/logos/{page.logo}") if is_shown else ""


def _line(item: Item, written: Writing) -> LineView:
    each = written.amount(item.unit_amount) if item.quantity > 1 else ""
    amount = written.amount(item.unit_amount * item.quantity)
    return LineView(item.name, written.count(item.quantity), each, amount)


def _sums(page: PageCheckout, written: Writing) -> tuple[SumView, ...]:
    amounts = page.amounts
    less = amounts.discount and Money(-amounts.discount.minor, amounts.discount.currency)
    between = [
        (translatable("Discount"), less),
        (translatable("Shipping"), amounts.shipping),
        (translatable("Tax"), amounts.tax),
    ]
    sums = [SumView(label, written.amount(money)) for label, money in between if _counts(money)]
    if sums and _counts(amounts.subtotal):
        sums.insert(0, SumView(translatable("Subtotal"), written.amount(amounts.subtotal)))
    return tuple(sums)


def _counts(money: Money | None) -> TypeGuard[Money]:
    return money is not None and money.minor != 0


# The order of the form, with the ids of its inputs; `form` is the whole and leads nowhere.
_TARGETS = {
    "form": "",
    "number": "card-number",
    "expiry": "card-expiry",
    "security_code": "card-security-code",
    "name": "card-name",
}


def _errors(error: dict[str, str], customer: CustomerView) -> tuple[ErrorView, ...]:
    return (
        *(ErrorView("", error[field]) for field in ("form",) if field in error),
        *(ErrorView(one.id, one.error) for one in customer.inputs if one.error),
        *(
            ErrorView(target, error[field])
            for field, target in _TARGETS.items()
            if field in error and target
        ),
    )


def _address(url: str) -> str:
    """The address for an attribute, with only what HTML demands escaped.

    The template's own escaping would write every slash as `&#x2f;`. Browsers read that, many
    scripts that look for the shop's address do not.
    """
    return safe(escape(url))
