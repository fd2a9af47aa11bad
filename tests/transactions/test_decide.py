"""What a finding means for an attempt: only an explicit yes or no decides."""

import itertools

import pytest

from paydesk.connectors.contract import (
    Approved,
    Declined,
    DeclineReason,
    NotFound,
    NotReversed,
    Pending,
    Reversed,
    Unknown,
)
from paydesk.transactions.decide import is_incident, next_look_seconds, step_after
from paydesk.transactions.states import MOVES, State, Step

YES, NO = Approved("acq_1"), Declined(DeclineReason.DECLINED_GENERIC, "05")
FINDINGS = [YES, NO, Pending(), Unknown("lost"), NotFound(), Reversed(True), NotReversed("12")]


def after(state, finding, *, may_ask_again=True):
    return step_after(state, finding, may_ask_again=may_ask_again)


@pytest.mark.parametrize("state", [State.SUBMITTING, State.REVIEW, State.UNKNOWN])
def test_a_yes_or_a_no_decides(state):
    assert (after(state, YES), after(state, NO)) == (Step.APPROVE, Step.DECLINE)


@pytest.mark.parametrize(
    ("state", "finding", "may_ask_again"), list(itertools.product(State, FINDINGS, [True, False]))
)
def test_every_step_is_a_legal_one(state, finding, may_ask_again):
    by = after(state, finding, may_ask_again=may_ask_again)
    assert by is None or (state, by) in MOVES


@pytest.mark.parametrize("finding", [Pending(), Unknown("lost"), NotFound()])
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("may_ask_again", [True, False])
def test_less_than_a_no_never_declines(state, finding, may_ask_again):
    by = after(state, finding, may_ask_again=may_ask_again)
    assert by not in {Step.DECLINE, Step.APPROVE, Step.CONFIRM_REVERSAL}


def test_a_person_s_word_settles_what_machines_could_not():
    undone = Reversed(had_approved=False)

    def told(finding):
        return step_after(State.MANUAL, finding, may_ask_again=True, by_person=True)

    assert (told(YES), told(undone)) == (Step.APPROVE, Step.CONFIRM_REVERSAL)
    assert told(NO) is told(Unknown("lost")) is None
    assert step_after(State.UNKNOWN, YES, may_ask_again=True, by_person=True) is None


@pytest.mark.parametrize("state", [State.DECLINED, State.REVERSED, State.MANUAL])
def test_money_that_should_not_be_held_is_an_incident(state):
    assert is_incident(state, YES)
    assert not is_incident(state, NO)
    assert not is_incident(State.UNKNOWN, YES)


@pytest.mark.parametrize("state", [State.APPROVED, State.DECLINED, State.REVERSED, State.MANUAL])
@pytest.mark.parametrize("finding", FINDINGS)
def test_nothing_changes_what_is_settled(state, finding):
    assert after(state, finding) is after(state, finding, may_ask_again=False) is None


def test_not_found_is_fenced_by_a_reversal():
    assert after(State.UNKNOWN, NotFound()) is Step.REVERSE
    assert after(State.REVIEW, NotFound()) is Step.REVERSE
    assert after(State.SUBMITTING, NotFound()) is Step.LOSE


def test_when_asking_has_no_end_it_is_undone_and_then_handed_to_a_person():
    silence = Unknown("lost")
    assert after(State.UNKNOWN, silence) is after(State.UNKNOWN_REVERSAL, silence) is None
    assert after(State.UNKNOWN, silence, may_ask_again=False) is Step.REVERSE
    assert after(State.UNKNOWN_REVERSAL, silence, may_ask_again=False) is Step.GIVE_UP
    assert after(State.REVIEW, silence, may_ask_again=False) is None


SCHEDULE = (5, 30, 120)


def test_the_pauses_are_the_settings():
    pauses = [next_look_seconds(State.UNKNOWN, n, SCHEDULE) for n in range(5)]
    assert pauses == [5, 30, 120, 120, 120]
    assert next_look_seconds(State.REVERSING, 0, SCHEDULE) == 0


@pytest.mark.parametrize("state", [State.APPROVED, State.DECLINED, State.REVERSED, State.MANUAL])
def test_what_is_settled_is_never_due(state):
    assert next_look_seconds(state, 0, SCHEDULE) is None
