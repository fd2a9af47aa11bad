"""How payment methods look in the API."""

from paydesk import lookups
from paydesk.kit.money import Money
from paydesk.payment_methods import MethodType, PaymentMethod, show

CARD = lookups.id_of("payment_method_type", "CARD")


def test_a_card_method_is_shown_in_both_spellings():
    assert show(PaymentMethod("pam_1", MethodType.CARD, "PAYDESK")) == {
        "id": "pam_1",
        "payment_method_type_lookups_id": CARD,
        "payment_method_type": "CARD",
        "payment_industry_lookups_id": None,
        "payment_industry": None,
        "provider_bank_lookups_id": None,
        "provider_bank": None,
        "abbreviated_name": "PAYDESK",
        "item_limit": None,
        "monthly_limit": None,
    }


def test_limits_are_decimal_strings():
    rand = lookups.currency("ZAR")
    limited = PaymentMethod(
        "pam_1", MethodType.CARD, "PAYDESK", Money(500000, rand), Money(10000001, rand)
    )

    assert show(limited)["item_limit"] == "5000.00"
    assert show(limited)["monthly_limit"] == "100000.01"


def test_every_type_is_a_lookup():
    for method_type in MethodType:
        assert lookups.by_enum("payment_method_type", method_type) is not None
