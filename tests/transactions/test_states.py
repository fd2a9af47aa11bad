"""The life of an attempt: only what the table says, in the program and in the database."""

import itertools
import re
from importlib.resources import files

import pytest

from oracle import ATTEMPT_MOVES, OWED
from paydesk import checkouts
from paydesk.kit.moves import IllegalMove, step
from paydesk.transactions.states import MOVES, Fact, State, Step


def test_an_approval_is_a_fact_for_the_books():
    edge = step(MOVES, State.SUBMITTING, Step.APPROVE)
    assert (edge.to, edge.announces) == (State.APPROVED, Fact.APPROVAL)


@pytest.mark.parametrize(("state", "by"), list(itertools.product(State, Step)))
def test_every_pair_is_a_move_of_the_table_or_refused(state, by):
    if (state, by) in MOVES:
        assert step(MOVES, state, by).to in ATTEMPT_MOVES[state]
    else:
        with pytest.raises(IllegalMove):
            step(MOVES, state, by)


def test_the_table_is_the_papers():
    made = {(state.value, move.to.value) for (state, _), move in MOVES.items()}
    assert made == {(a, b) for a, targets in ATTEMPT_MOVES.items() for b in targets}


def test_nothing_leaves_an_end():
    assert {state for state, _ in MOVES}.isdisjoint({State.DECLINED, State.REVERSED})


def test_money_moves_on_the_edges_that_say_so_and_no_others():
    announcing = {(state, by): edge.announces for (state, by), edge in MOVES.items()}
    for (state, by), fact in announcing.items():
        target = MOVES[(state, by)].to
        assert fact == {State.APPROVED: Fact.APPROVAL, State.REVERSED: Fact.REVERSAL}.get(target)


def test_the_database_knows_the_same_edges():
    migrations = files("paydesk.db") / "migrations"
    text = "".join(
        (migrations / name).read_text()
        for name in (
            *("0001_core.sql", "0006_modifications.sql", "0008_authentications.sql"),
            "0012_banks.sql",
        )
    )
    stored = re.findall(r"\('(checkouts|transactions)', '(\w+)', '(\w+)'\)", text)
    ours = {("transactions", a, b) for a, targets in ATTEMPT_MOVES.items() for b in targets}
    ours |= {("checkouts", a, b) for a, b in OWED if a != b}
    assert set(stored) == ours


def test_checkouts_move_and_tell_as_the_papers_say():
    made = {
        (a.value, edge.to.value): edge.announces
        for (a, by), edge in checkouts.MOVES.items()
        if by not in {checkouts.Step.CHANGE, checkouts.Step.EXTEND}
    }
    assert made == OWED
