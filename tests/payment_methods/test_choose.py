"""Which payment methods a checkout offers."""

from paydesk.payment_methods import MethodType, PaymentMethod, allowed, unknown_ids

ONE = PaymentMethod("pam_1", MethodType.CARD, "ONE")
TWO = PaymentMethod("pam_2", MethodType.CARD, "TWO")


def test_all_are_offered_where_none_was_named():
    assert allowed((ONE, TWO), ()) == (ONE, TWO)


def test_only_the_named_are_offered():
    assert allowed((ONE, TWO), ("pam_2", "pam_9")) == (TWO,)


def test_names_of_nothing_are_told():
    assert unknown_ids((ONE, TWO), ("pam_9", "pam_1", "pam_8")) == ("pam_9", "pam_8")
