"""State machines as tables."""

from enum import StrEnum

import pytest

from paydesk.kit.moves import IllegalMove, Move, step


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"


class Deed(StrEnum):
    PUSH = "push"
    PULL = "pull"


MOVES = {
    (Door.OPEN, Deed.PUSH): Move(Door.SHUT),
    (Door.SHUT, Deed.PULL): Move(Door.OPEN, Deed.PULL),
}


def test_a_step_leads_where_the_table_says():
    assert step(MOVES, Door.OPEN, Deed.PUSH) == Move(Door.SHUT, None)
    assert step(MOVES, Door.SHUT, Deed.PULL).announces is Deed.PULL


@pytest.mark.parametrize(("state", "by"), [(Door.OPEN, Deed.PULL), (Door.SHUT, Deed.PUSH)])
def test_any_other_step_is_illegal_and_says_which(state, by):
    with pytest.raises(IllegalMove, match=f"no step {by} from {state}"):
        step(MOVES, state, by)
