"""The life of an authentication: the table, pair by pair, and the database that knows it too."""

from itertools import product

import asyncpg
import pytest

from paydesk.kit.moves import IllegalMove, step
from paydesk.threeds.states import MOVES, State, Step

# Written out once more, by hand, from the reliability paper's A.2: state, step, next state.
LIFE = """
    method     ask        asking
    method     end        ended
    asking     challenge  challenge
    asking     end        ended
    challenge  end        ended
"""
ROWS = {
    (State(state), Step(by)): State(to)
    for state, by, to in (line.split() for line in LIFE.strip().splitlines())
}


@pytest.mark.parametrize(("state", "by"), list(product(State, Step)))
def test_every_state_and_step_moves_as_written_or_not_at_all(state, by):
    if (state, by) in ROWS:
        move = step(MOVES, state, by)
        assert (move.to, move.announces) == (ROWS[state, by], None)
    else:
        with pytest.raises(IllegalMove):
            step(MOVES, state, by)


def test_every_state_but_the_first_is_reached_and_nothing_leaves_the_end():
    assert {move.to for move in MOVES.values()} == set(State) - {State.METHOD}
    assert State.ENDED not in {state for state, _ in MOVES}


@pytest.mark.anyio
@pytest.mark.parametrize("state", State)
async def test_the_database_refuses_every_other_move(shop, begin, state):
    legal = {ROWS[pair] for pair in ROWS if pair[0] is state} | {state}
    asked = await begin()
    change = "update authentications set state = $1 where id = $2"
    await shop.owner.execute("alter table authentications disable trigger authentications_legal")
    await shop.owner.execute(change, state, asked.id)
    await shop.owner.execute("alter table authentications enable trigger authentications_legal")
    for target in [*State, "nonsense"]:
        attempt = shop.owner.transaction()
        await attempt.start()
        try:
            if target in legal:
                await shop.owner.execute(change, target, asked.id)
            else:
                with pytest.raises(asyncpg.CheckViolationError, match=f"from {state} to {target}"):
                    await shop.owner.execute(change, target, asked.id)
        finally:
            await attempt.rollback()


@pytest.mark.anyio
@pytest.mark.parametrize("state", State)
async def test_the_database_lets_it_begin_with_the_method_or_the_question(begin, state):
    if state in {State.METHOD, State.ASKING}:
        assert (await begin(state=state)).state is state
    else:
        with pytest.raises(asyncpg.CheckViolationError, match=f"illegal start .* in {state}"):
            await begin(state=state)
