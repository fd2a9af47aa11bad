"""How a payment method looks in the API."""

from paydesk import lookups
from paydesk.kit.money import Money
from paydesk.payment_methods.model import PaymentMethod


def show(method: PaymentMethod) -> dict[str, str | None]:
    """One entry of `payment_methods` in a reply, in both spellings of the reference.

    Source: reference, section Payment methods; cards have neither industry nor provider bank.
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
