"""JSON ⇄ checkouts: what a body asks for, as the command it becomes."""

from dataclasses import replace

import pytest

from callbacks import HOSTS, MALFORMED
from paydesk import lookups
from paydesk.checkouts.model import CardWishes, Customization, Notifications, Theme
from paydesk.checkouts.wire import Terms, read_create
from paydesk.errors import Invalid
from paydesk.kit.money import Money
from workshop import CARD
from world import changed

ZAR = lookups.currency("ZAR")
TERMS = Terms(
    is_live=False,
    loopback_allowed=False,
    payment_methods=(CARD, replace(CARD, id="pam_2")),
    life_seconds=7200,
)
LEAST = {
    "mode": "one-off",
    "amount": "1200.00",
    "currency": "ZAR",
    "redirects": {
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
        "notify_url": "https://merchant.example/webhooks",
    },
}


def _faults(body, terms=TERMS):
    with pytest.raises(Invalid) as refused:
        read_create(body, terms)
    return {fault.path: fault.rule for fault in refused.value.faults()}


def test_the_least_body_gets_every_default():
    command = read_create(LEAST, TERMS)

    assert command.amount == Money(120000, ZAR)
    assert command.mode.name == "one-off"
    assert command.payment_type == "DIRECT_DEBIT"
    assert command.customization == Customization("en-ZA", Theme.AUTO, True, True, True, None)
    assert command.notifications == Notifications(False, False, None)
    assert command.cards == CardWishes(False, False, None)
    assert command.life_seconds == 7200
    assert (command.order_id, command.customer_id, command.customer) == (None, None, None)
    assert command.order.amounts.total == command.amount
    assert command.order.reference == command.order.id
    assert (command.payment_method_ids, command.customer_fields) == (None, None)


@pytest.mark.parametrize(
    ("amount", "minor"), [(None, 0), ("0.00", 0), (0, 0), ("5.50", 550)], ids=str
)
def test_a_card_is_verified_for_nothing_where_its_acquirer_can(amount, minor):
    terms = replace(TERMS, verification_amount="0.00", verifies_for_nothing=True)
    body = {**LEAST, "mode": "save", "amount": amount}
    assert read_create(body, terms).amount == Money(minor, ZAR)
    assert _faults({**LEAST, "amount": "0.00"}, terms) == {"amount": "amount"}


def test_where_it_can_not_the_setting_says_what_is_charged():
    body = {**LEAST, "mode": "save", "amount": None}
    assert read_create(body, TERMS).amount == Money(200, ZAR)
    assert _faults({**body, "amount": "0.00"}) == {"amount": "amount"}


@pytest.mark.parametrize(
    ("path", "value", "read", "kept"),
    [
        ("amount", 1200, lambda c: c.amount.minor, 120000),
        ("mode", "ONE_TIME", lambda c: c.mode.name, "one-off"),
        ("payment.save_card", True, lambda c: c.cards.save_card, True),
        ("cards.save_cards", True, lambda c: c.cards.save_card, True),
        ("show_cards", True, lambda c: c.cards.show_cards, True),
        ("cards.show_cards", True, lambda c: c.cards.show_cards, True),
        ("card_ids", "crd_" + "0" * 26, lambda c: c.cards.card_ids, ("crd_" + "0" * 26,)),
        ("cards.card_ids", ["crd_" + "0" * 26], lambda c: c.cards.card_ids, ("crd_" + "0" * 26,)),
        (
            "payment.payment_methods_ids",
            "pam_2, pam_1",
            lambda c: c.payment_method_ids,
            ("pam_2", "pam_1"),
        ),
        ("payment.payment_method_ids", ["pam_1"], lambda c: c.payment_method_ids, ("pam_1",)),
        (
            "payment.payment_type",
            "Pre-Authorization",
            lambda c: c.payment_type,
            "PRE_AUTHORIZATION",
        ),
        ("payment.metadata", {"till": "7"}, lambda c: c.payment_metadata, {"till": "7"}),
        (
            "customer_fields",
            "email,billing_address,shipping",
            lambda c: c.customer_fields,
            ("email", "billing", "shipping"),
        ),
        ("customer_fields", ["id_number"], lambda c: c.customer_fields, ("id_number",)),
        ("notifications.send_invoice", True, lambda c: c.notifications.send_invoice, True),
        (
            "notifications.confirmation_email_override",
            "accounts@example.com",
            lambda c: c.notifications.confirmation_email_override,
            "accounts@example.com",
        ),
        ("customization.theme", "Dark", lambda c: c.customization.theme, Theme.DARK),
        ("customization.locale", "af-ZA", lambda c: c.customization.locale, "af-ZA"),
        ("customization.display_cart", False, lambda c: c.customization.display_cart, False),
        ("customization.display_total", False, lambda c: c.customization.display_total, False),
        (
            "customization.display_cancel_button",
            False,
            lambda c: c.customization.display_cancel_button,
            False,
        ),
        (
            "customization.brand.primary",
            "#00DC82",
            lambda c: c.customization.brand_primary,
            "#00DC82",
        ),
        ("expires_in_minutes", 5, lambda c: c.life_seconds, 300),
        ("order_id", "ord_1", lambda c: c.order_id, "ord_1"),
        ("customer_id", "cus_1", lambda c: c.customer_id, "cus_1"),
    ],
)
def test_each_field_finds_its_place(path, value, read, kept):
    assert read(read_create(changed(LEAST, path, value), TERMS)) == kept


def test_redirects_are_kept_to_the_letter():
    url = "https://Merchant.example:8443/%7Ea?b=c&d=é#e"
    command = read_create(changed(LEAST, "redirects.success_url", url), TERMS)
    assert command.redirects.success_url == url


@pytest.mark.parametrize(
    ("is_live", "allowed", "field", "url", "rule"),
    [
        (False, False, "success_url", "http://localhost:3000/", None),
        (False, False, "success_url", "http://127.0.0.1/", None),
        (True, False, "success_url", "http://localhost:3000/", "https_required"),
        (True, True, "cancel_url", "http://127.0.0.1/", "https_required"),
        (False, False, "notify_url", "http://127.0.0.1:9000/", "loopback_not_allowed"),
        (False, True, "notify_url", "http://127.0.0.1:9000/", None),
        (True, True, "notify_url", "https://127.0.0.1:9000/", "loopback_not_allowed"),
        (False, True, "notify_url", "https://192.168.0.1/", "private_address"),
    ],
)
def test_loopback_is_for_test_keys(is_live, allowed, field, url, rule):
    terms = Terms(
        is_live=is_live,
        loopback_allowed=allowed,
        payment_methods=(CARD,),
        life_seconds=60,
    )
    body = changed(LEAST, f"redirects.{field}", url)
    if rule is None:
        assert getattr(read_create(body, terms).redirects, field) == url
    else:
        assert _faults(body, terms) == {f"redirects.{field}": rule}


def test_no_checkout_is_created_that_would_tell_a_private_address():
    """Of the three routes to one the first; `tests/webhooks/test_ssrf.py` has the others."""
    assert len(HOSTS) >= 80
    for url in [*(f"https://{host}:8443/hook" for host in HOSTS), *MALFORMED]:
        body = changed(LEAST, "redirects.notify_url", url)
        assert _faults(body).keys() == {"redirects.notify_url"}, url


def test_an_unsigned_form_takes_no_order_reference_that_is_to_be_had_once_only():
    body = changed(LEAST, "order", {"reference": "ORD-5", "description": "Tea"})
    unsigned = replace(TERMS, is_form=True, is_trusted=False)
    unsigned = replace(unsigned, allowed_origins=frozenset(["https://merchant.example"]))
    once = replace(unsigned, unique_order_references=True)
    assert _faults(body, once) == {"order.reference": "signature_needed"}
    assert read_create(changed(body, "order.reference", " "), once).order.reference != "ORD-5"
    for terms in (unsigned, replace(once, is_trusted=True)):
        assert read_create(body, terms).order.reference == "ORD-5"


def test_an_account_s_defaults_apply_where_the_body_says_nothing():
    defaults = {"theme": "dark", "display_cart": False, "brand": {"primary": "#00dc82"}}
    terms = replace(TERMS, customization=defaults)
    standing = Customization(theme=Theme.DARK, display_cart=False, brand_primary="#00dc82")
    assert read_create(LEAST, terms).customization == standing
    own = {"theme": "light", "display_cart": True, "locale": "en-GB", "brand": {}}
    assert read_create({**LEAST, "customization": own}, terms).customization == Customization(
        locale="en-GB", theme=Theme.LIGHT, brand_primary="#00dc82"
    )


def test_rules_over_several_fields_run_beside_faults_of_single_ones():
    body = changed(LEAST, "customization.theme", "pink")
    body = changed(body, "customer", {"email": "nobody", "id_number": "A1"})
    body = changed(body, "cards.save_cards", True)
    body = changed(body, "payment.save_card", False)
    assert _faults(body) == {
        "customization.theme": "theme",
        "customer.email": "email",
        "customer.person_name": "required",
        "customer.person_surname": "required",
        "customer.id_type_lookups_id": "required",
        "cards.save_cards": "same_value",
    }
