"""Sets a payment's status: `POST /payments/status/{id}/{status}`, and the payer's own stop."""

import contextlib
from collections.abc import Mapping
from datetime import datetime

from paydesk.db.connection import Connection
from paydesk.kit.moves import IllegalMove
from paydesk.payments import store
from paydesk.payments.decide import Next, resumed
from paydesk.payments.errors import PaymentMissing, StatusConflict
from paydesk.payments.model import Payment
from paydesk.payments.move import go_on, move
from paydesk.payments.states import State, Step

# By whom it may be set, each by its step; all other states follow from charges.
STEPS: Mapping[State, Step] = {
    State.PAUSED: Step.PAUSE,
    State.RUNNING: Step.RESUME,
    State.STOPPED: Step.STOP,
    State.CANCELLED: Step.CANCEL,
}


async def set_status(
    connection: Connection, account_id: int, payment_id: str, status: State
) -> None:
    """Moves the payment to this status; one that has it already stays as it is.

    A charge that is on its way is not called back: it goes through, unless the payment has ended
    before the acquirer answered; then its money goes back.
    Raises: PaymentMissing, StatusConflict.
    """
    found = await store.lock(connection, account_id, payment_id)
    if found is None:
        raise PaymentMissing("id")
    payment, now = found.payment, found.at
    if payment.state is status:
        return
    try:
        await _step(connection, payment, STEPS[status], now)
    except IllegalMove as illegal:
        raise StatusConflict("status") from illegal


async def stop_by_payer(connection: Connection, account_id: int, payment_id: str) -> None:
    """Cancels the payment for its payer; one that has ended stays as it is."""
    with contextlib.suppress(StatusConflict):
        await set_status(connection, account_id, payment_id, State.CANCELLED)


async def _step(connection: Connection, payment: Payment, by: Step, now: datetime) -> None:
    if by is Step.RESUME:
        is_paused = payment.state is State.PAUSED
        await go_on(connection, payment, resumed(payment, now) if is_paused else Next(by, None))
    else:
        await move(connection, payment, by, charge_at=None)
