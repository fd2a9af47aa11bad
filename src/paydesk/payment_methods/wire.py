"""How a payment method looks in the API."""

from typing_extensions import TypedDict

from paydesk import lookups
from paydesk.kit.money import Money
from paydesk.payment_methods.model import PaymentMethod


class PaymentMethodReply(TypedDict):
    """One entry of `payment_methods` in a reply, in both spellings of the reference."""

    id: str
    payment_method_type_lookups_id: str
    payment_method_type: str
    payment_industry_lookups_id: str | None
    payment_industry: str | None
    provider_bank_lookups_id: str | None
    provider_bank: str | None
    abbreviated_name: str
    item_limit: str | None
    monthly_limit: str | None


def show(method: PaymentMethod) -> PaymentMethodReply:
    """The payment method in a reply.

    Source: reference, section Payment methods. Cards have neither industry nor provider bank, and
    the objects `debicheck` and `payments` belong to other methods.
    """
    return {
        "id": method.id,
        "payment_method_type_lookups_id": lookups.id_of("payment_method_type", method.type),
        "payment_method_type": method.type.value,
        "payment_industry_lookups_id": None,
        "payment_industry": None,
        "provider_bank_lookups_id": None,
        "provider_bank": None,
        "abbreviated_name": method.abbreviated_name,
        "item_limit": _text(method.item_limit),
        "monthly_limit": _text(method.monthly_limit),
    }


def _text(limit: Money | None) -> str | None:
    return None if limit is None else limit.text()
