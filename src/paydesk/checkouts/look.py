"""Looks after an attempt that nobody else takes further.

One that is being authenticated is taken on; one whose outcome is not clear is asked about, and
undone when asking has no end. A payment's charge is looked after by its own package.
"""

from paydesk import payments, transactions
from paydesk.checkouts.authenticate import look_at_authentication
from paydesk.checkouts.pay import send
from paydesk.checkouts.settle import settle
from paydesk.checkouts.transfer import look_at_transfer
from paydesk.db.connection import Database
from paydesk.payment_methods import MethodType
from paydesk.transactions import Acquiring


async def look_at_attempt(
    db: Database, acquiring: Acquiring, account_id: int, transaction_id: str
) -> None:
    """Does the next thing for an attempt that is due; nothing for one that is not.

    Safe to call twice at once: questions and reversals repeat harmlessly, and the second to
    settle finds the attempt moved.
    """
    transaction = await transactions.due(db, account_id, transaction_id)
    if transaction is None:
        return
    if transaction.payment_id is not None:
        await payments.look_at_charge(db, acquiring, transaction)
        return
    if transaction.method is MethodType.PAYIN:
        await look_at_transfer(db, acquiring, transaction)
        return
    if transaction.state in transactions.BEFORE_SENDING:
        await send(db, acquiring, await look_at_authentication(db, acquiring, transaction))
        return
    finding = await transactions.find_out(acquiring, transaction)
    await settle(db, acquiring, transaction, finding, was_asked=True)
