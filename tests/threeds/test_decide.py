"""Every cell of the decision table, and the reason of every refusal."""

import pytest

from paydesk.connectors.contract import DeclineReason
from paydesk.threeds import (
    DECISIONS,
    DECISIONS_OF_RESULTS,
    Decision,
    Policy,
    Status,
    contradicts,
    decide,
    decide_not_enrolled,
    reason_for,
)

PROCEED, WITHOUT, CHALLENGE, REFUSE = Decision
STRICT = Policy()
LENIENT = Policy(charge_if_unavailable=True, charge_if_not_enrolled=True)

# Status: an answer by the strict policy and the lenient, a result by the strict and the lenient.
TABLE = {
    Status.AUTHENTICATED: (PROCEED, PROCEED, PROCEED, PROCEED),
    Status.ATTEMPTED: (PROCEED, PROCEED, PROCEED, PROCEED),
    Status.DENIED: (REFUSE, REFUSE, REFUSE, REFUSE),
    Status.REJECTED: (REFUSE, REFUSE, REFUSE, REFUSE),
    Status.CHALLENGE: (CHALLENGE, CHALLENGE, REFUSE, REFUSE),
    Status.UNAVAILABLE: (REFUSE, WITHOUT, REFUSE, WITHOUT),
    Status.INFORMATION: (REFUSE, WITHOUT, REFUSE, WITHOUT),
    Status.DECOUPLED: (REFUSE, WITHOUT, REFUSE, WITHOUT),
    Status.PAYMENT_CONFIRMATION: (REFUSE, WITHOUT, REFUSE, WITHOUT),
    None: (REFUSE, WITHOUT, REFUSE, REFUSE),
}
LEFT_BY_PAYER = ("01", "03", "04", "05", "08")
NOT_LEFT = (None, "02", "06", "07", "09", "10")


def test_the_table_has_every_status():
    assert TABLE.keys() == {*Status, None}


@pytest.mark.parametrize("status", TABLE)
def test_what_follows_from_an_answer_and_from_a_result(status):
    decided = tuple(
        decide(status, in_result=in_result, policy=policy)
        for in_result in (False, True)
        for policy in (STRICT, LENIENT)
    )
    assert decided == TABLE[status]


@pytest.mark.parametrize("decisions", [DECISIONS, DECISIONS_OF_RESULTS])
def test_nothing_proceeds_without_proof_but_by_policy(decisions):
    assert WITHOUT not in decisions.values()
    assert {status for status, decision in decisions.items() if decision is PROCEED} == {
        Status.AUTHENTICATED,
        Status.ATTEMPTED,
    }


def test_a_policy_charges_nothing_unproved_unless_it_says_so():
    assert (STRICT.charge_if_unavailable, STRICT.charge_if_not_enrolled) == (False, False)


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("cancel", LEFT_BY_PAYER)
def test_leaving_a_challenge_is_no_way_around_it(status, cancel):
    assert decide(status, in_result=True, policy=LENIENT, cancelled_by=cancel) is REFUSE


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("cancel", NOT_LEFT)
def test_a_challenge_that_failed_by_itself_is_decided_as_ever(status, cancel):
    decided = decide(status, in_result=True, policy=LENIENT, cancelled_by=cancel)

    assert decided is TABLE[status][3]


@pytest.mark.parametrize(
    ("policy", "decision"),
    [
        (STRICT, REFUSE),
        (LENIENT, WITHOUT),
        (Policy(charge_if_not_enrolled=True), WITHOUT),
        (Policy(charge_if_unavailable=True), REFUSE),
    ],
)
def test_a_card_that_is_not_enrolled_has_a_policy_of_its_own(policy, decision):
    assert decide_not_enrolled(policy) is decision


def test_a_policy_for_cards_not_enrolled_is_none_for_silent_issuers():
    policy = Policy(charge_if_not_enrolled=True)

    assert decide(Status.UNAVAILABLE, in_result=False, policy=policy) is REFUSE


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.DENIED, DeclineReason.AUTHENTICATION_FAILED),
        (Status.REJECTED, DeclineReason.AUTHENTICATION_FAILED),
        (Status.UNAVAILABLE, DeclineReason.AUTHENTICATION_UNAVAILABLE),
        (Status.INFORMATION, DeclineReason.AUTHENTICATION_UNAVAILABLE),
        (Status.DECOUPLED, DeclineReason.AUTHENTICATION_UNAVAILABLE),
        (Status.PAYMENT_CONFIRMATION, DeclineReason.AUTHENTICATION_UNAVAILABLE),
        (None, DeclineReason.AUTHENTICATION_UNAVAILABLE),
        (Status.CHALLENGE, DeclineReason.EXPIRED),
    ],
)
def test_a_refusal_has_its_reason(status, reason):
    assert reason_for(status) is reason


@pytest.mark.parametrize(
    ("cancel", "reason"),
    [
        ("01", DeclineReason.CANCELLED_BY_PAYER),
        ("03", DeclineReason.EXPIRED),
        ("04", DeclineReason.EXPIRED),
        ("05", DeclineReason.EXPIRED),
        ("08", DeclineReason.EXPIRED),
        ("06", DeclineReason.AUTHENTICATION_FAILED),
        ("07", DeclineReason.AUTHENTICATION_FAILED),
        ("09", DeclineReason.AUTHENTICATION_FAILED),
        ("10", DeclineReason.AUTHENTICATION_FAILED),
    ],
)
def test_a_cancelled_challenge_says_by_whom(cancel, reason):
    assert reason_for(Status.DENIED, cancelled_by=cancel) is reason


@pytest.mark.parametrize("status", TABLE)
def test_every_refusal_has_a_reason(status):
    for in_result in (False, True):
        if decide(status, in_result=in_result, policy=STRICT) is REFUSE:
            assert reason_for(status) in DeclineReason


@pytest.mark.parametrize("result", Status)
@pytest.mark.parametrize("returned", [Status.AUTHENTICATED, Status.DENIED])
def test_a_browser_contradicts_a_result_where_one_says_yes_and_the_other_no(returned, result):
    is_yes = result in {Status.AUTHENTICATED, Status.ATTEMPTED}
    assert contradicts(returned, result) == (is_yes != (returned is Status.AUTHENTICATED))


@pytest.mark.parametrize(("returned", "result"), [(None, "Y"), ("Y", None), (None, None)])
def test_who_has_not_spoken_contradicts_nobody(returned, result):
    assert not contradicts(returned, result)
