"""The life of a checkout: the table, pair by pair, and the database that knows it too."""

from itertools import product

import asyncpg
import pytest

from paydesk import orders, payments, threeds, transactions
from paydesk.checkouts.states import MOVES, Event, State, Step
from paydesk.kit.moves import IllegalMove, step
from paydesk.transactions.states import MOVES as ATTEMPT_MOVES

# Written out once more, by hand, from design §5: state, step, next state, event.
LIFE = """
    open     begin         pending    -
    open     cancel        cancelled  checkout.cancelled
    open     expire        expired    checkout.expired
    open     abandon       open       checkout.abandoned
    open     extend        open       -
    open     change        open       -
    pending  wait          pending    checkout.pending
    pending  approve       completed  checkout.completed
    pending  decline       open       checkout.failed
    pending  decline_last  failed     checkout.failed
    pending  cancel        cancelled  checkout.cancelled
    completed warn         completed  checkout.capture_due
"""
ROWS = {
    (State(state), Step(by)): (State(to), None if event == "-" else Event(event))
    for state, by, to, event in (line.split() for line in LIFE.strip().splitlines())
}


@pytest.mark.parametrize(("state", "by"), list(product(State, Step)))
def test_every_state_and_step_moves_as_written_or_not_at_all(state, by):
    if (state, by) in ROWS:
        move = step(MOVES, state, by)
        assert (move.to, move.announces) == ROWS[state, by]
    else:
        with pytest.raises(IllegalMove):
            step(MOVES, state, by)


def test_nothing_leaves_a_final_state():
    final = {state for state in State if state.is_final}
    assert final == {State.COMPLETED, State.FAILED, State.CANCELLED, State.EXPIRED}
    assert not final & {state for (state, _), move in MOVES.items() if move.to is not state}


def test_every_state_is_reached_and_every_event_announced():
    assert {move.to for move in MOVES.values()} == set(State)
    assert {move.announces for move in MOVES.values()} - {None} == set(Event)


@pytest.fixture
async def database(server):
    """A connection of the owner's, whose changes are taken back."""
    connection = await asyncpg.connect(server.database_url())
    changes = connection.transaction()
    await changes.start()
    yield connection
    await changes.rollback()
    await connection.close()


@pytest.mark.anyio
async def test_the_database_knows_exactly_these_edges(database):
    rows = await database.fetch("select machine, from_state, to_state from state_edges")
    ours = {
        (machine, str(state), str(move.to))
        for machine, moves in (
            ("checkouts", MOVES),
            ("orders", orders.MOVES),
            ("transactions", ATTEMPT_MOVES),
            ("modifications", ATTEMPT_MOVES),
            ("authentications", threeds.MOVES),
            ("payments", payments.MOVES),
        )
        for (state, _), move in moves.items()
        if state != move.to
    }
    # Nobody is asked who gives money back, nor waited for: modifications are never with a payer.
    ours -= {
        edge
        for edge in ours
        if edge[0] == "modifications" and ("auth" in f"{edge[1:]}" or "awaiting" in edge)
    }
    assert {tuple(row) for row in rows} == ours
    assert set(transactions.State) >= {state for _, state, _ in ours if _ == "transactions"}


@pytest.mark.anyio
@pytest.mark.parametrize("state", State)
async def test_the_database_refuses_every_other_move(database, merchant, state):
    made = merchant.create()
    legal = {str(move.to) for (before, _), move in MOVES.items() if before == state} | {state}
    await database.execute("alter table checkouts disable trigger checkouts_legal")
    change = "update checkouts set state = $1 where id = $2"
    await database.execute(change, str(state), made["id"])
    await database.execute("alter table checkouts enable trigger checkouts_legal")
    for target in [*State, "nonsense"]:
        if target in legal:
            await _try(database, change, str(target), made["id"])
        else:
            with pytest.raises(asyncpg.CheckViolationError, match=f"from {state} to {target}"):
                await _try(database, change, str(target), made["id"])


async def _try(database, sql, *values):
    attempt = database.transaction()
    await attempt.start()
    try:
        await database.execute(sql, *values)
    finally:
        await attempt.rollback()


@pytest.mark.anyio
async def test_history_is_written_once(database, merchant):
    made = merchant.create()
    merchant.http.post(f"/checkout/page/{made['id']}/cancel")
    moves = await database.fetch(
        "select sequence, from_state, to_state, step, event from checkout_moves"
        " where checkout_id = $1",
        made["id"],
    )
    assert [tuple(move) for move in moves] == [
        (1, "open", "cancelled", "cancel", "checkout.cancelled")
    ]
    for deed in (
        "update checkout_moves set step = 'approve'",
        "delete from checkout_moves",
        "truncate checkout_moves",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction():
                await database.execute(deed)
