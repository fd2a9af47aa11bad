"""Captures, voids and refunds at the sandbox acquirer, over its socket."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from world import eventually

SALE = "4242424242424242"
TOTAL = 120000


def result(answer):
    status, body = answer
    assert status == 200
    return body["result"], body.get("code")


def test_a_refund_is_answered_and_logged(sandbox):
    sandbox.authorise(SALE)

    status, answer = sandbox.modify("refund", 5000)

    assert (status, answer["result"]) == (200, "approved")
    assert answer["id"].startswith("acq_")
    assert sandbox.inquire_modification() == (status, answer)
    line = sandbox.log()[-1]
    assert {name: line[name] for name in ("kind", "reference", "of", "modification", "amount")} == {
        "kind": "modify",
        "reference": "mod_1",
        "of": "ref_1",
        "modification": "refund",
        "amount": 5000,
    }
    assert (line["currency"], line["outcome"], line["code"]) == ("ZAR", "approved", "00")


def test_a_held_amount_is_captured_voided_and_refunded_in_parts(shared_sandbox):
    shared_sandbox.authorise(SALE, "held", capture=False)

    def modify(kind, amount, reference):
        return result(shared_sandbox.modify(kind, amount, reference, "held"))

    assert modify("refund", 1, "held_1") == ("declined", "61")
    assert modify("capture", 50000, "held_2") == ("approved", "00")
    assert modify("capture", 70001, "held_3") == ("declined", "61")
    assert modify("void", 60000, "held_4") == ("approved", "00")
    assert modify("capture", 10001, "held_5") == ("declined", "61")
    assert modify("capture", 10000, "held_6") == ("approved", "00")
    assert modify("void", 1, "held_7") == ("declined", "61")
    assert modify("refund", 60000, "held_8") == ("approved", "00")
    assert modify("refund", 1, "held_9") == ("declined", "61")


def test_a_sale_can_be_refunded_only(shared_sandbox):
    shared_sandbox.authorise(SALE, "sale")

    answers = [
        result(shared_sandbox.modify(kind, amount, f"sale_{kind}_{amount}", "sale"))
        for kind, amount in [("capture", 1), ("void", 1), ("refund", TOTAL + 1), ("refund", TOTAL)]
    ]

    assert answers == [("declined", "61")] * 3 + [("approved", "00")]


def test_what_was_not_approved_or_is_in_another_currency_is_declined(shared_sandbox, card):
    shared_sandbox.authorise(card(1), "no")
    shared_sandbox.authorise(SALE, "undone")
    shared_sandbox.reverse("undone")
    shared_sandbox.authorise(SALE, "rand")

    for of, currency in [("nobody", "ZAR"), ("no", "ZAR"), ("undone", "ZAR"), ("rand", "USD")]:
        answer = shared_sandbox.modify("refund", 1, f"not_{of}", of, currency)
        assert result(answer) == ("declined", "12")


def test_the_same_reference_again_gives_the_first_answer(shared_sandbox):
    shared_sandbox.authorise(SALE, "again")

    first = shared_sandbox.modify("refund", 1000, "again_1", "again")

    assert shared_sandbox.modify("refund", TOTAL, "again_1", "again") == first
    assert shared_sandbox.decisions("again_1") == [("modify", "approved")]


def test_ten_refunds_at_once_give_back_no_more_than_was_taken(shared_sandbox):
    shared_sandbox.authorise(SALE, "race")

    def refund(number):
        return result(shared_sandbox.modify("refund", TOTAL // 3, f"race_{number}", "race"))

    with ThreadPoolExecutor() as callers:
        answers = list(callers.map(refund, range(10)))

    assert sorted(answers) == [("approved", "00")] * 3 + [("declined", "61")] * 7


@pytest.mark.parametrize("kind", ["capture", "void", "refund"])
def test_a_card_can_decline_every_modification(shared_sandbox, card, kind):
    of = f"declining_{kind}"
    shared_sandbox.authorise(card(f3=5), of, capture=kind == "refund")

    assert result(shared_sandbox.modify(kind, 1, f"{of}_1", of)) == ("declined", "05")


def test_a_lost_answer_leaves_the_refund_standing(shared_sandbox, card):
    shared_sandbox.authorise(card(f3=6), "lost")

    assert shared_sandbox.is_silent_when_modifying("refund", 1000, reference="lost_1", of="lost")

    assert shared_sandbox.decisions("lost_1") == [("modify", "approved")]
    assert result(shared_sandbox.inquire_modification("lost_1")) == ("approved", "00")


def test_a_lost_order_never_happened(shared_sandbox, card):
    shared_sandbox.authorise(card(f3=7), "never")

    assert shared_sandbox.is_silent_when_modifying("refund", 1000, reference="never_1", of="never")

    assert shared_sandbox.inquire_modification("never_1") == (404, {"result": "not_found"})
    assert shared_sandbox.decisions("never_1") == []


def test_a_slow_refund_is_done_though_nobody_waits(leisurely_sandbox, card):
    leisurely_sandbox.authorise(card(f3=8))

    with pytest.raises(httpx2.TimeoutException):
        leisurely_sandbox.modify("refund", 1000, timeout=0.1)

    assert leisurely_sandbox.inquire_modification()[0] == 404
    eventually(lambda: leisurely_sandbox.inquire_modification()[0] == 200)
    assert leisurely_sandbox.decisions("mod_1") == [("modify", "approved")]


def test_a_late_refund_is_done_right_after_saying_not_found(shared_sandbox, card):
    shared_sandbox.authorise(card(f3=9), "late")
    assert shared_sandbox.is_silent_when_modifying("refund", 1000, reference="late_1", of="late")

    assert shared_sandbox.inquire_modification("late_1")[0] == 404

    assert result(shared_sandbox.inquire_modification("late_1")) == ("approved", "00")
    assert shared_sandbox.decisions("late_1") == [("modify", "approved")]


def test_a_reversed_refund_gives_its_amount_free_again(shared_sandbox):
    shared_sandbox.authorise(SALE, "freed")
    shared_sandbox.modify("refund", TOTAL, "freed_1", "freed")

    assert shared_sandbox.reverse("freed_1")[1] == {"result": "reversed", "had_approved": True}

    assert shared_sandbox.inquire_modification("freed_1")[1]["result"] == "reversed"
    assert shared_sandbox.decisions("freed_1") == [("modify", "approved"), ("reverse", "approved")]
    assert result(shared_sandbox.modify("refund", TOTAL, "freed_2", "freed"))[0] == "approved"


@pytest.mark.parametrize("f3", [0, 6, 8, 9])
def test_a_reversal_first_keeps_any_modification_from_happening(shared_sandbox, card, f3):
    of, reference = f"fenced_{f3}", f"fenced_{f3}_1"
    shared_sandbox.authorise(card(f3=f3), of)

    assert shared_sandbox.reverse(reference)[1] == {"result": "reversed", "had_approved": False}

    assert result(shared_sandbox.modify("refund", 1, reference, of)) == ("declined", "12")
    assert shared_sandbox.inquire_modification(reference)[1]["result"] == "reversed"
    assert ("modify", "approved") not in shared_sandbox.decisions(reference)


@pytest.mark.parametrize("f3", [7, 9])
def test_a_reversal_after_silence_fences_what_may_still_come(shared_sandbox, card, f3):
    of, reference = f"silent_{f3}", f"silent_{f3}_1"
    shared_sandbox.authorise(card(f3=f3), of)
    assert shared_sandbox.is_silent_when_modifying("refund", 1, reference=reference, of=of)

    assert shared_sandbox.reverse(reference)[1]["had_approved"] is False

    assert shared_sandbox.inquire_modification(reference)[1]["result"] == "reversed"
    assert shared_sandbox.decisions(reference) == [("reverse", "approved")]


def test_the_reversal_of_a_modification_follows_the_card(shared_sandbox, card):
    shared_sandbox.authorise(card(f2=3), "stubborn")
    shared_sandbox.modify("refund", 1000, "stubborn_1", "stubborn")

    assert result(shared_sandbox.reverse("stubborn_1")) == ("refused", "12")

    assert result(shared_sandbox.inquire_modification("stubborn_1")) == ("approved", "00")


def test_what_was_given_back_cannot_be_undone_below_it(shared_sandbox):
    shared_sandbox.authorise(SALE, "built", capture=False)
    shared_sandbox.modify("capture", 1000, "built_1", "built")
    shared_sandbox.modify("refund", 1000, "built_2", "built")

    assert result(shared_sandbox.reverse("built_1")) == ("refused", "12")
    assert result(shared_sandbox.reverse("built")) == ("refused", "12")

    shared_sandbox.reverse("built_2")
    assert shared_sandbox.reverse("built_1")[1]["result"] == "reversed"
    assert shared_sandbox.reverse("built")[1]["result"] == "reversed"


def test_an_authorisation_is_not_found_among_modifications_nor_the_reverse(shared_sandbox):
    shared_sandbox.authorise(SALE, "sorted")
    shared_sandbox.modify("refund", 1000, "sorted_1", "sorted")

    assert shared_sandbox.inquire_modification("sorted")[0] == 404
    assert shared_sandbox.inquire("sorted_1")[0] == 404
    assert shared_sandbox.modify("refund", 1000, "sorted", "sorted")[0] == 400


@pytest.mark.parametrize("change", [{"kind": "steal"}, {"amount": -1}, {"of": None}])
def test_a_malformed_modification_is_refused_and_changes_nothing(shared_sandbox, change):
    body = {"reference": "bad", "kind": "refund", "of": "ref", "amount": 1, "currency": "ZAR"}
    before = shared_sandbox.log()

    answer = shared_sandbox.call("POST", "/v1/modifications", {**body, **change})

    assert answer == (400, {"result": "invalid"})
    assert shared_sandbox.log() == before


def test_a_killed_sandbox_remembers_what_is_left(sandbox, card):
    sandbox.authorise(card(f3=6), capture=False)
    sandbox.is_silent_when_modifying("capture", 1000)
    sandbox.is_silent_when_modifying("refund", 400, reference="mod_2")
    sandbox.is_silent_when_modifying("refund", 600, reference="mod_3")
    sandbox.reverse("mod_3")
    sandbox.reverse("mod_4")
    references = ["mod_1", "mod_2", "mod_3", "mod_4", "nobody"]
    before = [sandbox.inquire_modification(reference) for reference in references]

    sandbox.kill()
    sandbox.start()

    assert [sandbox.inquire_modification(reference) for reference in references] == before
    assert sandbox.modify("capture", 1000)[1]["result"] == "approved"
    assert result(sandbox.modify("refund", 1, "mod_4")) == ("declined", "12")
    sandbox.is_silent_when_modifying("refund", 601, reference="mod_5")
    sandbox.is_silent_when_modifying("refund", 600, reference="mod_6")
    assert result(sandbox.inquire_modification("mod_5")) == ("declined", "61")
    assert result(sandbox.inquire_modification("mod_6")) == ("approved", "00")
