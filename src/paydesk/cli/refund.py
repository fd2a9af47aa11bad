"""`paydesk refund`: gives money back through the API, as a shop would."""

from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.cli.account import open_account
from paydesk.cli.faults import CommandFault

if TYPE_CHECKING:
    from paydesk_client import Modification, Transaction


def refund(data: Path, id_or_reference: str, *, amount: str | None, is_live: bool) -> str:
    """Refunds the transaction and tells what came of it.

    Raises: CommandFault.
    """
    with open_account(data, is_live=is_live) as account:
        transactions = account.client.transactions
        found = transactions.record(id_or_reference)
        if found["id"] != id_or_reference:
            _refuse_several(transactions.list(transaction_reference=id_or_reference).entries)
        if amount is None:
            done = transactions.refund(found["id"])
        else:
            done = transactions.refund(found["id"], amount=amount)
    return _told(done)


def _refuse_several(found: "list[Transaction]") -> None:
    """A reference need not be unique: which payment is meant is not ours to guess."""
    paid = [one for one in found if one["transaction_status"] == "PAID"]
    if len(paid) > 1:
        told = "\n".join(
            f"  {one['id']}  {one['currency']} {one['amount_captured']}, {one['charged_at']}"
            for one in paid
        )
        raise CommandFault(f"Several payments have this reference; name one by its id:\n{told}")


def _told(done: "Modification") -> str:
    transaction = done["transaction"]
    said = f"{transaction['currency']} {done['amount']} of {transaction['id']}"
    if done["modification_status"] == "PENDING":
        return (
            f"The acquirer has not said yet whether it refunds {said}. Paydesk goes on asking; "
            f"don't refund it again. It is {done['id']}."
        )
    return f"Refunded {said}; in all {transaction['amount_refunded']} ({done['id']})."
