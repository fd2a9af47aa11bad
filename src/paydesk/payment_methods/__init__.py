"""pam_: the ways to pay that an account has."""

from paydesk.payment_methods.add import add_payment_method
from paydesk.payment_methods.choose import allowed, unknown_ids
from paydesk.payment_methods.errors import PaymentMethodMissing
from paydesk.payment_methods.known import KnownMethods
from paydesk.payment_methods.model import MethodType, PaymentMethod, PaymentMethodID
from paydesk.payment_methods.store import list_payment_methods
from paydesk.payment_methods.wire import PaymentMethodReply, show

__all__ = [
    "KnownMethods",
    "MethodType",
    "PaymentMethod",
    "PaymentMethodID",
    "PaymentMethodMissing",
    "PaymentMethodReply",
    "add_payment_method",
    "allowed",
    "list_payment_methods",
    "show",
    "unknown_ids",
]
