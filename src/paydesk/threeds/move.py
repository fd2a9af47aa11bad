"""The one door through which an authentication's state changes: step, save."""

from collections.abc import Mapping
from typing import Any

from paydesk.db.connection import Connection
from paydesk.kit.moves import step
from paydesk.threeds import store
from paydesk.threeds.model import Authentication
from paydesk.threeds.states import MOVES, Step


async def move(
    connection: Connection,
    authentication: Authentication,
    by: Step,
    said: Mapping[str, Any] | None = None,
) -> Authentication:
    """The authentication after this step, saved with what was said.

    Raises: IllegalMove; Raced, where somebody moved it since it was read.
    """
    edge = step(MOVES, authentication.state, by)
    return await store.save_move(connection, authentication, to=edge.to, said=said or {})
