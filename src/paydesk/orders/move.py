"""The one door through which an order's state changes: step, save."""

import structlog

from paydesk.db.connection import Connection
from paydesk.kit.moves import IllegalMove, step
from paydesk.orders import store
from paydesk.orders.errors import OrderMissing
from paydesk.orders.states import MOVES, Step

log = structlog.get_logger()


async def move(connection: Connection, account_id: int, order_id: str, by: Step) -> None:
    """Moves the order by this step.

    Raises: OrderMissing; IllegalMove, where the order stands elsewhere; Raced.
    """
    held = await store.lock_state(connection, account_id, order_id)
    if held is None:
        raise OrderMissing("order_id")
    state, moves = held
    edge = step(MOVES, state, by)
    await store.save_move(
        connection,
        account_id,
        order_id,
        from_state=state,
        to_state=edge.to,
        moves=moves,
        step=by,
    )


async def follow(connection: Connection, account_id: int, order_id: str, by: Step) -> None:
    """Moves the order as its payment did; one that can't go there stays where it is.

    What an acquirer did is true whatever the order says, so taking it up must not fail here.
    Raises: OrderMissing, Raced.
    """
    try:
        await move(connection, account_id, order_id, by)
    except IllegalMove as illegal:
        log.warning("order_stays", order_id=order_id, reason=str(illegal))
