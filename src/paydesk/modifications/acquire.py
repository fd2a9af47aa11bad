"""Speaks with the acquirer or bank about one modification. No database transaction is open here."""

from paydesk.connectors import contract
from paydesk.connectors.contract import Finding, Outcome, Reversal, Unknown
from paydesk.modifications.model import Modification
from paydesk.transactions import Acquiring, Transaction, send


async def submit(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Outcome:
    """Asks the acquirer for it. It must be committed as submitting before."""
    provider = acquiring.provider(modification.connector)
    answer = await send(acquiring, provider, provider.modify(_order(transaction, modification)))
    return answer if isinstance(answer, Unknown) else provider.read_modification(answer)


async def inquire(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Finding:
    """Asks the acquirer what became of it."""
    provider = acquiring.provider(modification.connector)
    request = provider.inquire_modification(_order(transaction, modification))
    answer = await send(acquiring, provider, request)
    return answer if isinstance(answer, Unknown) else provider.read_modification_inquiry(answer)


async def reverse(
    acquiring: Acquiring, transaction: Transaction, modification: Modification
) -> Reversal:
    """Asks the acquirer to undo it, or to refuse it should it still arrive."""
    provider = acquiring.provider(modification.connector)
    request = provider.reverse_modification(_order(transaction, modification))
    answer = await send(acquiring, provider, request)
    return answer if isinstance(answer, Unknown) else provider.read_modification_reversal(answer)


def _order(transaction: Transaction, modification: Modification) -> contract.Modification:
    return contract.Modification(
        kind=modification.kind,
        reference=modification.id,
        # Who sent money by hand named another reference.
        of_reference=transaction.payer_reference or transaction.id,
        of_provider_id=transaction.provider_id,
        amount=modification.amount,
    )
