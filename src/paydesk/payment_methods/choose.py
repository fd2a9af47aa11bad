"""Which of an account's payment methods a checkout offers."""

from collections.abc import Collection, Iterable, Sequence

from paydesk.payment_methods.model import PaymentMethod


def allowed(
    methods: Iterable[PaymentMethod], wanted_ids: Collection[str]
) -> tuple[PaymentMethod, ...]:
    """The methods the merchant named, or all where none was named."""
    return tuple(method for method in methods if not wanted_ids or method.id in wanted_ids)


def unknown_ids(methods: Iterable[PaymentMethod], wanted_ids: Sequence[str]) -> tuple[str, ...]:
    """The named ids that are none of the methods', in the order they were named."""
    known = {method.id for method in methods}
    return tuple(wanted for wanted in wanted_ids if wanted not in known)
