"""`paydesk refund`: gives money back through the API, as a shop would."""

from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.cli.account import open_account

if TYPE_CHECKING:
    from paydesk_client import Modification


def refund(data: Path, id_or_reference: str, *, amount: str | None, is_live: bool) -> str:
    """Refunds the transaction and tells what came of it.

    Raises: CommandFault.
    """
    with open_account(data, is_live=is_live) as account:
        found = account.client.transactions.record(id_or_reference)
        done = account.client.transactions.refund(found["id"], amount=amount)
    return _told(done)


def _told(done: "Modification") -> str:
    transaction = done["transaction"]
    said = f"{transaction['currency']} {done['amount']} of {transaction['id']}"
    if done["modification_status"] == "PENDING":
        return (
            f"The acquirer has not said yet whether it refunds {said}. Paydesk goes on asking; "
            f"don't refund it again. It is {done['id']}."
        )
    return f"Refunded {said}; in all {transaction['amount_refunded']} ({done['id']})."
