"""The one door through which a payment's state changes: step, save, announce."""

from dataclasses import replace
from typing import Any

from paydesk.db.connection import Connection
from paydesk.kit.moves import step
from paydesk.payments import announce, store
from paydesk.payments.decide import Next
from paydesk.payments.model import Payment
from paydesk.payments.states import MOVES, Step


async def move(connection: Connection, payment: Payment, by: Step, **changes: Any) -> Payment:
    """The payment after this step, saved, with the event that the edge announces.

    changes are fields of Payment that change with the move.
    Raises: IllegalMove; Raced, where somebody moved it since it was read.
    """
    edge = step(MOVES, payment.state, by)
    after = replace(
        payment,
        **changes,
        state=edge.to,
        moves=payment.moves + 1,
        events=payment.events + (edge.announces is not None),
    )
    await store.save_move(connection, payment, by, after, event=edge.announces)
    if edge.announces is not None:
        await announce.tell(connection, after, edge.announces)
    return after


async def go_on(connection: Connection, payment: Payment, following: Next, **changes: Any) -> None:
    """Moves the payment to what comes next. Raises: as move."""
    is_same = following.due_on == payment.due_on
    await move(
        connection,
        payment,
        following.step,
        **{
            "due_on": following.due_on,
            "try_number": following.try_number,
            "charge_at": following.charge_at,
            "tried_on": payment.tried_on if is_same else None,
            "resumed_on": following.resumed_on or (payment.resumed_on if is_same else None),
            **changes,
        },
    )
