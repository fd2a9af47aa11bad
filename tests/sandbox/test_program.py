"""The sandbox acquirer over its socket: every digit, lost answers, restarts."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest


def eventually(check, seconds=60.0):
    give_up_at = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.01)


def test_an_approval_is_answered_and_logged(sandbox):
    status, answer = sandbox.authorise("4242424242424242")

    assert status == 200
    assert answer["result"] == "approved"
    assert answer["id"].startswith("acq_")
    assert len(answer["authorisation_code"]) == 6
    (line,) = sandbox.log()
    assert {name: line[name] for name in ("kind", "reference", "order", "amount", "currency")} == {
        "kind": "authorise",
        "reference": "ref_1",
        "order": "ORD0045",
        "amount": 120000,
        "currency": "ZAR",
    }
    assert line["capture"] is True
    assert (line["outcome"], line["card_ending"]) == ("approved", "4242")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(line["at"])).total_seconds() < 60


def test_neither_number_nor_security_code_reach_the_disk(sandbox, card):
    sandbox.authorise("4242424242424242")
    sandbox.authorise(card(7), "ref_2")

    written = b"".join(file.read_bytes() for file in sandbox.log_path.parent.iterdir())
    assert b"4242424242424242" not in written
    assert card(7).encode() not in written
    assert b"987" not in b"".join(part for part in written.split(b'"') if part.isdigit())


@pytest.mark.parametrize(
    ("f1", "result", "code"),
    [(0, "approved", "00"), (1, "declined", "05"), (2, "declined", "51"), (9, "approved", "00")],
)
def test_a_prompt_card_is_decided_at_once(shared_sandbox, card, f1, result, code):
    reference = f"prompt_{f1}"

    _, answer = shared_sandbox.authorise(card(f1), reference)

    assert (answer["result"], answer["code"]) == (result, code)
    assert answer["eci"] == ("07" if result == "approved" else None)
    assert shared_sandbox.inquire(reference) == (200, answer)
    assert shared_sandbox.decisions(reference) == [("authorise", result)]


def test_a_lost_answer_leaves_the_approval_standing(shared_sandbox, card):
    assert shared_sandbox.is_silent_when_authorising(card(3), reference="lost")

    assert shared_sandbox.decisions("lost") == [("authorise", "approved")]
    assert shared_sandbox.inquire("lost")[1]["result"] == "approved"


def test_a_lost_order_never_happened(shared_sandbox, card):
    assert shared_sandbox.is_silent_when_authorising(card(4), reference="never")

    assert shared_sandbox.decisions("never") == []
    assert shared_sandbox.inquire("never") == (404, {"result": "not_found"})


def test_a_slow_card_is_approved_though_nobody_waits(leisurely_sandbox, card):
    with pytest.raises(httpx2.TimeoutException):
        leisurely_sandbox.authorise(card(5), "slow", timeout=0.1)

    assert leisurely_sandbox.inquire("slow")[0] == 404
    eventually(lambda: leisurely_sandbox.inquire("slow")[1]["result"] == "approved")


def test_a_slow_card_asked_twice_at_once_is_charged_once(shared_sandbox, card):
    with ThreadPoolExecutor() as callers:
        answers = list(callers.map(lambda _: shared_sandbox.authorise(card(5), "twice"), range(2)))

    assert answers[0] == answers[1]
    assert shared_sandbox.decisions("twice") == [("authorise", "approved")]


def test_a_late_card_is_approved_right_after_saying_not_found(shared_sandbox, card):
    assert shared_sandbox.is_silent_when_authorising(card(6), reference="late")
    assert shared_sandbox.decisions("late") == []

    assert shared_sandbox.inquire("late")[0] == 404

    assert shared_sandbox.inquire("late")[1]["result"] == "approved"
    assert shared_sandbox.decisions("late") == [("authorise", "approved")]


def test_a_reviewed_card_is_logged_when_it_is_decided(shared_sandbox, card):
    _, answer = shared_sandbox.authorise(card(7), "review")

    assert answer["result"] == "review"
    eventually(lambda: shared_sandbox.inquire("review")[1]["result"] == "approved")
    assert shared_sandbox.inquire("review")[1]["id"] == answer["id"]
    assert shared_sandbox.decisions("review") == [("authorise", "approved")]


def test_a_system_error_means_nothing_happened(shared_sandbox, card):
    assert shared_sandbox.authorise(card(8), "error")[0] == 500

    assert shared_sandbox.inquire("error")[0] == 404
    assert shared_sandbox.decisions("error") == []


def test_the_same_reference_again_gives_the_first_answer(shared_sandbox):
    first = shared_sandbox.authorise("4242424242424242", "again")

    assert shared_sandbox.authorise("4000000000000002", "again") == first
    assert shared_sandbox.decisions("again") == [("authorise", "approved")]


@pytest.mark.parametrize("f2", [0, 4])
def test_a_reversal_is_answered_and_logged(shared_sandbox, card, f2):
    reference = f"reversed_{f2}"
    shared_sandbox.authorise(card(0, f2), reference)

    assert shared_sandbox.reverse(reference) == (200, {"result": "reversed", "had_approved": True})

    assert shared_sandbox.inquire(reference)[1]["result"] == "reversed"
    assert shared_sandbox.decisions(reference) == [
        ("authorise", "approved"),
        ("reverse", "approved"),
    ]


@pytest.mark.parametrize("f2", [1, 2])
def test_a_reversal_that_lost_its_answer_is_done_once(shared_sandbox, card, f2):
    reference = f"lost_reversal_{f2}"
    shared_sandbox.authorise(card(0, f2), reference)

    with pytest.raises(httpx2.TransportError):
        shared_sandbox.reverse(reference)

    done = ("reverse", "approved") in shared_sandbox.decisions(reference)
    assert done == (f2 == 1)
    assert shared_sandbox.reverse(reference)[1] == {"result": "reversed", "had_approved": True}
    assert shared_sandbox.decisions(reference).count(("reverse", "approved")) == 1


def test_a_refused_reversal_leaves_the_approval_standing(shared_sandbox, card):
    shared_sandbox.authorise(card(0, 3), "refused")

    answers = [shared_sandbox.reverse("refused")[1]["result"] for _ in range(2)]

    assert answers == ["refused", "refused"]
    assert shared_sandbox.inquire("refused")[1]["result"] == "approved"
    assert shared_sandbox.decisions("refused")[1:] == [("reverse", "declined")]


@pytest.mark.parametrize("f1", [0, 3, 5, 6, 7])
def test_a_reversal_first_keeps_any_card_from_being_charged(shared_sandbox, card, f1):
    reference = f"fenced_{f1}"

    assert shared_sandbox.reverse(reference)[1] == {"result": "reversed", "had_approved": False}

    assert shared_sandbox.authorise(card(f1), reference)[1]["result"] == "declined"
    assert shared_sandbox.inquire(reference)[1]["result"] == "reversed"
    assert ("authorise", "approved") not in shared_sandbox.decisions(reference)


@pytest.mark.parametrize("f1", [5, 6, 7])
def test_a_reversal_stops_what_is_under_way(leisurely_sandbox, card, f1):
    reference = f"stopped_{f1}"
    with ThreadPoolExecutor() as callers:
        callers.submit(leisurely_sandbox.is_silent_when_authorising, card(f1), reference=reference)
        time.sleep(0.05)
        assert leisurely_sandbox.reverse(reference)[1]["had_approved"] is False

    assert leisurely_sandbox.inquire(reference)[1]["result"] == "reversed"
    time.sleep(1.2)  # past the end of the review
    assert ("authorise", "approved") not in leisurely_sandbox.decisions(reference)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"reference": "r"}', b'{"reference": 5, "card": {}}', b"\xff"],
)
def test_a_malformed_order_is_refused_and_changes_nothing(shared_sandbox, body):
    headers = {"Authorization": "Bearer sandbox"}
    before = shared_sandbox.log()

    answer = httpx2.post(
        f"{shared_sandbox.url}/v1/authorisations", content=body, headers=headers, trust_env=False
    )

    assert (answer.status_code, answer.json()) == (400, {"result": "invalid"})
    assert shared_sandbox.log() == before


def test_a_caller_without_the_key_is_refused(shared_sandbox):
    answer = httpx2.get(f"{shared_sandbox.url}/v1/authorisations/ref_1", trust_env=False)

    assert answer.status_code == 401


def test_a_killed_sandbox_remembers_everything_it_decided(sandbox, card):
    sandbox.authorise(card(0, 1), "approved")
    sandbox.authorise(card(1), "declined")
    sandbox.authorise(card(0), "reversed")
    sandbox.reverse("reversed")
    sandbox.authorise(card(0, 3), "refused")
    sandbox.reverse("refused")
    sandbox.reverse("fenced")
    references = ["approved", "declined", "reversed", "refused", "fenced", "nobody"]
    before = [sandbox.inquire(reference) for reference in references]

    sandbox.kill()
    sandbox.start()

    assert [sandbox.inquire(reference) for reference in references] == before
    assert sandbox.authorise(card(0), "fenced")[1]["result"] == "declined"
    with pytest.raises(httpx2.TransportError):
        sandbox.reverse("approved")


def test_a_review_survives_a_kill(sandbox, card):
    sandbox.authorise(card(7), "review")

    sandbox.kill()
    sandbox.start()

    eventually(lambda: sandbox.inquire("review")[1]["result"] == "approved")
    assert sandbox.decisions("review") == [("authorise", "approved")]


def test_it_stops_though_a_slow_card_is_being_served(unhurried_sandbox, card):
    with ThreadPoolExecutor() as callers:
        callers.submit(unhurried_sandbox.is_silent_when_authorising, card(5))
        unhurried_sandbox.authorise(card(7), "review")
        time.sleep(0.1)
        began = time.monotonic()
        unhurried_sandbox.process.send_signal(signal.SIGTERM)
        _, said = unhurried_sandbox.process.communicate(timeout=30)

    assert time.monotonic() - began < 15  # the card would take 20
    assert unhurried_sandbox.process.returncode == 0
    assert said == b""


def test_a_slow_reversal_is_done_though_nobody_waits(shared_sandbox, card):
    shared_sandbox.authorise(card(0, 4), "slow_reversal")

    with pytest.raises(httpx2.TimeoutException):
        shared_sandbox.reverse("slow_reversal", timeout=0.05)

    eventually(lambda: shared_sandbox.inquire("slow_reversal")[1]["result"] == "reversed")
    assert shared_sandbox.decisions("slow_reversal").count(("reverse", "approved")) == 1
