"""How captures, voids and refunds look in the API, and a transaction with all of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from paydesk import transactions
from paydesk.errors import Invalid
from paydesk.kit import clock
from paydesk.kit.fields import Body, MeantAmount, check, not_of_currency, nothing
from paydesk.kit.money import Currency, Money, MoneyFault
from paydesk.modifications.model import Modification
from paydesk.transactions import ShownTransaction, TransactionRecord


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default")


class ModificationBody(Body):
    """The body of a capture, void or refund. Without an amount it is all that is left."""

    # A slip, or an amount that got lost on its way here, must not move more than was meant.
    model_config = ConfigDict(extra="forbid")

    amount: MeantAmount = Field(default="", json_schema_extra=_without_default)


class ModificationReply(TypedDict):
    """A capture, void or refund.

    modification_status is PENDING as long as its outcome is not known, then COMPLETED or
    DECLINED.
    """

    id: str
    transaction_id: str
    modification_type: str
    modification_status: str
    amount: str
    is_automatic: bool
    error_code: str | None
    created_at: str
    updated_at: str
    completed_at: str | None


class TransactionReply(TransactionRecord):
    """A transaction with what was done with it since."""

    modifications: list[ModificationReply]


class DoneReply(ModificationReply):
    """A modification with its transaction as it stands now."""

    transaction: TransactionReply


def read_amount(record: Mapping[str, Any], currency: Currency) -> Money | None:
    """The amount that the body names, None for all that is left. Raises: Invalid."""
    body, faults = check(ModificationBody, record)
    if body is None:
        raise Invalid(faults)
    if "amount" not in body.model_fields_set:
        return None
    try:
        amount = Money.parse(body.amount, currency)
    except MoneyFault:
        raise Invalid([not_of_currency("amount", currency)]) from None
    if amount.minor == 0:
        raise Invalid([nothing("amount")])
    return amount


def show(modification: Modification) -> ModificationReply:
    """The record of a modification."""
    assert modification.created_at is not None, "what is shown was read"
    assert modification.updated_at is not None, "what is shown was read"
    return {
        "id": modification.id,
        "transaction_id": modification.transaction_id,
        "modification_type": modification.kind.upper(),
        "modification_status": modification.status,
        "amount": modification.amount.text(),
        "is_automatic": modification.is_automatic,
        "error_code": modification.decline_reason,
        "created_at": clock.sast(modification.created_at),
        "updated_at": clock.sast(modification.updated_at),
        "completed_at": clock.sast_or_none(modification.approved_at),
    }


def show_transaction(
    shown: ShownTransaction, modifications: Iterable[Modification]
) -> TransactionReply:
    """The record of a transaction with its modifications, oldest first."""
    return {
        **transactions.show(shown),
        "modifications": [show(modification) for modification in modifications],
    }


def show_done(
    modification: Modification, shown: ShownTransaction, all_of_it: Iterable[Modification]
) -> DoneReply:
    """The `result` of a capture, void or refund."""
    return {**show(modification), "transaction": show_transaction(shown, all_of_it)}
