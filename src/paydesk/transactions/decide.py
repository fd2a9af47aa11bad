"""What an acquirer's finding means for an attempt: the steps that follow from it. Pure.

Only an explicit yes or no ends an attempt. "Not found" is not a no, because the order may still
arrive: it is fenced by a reversal under the same reference.
Source: reliability paper 1.2 and 1.4; MON-4, MON-5.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from paydesk.connectors.contract import (
    Approved,
    Awaiting,
    Declined,
    DeclineReason,
    Finding,
    NotFound,
    NotReversed,
    Pending,
    Reversal,
    Reversed,
    Stands,
    Unknown,
)
from paydesk.transactions.states import Fact, State, Step

_UNDECIDED = (State.SUBMITTING, State.AWAITING, State.REVIEW, State.UNKNOWN)
_REVERSING = (State.REVERSING, State.UNKNOWN_REVERSAL)

STEPS: Mapping[tuple[State, type], Step] = {
    **{(state, Approved): Step.APPROVE for state in _UNDECIDED},
    **{(state, Declined): Step.DECLINE for state in _UNDECIDED},
    (State.SUBMITTING, Pending): Step.WAIT,
    (State.UNKNOWN, Pending): Step.WAIT,
    (State.AWAITING, Pending): Step.WAIT,
    (State.SUBMITTING, Awaiting): Step.HAND_OVER,
    (State.UNKNOWN, Awaiting): Step.HAND_OVER,
    (State.SUBMITTING, Unknown): Step.LOSE,
    (State.SUBMITTING, NotFound): Step.LOSE,
    (State.UNKNOWN, NotFound): Step.REVERSE,
    (State.AWAITING, NotFound): Step.REVERSE,
    (State.REVIEW, NotFound): Step.REVERSE,
    **{(state, Reversed): Step.CONFIRM_REVERSAL for state in _REVERSING},
    **{(state, NotReversed): Step.GIVE_UP for state in _REVERSING},
    (State.REVERSING, Unknown): Step.LOSE,
}

# What it means that a bank could not end an attempt any more.
_IF_IT_STANDS: Mapping[tuple[State, type], Step] = {
    **{(state, Approved): Step.APPROVE for state in _REVERSING},
    **{(state, Declined): Step.DECLINE for state in _REVERSING},
    **{(state, Pending): Step.WAIT for state in _REVERSING},
}

# What a person who has asked the acquirer can say of an attempt that waits for one. A machine's
# answer that comes this late is not taken for it: the acquirer may have undone the attempt since.
_BY_PERSON: Mapping[tuple[State, type], Step] = {
    (State.MANUAL, Approved): Step.APPROVE,
    (State.MANUAL, Reversed): Step.CONFIRM_REVERSAL,
}

# What follows when nobody has said anything and there is no more asking to do.
_LAST_STEPS: Mapping[State, Step] = {
    State.UNKNOWN: Step.REVERSE,
    State.UNKNOWN_REVERSAL: Step.GIVE_UP,
}


def step_after(
    state: State, finding: Finding | Reversal, *, may_ask_again: bool, by_person: bool = False
) -> Step | None:
    """The step that this finding makes, or None where it changes nothing."""
    if isinstance(finding, Stands):
        return _IF_IT_STANDS.get((state, type(finding.outcome)))
    step = (_BY_PERSON if by_person else STEPS).get((state, type(finding)))
    if step is None and isinstance(finding, Unknown) and not may_ask_again:
        return _LAST_STEPS.get(state)
    return step


# States in which the worker has something to do, and so a time at which it is due.
_ASKED_LATER = (State.UNKNOWN, State.UNKNOWN_REVERSAL, State.AWAITING, State.REVIEW)


def is_incident(state: State, finding: Finding | Reversal) -> bool:
    """Whether the acquirer says it holds money of an attempt that should hold none."""
    return isinstance(finding, Approved) and state in {
        State.DECLINED,
        State.REVERSED,
        State.MANUAL,
    }


def next_look_seconds(
    state: State, inquiries: int, schedule: Sequence[int], *, seconds_left: int | None = None
) -> int | None:
    """How long until the worker should look at an attempt in this state again.

    Units: seconds; schedule[n] is the pause before question n + 1; seconds_left is the payer's
        time to act, in whose end the worker looks.
    """
    if state is State.REVERSING:
        return 0
    if state in _ASKED_LATER:
        # A review, or a payer, may take days: the last pause is repeated.
        pause = schedule[min(inquiries, len(schedule) - 1)]
        if seconds_left is not None and 0 <= seconds_left < pause:
            return seconds_left + 1
        return pause
    return None


def facts_of(
    announced: Fact | None, finding: Finding | Reversal, *, was_approved: bool
) -> tuple[Fact, ...]:
    """What goes into the books. A fence that undid nothing moved no money; one that undid an
    approval we had not heard of is entered together with that approval; none is entered twice.
    """
    if announced is Fact.APPROVAL and was_approved:
        return ()
    if announced is Fact.REVERSAL and not was_approved:
        had_approved = isinstance(finding, Reversed) and finding.had_approved
        return (Fact.APPROVAL, Fact.REVERSAL) if had_approved else ()
    return () if announced is None else (announced,)


def learnt_from(finding: Finding | Reversal) -> dict[str, Any]:
    """What a finding tells besides yes or no, as columns of the attempt."""
    match finding:
        case Stands(outcome):
            return learnt_from(outcome)
        case Approved(provider_id, code, eci, scheme_id):
            return {
                "provider_id": provider_id,
                "authorisation_code": code,
                "eci": eci,
                "scheme_id": scheme_id,
            }
        case Declined(reason, code):
            return {"decline_reason": reason, "decline_code": code}
        case Pending(provider_id):
            return {"provider_id": provider_id}
        case Awaiting(provider_id, url):
            return {"provider_id": provider_id, "handover_url": url}
        case Unknown(why):
            return {"detail": why}
        case NotReversed(code):
            return {"detail": code}
        case Reversed():
            return {"decline_reason": DeclineReason.PROVIDER_UNAVAILABLE}
    return {}
