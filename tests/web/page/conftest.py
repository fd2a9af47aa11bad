"""A checkout to show, and what the page's route would make of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from paydesk.cards import CardStatus, SavedCard
from paydesk.checkouts.model import Customization, PageCheckout, Redirects
from paydesk.checkouts.states import State
from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle, choose, writing_of
from paydesk.notifications import Planned
from paydesk.orders import Amounts, Item
from paydesk.payment_methods import BankAccount, MethodType, PaymentMethod, PaymentMethodID
from paydesk.payments import Interval, Payment, Schedule
from paydesk.payments import State as PlanState
from paydesk.web.page.cards import NO_CARDS, cards_view
from paydesk.web.page.forms import FormValues
from paydesk.web.page.look import look_of
from paydesk.web.page.pages import PAYABLE, fill, page_of, render
from paydesk.web.page.plans import plan_view
from paydesk.web.page.view import NO_ISSUER, IssuerView, PageView, view_of
from paydesk.web.page.ways import at_bank_view, ways_to_pay, ways_view

ZAR = Currency("ZAR", 2)


# A checkout offers cards alone unless it is made to offer more.
_METHODS = (
    PaymentMethod(PaymentMethodID("pam_card"), MethodType.CARD, "KAROO"),
    PaymentMethod(PaymentMethodID("pam_eft"), MethodType.INSTANT_EFT, "KAROO"),
    PaymentMethod(PaymentMethodID("pam_scan"), MethodType.SCAN_TO_PAY, "KAROO"),
    PaymentMethod(
        PaymentMethodID("pam_hand"),
        MethodType.PAYIN,
        "KAROO",
        bank_account=BankAccount("Sandbox Bank", "Karoo Coffee Roasters", "0000012345", "000000"),
    ),
)


def _saved(id_: str, **changes: Any) -> SavedCard:
    values: dict[str, Any] = {
        "account_id": 1,
        "id": id_,
        "customer_id": "cus_01",
        "status": CardStatus.ACTIVE,
        "brand": "visa",
        "ending": "4242",
        "expire_month": 12,
        "expire_year": 2030,
        "expire_in_months": 49,
        "nickname": None,
        "is_default": False,
        "token": "t" * 64,
        "saved_at": datetime(2026, 10, 22, 11, 45, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 22, 11, 45, tzinfo=UTC),
    }
    return SavedCard(**(values | changes))


# Those of a payer whose checkout shows saved cards, as the store would bring them.
SAVED = (
    _saved("crd_01", nickname="Household and groceries", is_default=True),
    _saved("crd_02", brand="amex", ending="0005", expire_month=3, expire_year=2029),
    _saved(
        "crd_03", status=CardStatus.EXPIRED, brand="mastercard", ending="4444", expire_year=2025
    ),
)


def _rand(text: str) -> Money:
    return Money.parse(text, ZAR)


def _checkout(**changes: Any) -> PageCheckout:
    values: dict[str, Any] = {
        "account_id": 1,
        "id": "chk_01",
        "is_live": False,
        "connector": "sandbox",
        "merchant_name": "Karoo Coffee Roasters",
        "state": State.OPEN,
        "amount": _rand("1200.00"),
        "order_reference": "INV-2026-0042",
        "order_description": "Beans and a grinder",
        "items": (
            Item("A", "Single origin beans, 1 kg", 2, _rand("325.00"), None, None, None),
            Item("B", "Hand grinder, steel", 1, _rand("600.00"), None, None, None),
        ),
        "amounts": Amounts(
            _rand("1200.00"), _rand("1250.00"), _rand("100.00"), _rand("50.00"), _rand("0.00")
        ),
        "redirects": Redirects(
            "https://shop.example/thanks?order=42&by=card",
            "https://shop.example/cart?keep=1&order=42",
            "https://shop.example/hook",
        ),
        "customization": Customization(),
        "expires_at": datetime(2026, 11, 22, 11, 45, tzinfo=UTC),
        "has_expired": False,
        "attempts": 0,
        "last_attempt": None,
        "customer_id": "cus_01",
        "payment_method_ids": ("pam_card",),
    }
    return PageCheckout(**(values | changes))


def _view(
    page: PageCheckout, form: FormValues | None = None, issuer: IssuerView = NO_ISSUER
) -> PageView:
    language = choose(page.customization.locale, "")
    shown = page.shown_card_ids
    offered = [one for one in SAVED if page.has_cards and (shown is None or one.id in shown)]
    return view_of(
        page,
        language=language,
        attempt_token="attempt-token",
        cancel_token="cancel-token",
        base_path="/checkout/cs_test_abc",
        nonce="nonce-of-this-page",
        hold_until=datetime(2026, 11, 29, 11, 45, tzinfo=UTC) if page.is_hold else None,
        form=form,
        issuer=issuer,
        leave_token="leave-token",
        ways=ways_view(ways_to_pay(page, _METHODS), form.method if form else ""),
        saved=cards_view(
            page,
            offered,
            language,
            chosen=form.saved_card if form else "",
            is_agreed=form.is_agreed if form else None,
            remove_token=lambda card_id: f"remove-{card_id}",
        )
        if page_of(page) in PAYABLE
        else NO_CARDS,
        plan_path="/plan/pay_01/plan-token" if page.payment_id else "",
        at_bank=at_bank_view(
            page,
            writing_of(language, page.customization.number_style),
            _METHODS,
            trial_url="http://127.0.0.1:9402/transfer?reference=K7M2QX9T&amount=1200.00",
            leave_token="leave-bank-token",
        ),
    )


def _issuer(**changes: Any) -> IssuerView:
    values: dict[str, Any] = {
        "frame_path": "/checkout/cs_test_abc/authentication/challenge",
        "full_path": "/checkout/cs_test_abc/authentication/full",
        "leave_path": "/checkout/cs_test_abc/authentication/leave",
        "method_seconds": "10",
        "continue_token": "continue-token",
        "width": "250",
        "height": "400",
        "post_url": "https://issuer.example/challenge?a=1&b=2",
        "inputs": (("creq", "eyJ9"), ("threeDSSessionData", "c2Vzc2lvbg")),
    }
    return IssuerView(**(values | changes))


PLAIN = Customization()


def plan_html(
    *,
    asks: bool = False,
    custom: Customization = PLAIN,
    name: str = "",
    **changes: Any,
) -> str:
    """The page of a recurring payment, or of its question whether to stop it."""
    values: dict[str, Any] = {
        "account_id": 1,
        "id": "pay_01",
        "customer_id": "cus_01",
        "card_id": "crd_01",
        "amount": _rand("1200.00"),
        "reference": "INV-2026-0042",
        "schedule": Schedule(Interval.MONTHLY, date(2026, 11, 22)),
        "state": PlanState.RUNNING,
        "due_on": date(2026, 12, 22),
        "charge_at": datetime(2026, 12, 22, 4, 0, tzinfo=UTC),
        "charges": 1,
    }
    planned = Planned(
        is_live=False,
        merchant_name=name or "Karoo Coffee Roasters",
        email="accounts@shop.example",
        contact_number="+27210000000",
        locale=custom.locale,
        number_style=NumberStyle.SPACE_POINT,
        amount=_rand("1200.00"),
        interval="MONTHLY",
        reference="INV-2026-0042",
        description="Beans every month",
    )
    view = plan_view(
        Payment(**(values | changes)),
        planned,
        choose(custom.locale, ""),
        "nonce-of-this-page",
        look=look_of(custom),
        path="/plan/pay_01/plan-token",
        stop_token="stop-token" if asks else "",
    )
    return fill("plan", view)


@pytest.fixture
def checkout() -> Callable[..., PageCheckout]:
    return _checkout


@pytest.fixture
def view() -> Callable[..., PageView]:
    return _view


@pytest.fixture
def issuer_html() -> Callable[..., str]:
    """A document of an authentication, as its route would answer it."""
    return lambda name, page, **changes: fill(name, _view(page, issuer=_issuer(**changes)))


@pytest.fixture
def html() -> Callable[..., str]:
    """The page as its route would answer it."""
    return lambda page, form=None: render(page_of(page), _view(page, form))
