"""pam_: the ways to pay that an account has."""

from paydesk.payment_methods.add import add_payment_method
from paydesk.payment_methods.change import (
    change_payment_method,
    remove_payment_method,
    set_up_payment_method,
)
from paydesk.payment_methods.choose import allowed, offered, unknown_ids
from paydesk.payment_methods.errors import PaymentMethodMissing
from paydesk.payment_methods.known import KnownMethods
from paydesk.payment_methods.model import (
    BankAccount,
    MethodType,
    PaymentMethod,
    PaymentMethodID,
)
from paydesk.payment_methods.store import accounts_without_bank, list_payment_methods
from paydesk.payment_methods.wire import PaymentMethodReply, show
from paydesk.payment_methods.wire_terms import read_terms

__all__ = [
    "BankAccount",
    "KnownMethods",
    "MethodType",
    "PaymentMethod",
    "PaymentMethodID",
    "PaymentMethodMissing",
    "PaymentMethodReply",
    "accounts_without_bank",
    "add_payment_method",
    "allowed",
    "change_payment_method",
    "list_payment_methods",
    "offered",
    "read_terms",
    "remove_payment_method",
    "set_up_payment_method",
    "show",
    "unknown_ids",
]
