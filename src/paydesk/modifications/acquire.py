"""Speaks with the acquirer about one modification. No database transaction is open here."""

from paydesk.connectors import contract
from paydesk.connectors.contract import Finding, Outcome, Reversal, Unknown
from paydesk.modifications.model import Modification
from paydesk.transactions import Acquiring, Transaction, send


async def submit(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Outcome:
    """Asks the acquirer for it. It must be committed as submitting before."""
    connector = acquiring.connectors[modification.connector]
    answer = await send(acquiring, connector, connector.modify(_order(transaction, modification)))
    return answer if isinstance(answer, Unknown) else connector.read_modification(answer)


async def inquire(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Finding:
    """Asks the acquirer what became of it."""
    connector = acquiring.connectors[modification.connector]
    request = connector.inquire_modification(_order(transaction, modification))
    answer = await send(acquiring, connector, request)
    return answer if isinstance(answer, Unknown) else connector.read_modification_inquiry(answer)


async def reverse(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Reversal:
    """Asks the acquirer to undo it, or to refuse it should it still arrive."""
    connector = acquiring.connectors[modification.connector]
    request = connector.reverse_modification(_order(transaction, modification))
    answer = await send(acquiring, connector, request)
    return answer if isinstance(answer, Unknown) else connector.read_reversal(answer)


def _order(transaction: Transaction, modification: Modification) -> contract.Modification:
    return contract.Modification(
        kind=modification.kind,
        reference=modification.id,
        of_reference=transaction.id,
        of_provider_id=transaction.provider_id,
        amount=modification.amount,
    )
