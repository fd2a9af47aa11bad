"""Which of an account's payment methods a checkout offers. Pure."""

from collections.abc import Collection, Iterable, Sequence

from paydesk.kit.money import Money
from paydesk.payment_methods.model import MethodType, PaymentMethod

# Banks here collect and send rand only.
_BANK_CURRENCY = "ZAR"


def allowed(
    methods: Iterable[PaymentMethod], wanted_ids: Collection[str]
) -> tuple[PaymentMethod, ...]:
    """The methods the merchant named, or all where none was named."""
    return tuple(method for method in methods if not wanted_ids or method.id in wanted_ids)


def offered(
    methods: Iterable[PaymentMethod],
    wanted_ids: Collection[str],
    amount: Money,
    *,
    cards_only: bool,
) -> tuple[PaymentMethod, ...]:
    """The allowed methods that can take this amount.

    cards_only: the amount is only to be authorised, or a card to be saved, which banks don't do.
    """
    return tuple(
        method
        for method in allowed(methods, wanted_ids)
        if _is_below(method.item_limit, amount)
        and (
            method.type is MethodType.CARD
            or not (cards_only or amount.currency.code != _BANK_CURRENCY)
        )
    )


def unknown_ids(methods: Iterable[PaymentMethod], wanted_ids: Sequence[str]) -> tuple[str, ...]:
    """The named ids that are none of the methods', in the order they were named."""
    known = {method.id for method in methods}
    return tuple(wanted for wanted in wanted_ids if wanted not in known)


def _is_below(limit: Money | None, amount: Money) -> bool:
    # Limits are in rand; there is no rate at hand to hold another currency against them.
    return limit is None or limit.currency != amount.currency or amount.minor <= limit.minor
