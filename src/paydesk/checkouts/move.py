"""The one door through which a checkout's state changes: step, save, announce."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paydesk import webhooks
from paydesk.checkouts import announce, store
from paydesk.checkouts.announce import Told
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.states import MOVES, Step
from paydesk.db.connection import Connection
from paydesk.kit.moves import step


async def move(
    connection: Connection,
    checkout: Checkout,
    by: Step,
    *,
    told: Told | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Checkout:
    """The checkout after this step, saved, with the event that the edge announces in the outbox.

    changes are fields of Checkout that change with the move.
    Raises: IllegalMove; Raced, where somebody moved it since it was read.
    """
    edge = step(MOVES, checkout.state, by)
    changes = changes or {}
    await store.save_move(
        connection, checkout, by, to=edge.to, event=edge.announces, changes=changes
    )
    after = replace(
        checkout,
        **changes,
        state=edge.to,
        moves=checkout.moves + 1,
        events=checkout.events + (edge.announces is not None),
    )
    if edge.announces is not None:
        event = announce.event(after, edge.announces, told)
        await webhooks.append(connection, after.account_id, event, url=after.notify_url)
    return after
