"""What each card number makes the sandbox acquirer do."""

import pytest

from paydesk.sandbox.cards import HANDLINGS, Modifying, Moment, Reaction, Reversing, script_for


@pytest.mark.parametrize("number", ["4242424242424242", "5555555555554444", "378282246310005"])
def test_a_classic_card_is_approved_at_once(number):
    script = script_for(number)

    assert script.authorising.verdict.is_approval
    assert script.authorising.moment is Moment.AT_ONCE
    assert script.reversing is Reversing.DONE


@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [
        ("4000000000000002", "declined", "05"),
        ("4000000000009995", "insufficient_funds", "51"),
        ("4000000000000069", "expired_card", "54"),
        ("4000000000000127", "incorrect_cvc", "N7"),
    ],
)
def test_a_classic_card_is_declined_for_its_reason(number, reason, code):
    verdict = script_for(number).authorising.verdict

    assert (verdict.outcome, verdict.reason, verdict.code) == ("declined", reason, code)


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",  # of nobody here
        "4000001200010008",  # of the scheme, but the check digit is 7
        "40000012000100",  # cut short
        "4000001٢00010007",  # a digit of another script
        "",
    ],
)
def test_any_other_number_is_incorrect(number):
    verdict = script_for(number).authorising.verdict

    assert (verdict.outcome, verdict.reason, verdict.code) == ("declined", "incorrect_number", "14")


@pytest.mark.parametrize("number", ["4000001200010007", "5200001200010002"])
def test_both_prefixes_follow_the_digit_scheme(number):
    assert script_for(number).authorising.verdict.is_approval


def test_the_silent_cards_differ_in_whether_it_happened(card):
    approved, never, late = (script_for(card(f1)).authorising for f1 in (3, 4, 6))

    assert {how.reaction for how in (approved, never, late)} == {Reaction.SILENCE}
    assert [how.moment for how in (approved, never, late)] == [
        Moment.AT_ONCE,
        Moment.NEVER,
        Moment.AFTER_NOT_FOUND,
    ]


@pytest.mark.parametrize("f2", [5, 6, 7, 8, 9])
def test_a_digit_without_a_meaning_reverses_plainly(card, f2):
    assert script_for(card(0, f2)).reversing is Reversing.DONE


@pytest.mark.parametrize("f3", range(5))
def test_a_digit_without_a_meaning_modifies_plainly(card, f3):
    assert script_for(card(0, 0, f3)).modifying is Modifying.DONE


def test_the_silent_modifications_differ_in_whether_they_happened(card):
    done, lost, late = (HANDLINGS[script_for(card(0, 0, f3)).modifying] for f3 in (6, 7, 9))

    assert {how.reaction for how in (done, lost, late)} == {Reaction.SILENCE}
    assert [how.moment for how in (done, lost, late)] == [
        Moment.AT_ONCE,
        Moment.NEVER,
        Moment.AFTER_NOT_FOUND,
    ]


def test_every_way_of_modifying_is_handled():
    assert HANDLINGS.keys() == set(Modifying)
