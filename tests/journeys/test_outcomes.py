"""Every way the sandbox acquirer can answer: where each ends, and who is told what."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

import oracle
from world import Payer, Receiver, Server, card, eventually

# Half speed: the slow card takes 10 s, past the 8 that a payer is kept waiting.
SETTINGS = {
    "PAYDESK_SANDBOX_SPEED": "0.5",
    "PAYDESK_ACQUIRER_TIMEOUT_SECONDS": "12",
    "PAYDESK_INQUIRY_SECONDS": "1,1,1,1,1",
}

# f1: the attempt's states after submitting, the events, and what the acquirer's log has.
PAID, REFUSED = ["checkout.completed"], ["checkout.failed"]
APPROVED, DECLINED = ("authorise", "approved"), ("authorise", "declined")
DIRECT = {
    "approves": (0, ["approved"], PAID, [APPROVED]),
    "declines": (1, ["declined"], REFUSED, [DECLINED]),
    "lacks funds": (2, ["declined"], REFUSED, [DECLINED]),
    "answer lost, approved": (
        3,
        ["unknown", "approved"],
        ["checkout.pending", *PAID],
        [APPROVED],
    ),
    "slow": (5, ["approved"], PAID, [APPROVED]),
    "reviewed": (7, ["review", "approved"], ["checkout.pending", *PAID], [APPROVED]),
    "downgraded": (9, ["approved"], PAID, [APPROVED]),
}
# These come to a reversal, which f2 makes go well or not; f1: what was taken before it.
UNDONE = {
    "answer lost, never happened": (4, []),
    "approves after saying not found": (6, [APPROVED]),
    "system error": (8, []),
}
REVERSALS = {
    "reversed": (0, ["reversed"], "approved"),
    "answer lost, done": (1, ["unknown_reversal", "reversed"], "approved"),
    "answer lost, not done": (2, ["unknown_reversal", "reversed"], "approved"),
    "reversal refused": (3, ["manual"], "declined"),
    "reversal slow": (4, ["reversed"], "approved"),
}


@dataclass
class Expected:
    f1: int
    f2: int
    attempt: list
    events: list
    log: list
    status: str


def _cases():
    for name, (f1, states, events, log) in DIRECT.items():
        status = "completed" if events[-1:] == PAID else "open"
        for f2 in range(5):
            yield f"{name}, {f2}", Expected(f1, f2, states, events, log, status)
    for name, (f1, taken) in UNDONE.items():
        for how, (f2, tail, outcome) in REVERSALS.items():
            is_undone = outcome == "approved"
            yield (
                f"{name}, {how}",
                Expected(
                    f1,
                    f2,
                    ["unknown", "reversing", *tail],
                    ["checkout.pending"] + REFUSED * is_undone,
                    [*taken, ("reverse", outcome)],
                    "open" if is_undone else "pending",
                ),
            )


CASES = dict(_cases())


@dataclass
class Paid:
    """One case after its payment: the checkout and what its payer was shown, and how soon."""

    checkout: dict
    payer: Payer
    shown: str
    seconds: float


@pytest.fixture(scope="module")
def world(open_folder):
    receiver = Receiver()
    server = Server(open_folder() / "data", settings=SETTINGS).start()
    yield server, receiver, server.merchant()
    assert server.stop() == 0
    receiver.close()


@pytest.fixture(scope="module")
def paid(world):
    """All cases, paid at once."""
    _, receiver, merchant = world

    def pay(case):
        checkout = merchant.create(receiver.url)
        payer = Payer(checkout).open()
        begun_at = time.monotonic()
        shown = payer.pay(number=card(case.f1, case.f2)).state
        return Paid(checkout, payer, shown, time.monotonic() - begun_at)

    with ThreadPoolExecutor(len(CASES)) as threads:
        return dict(zip(CASES, threads.map(pay, CASES.values()), strict=True))


@pytest.fixture(scope="module")
def books(world, paid):
    server, receiver, _ = world
    return oracle.assert_all_is_well(server, receiver)


@pytest.fixture(scope="module")
def expected(paid, books):
    """The cases, as they may end: a worker so late that two ask at once may be told of a yes."""
    states = {row["checkout_id"]: row["state"] for row in books.transactions}
    found = CASES["answer lost, approved, 0"]
    return {
        name: found if case.f1 == 6 and states[paid[name].checkout["id"]] == "approved" else case
        for name, case in CASES.items()
    }


def test_every_digit_is_tried():
    assert {(case.f1, case.f2) for case in CASES.values()} == {
        (f1, f2) for f1 in range(10) for f2 in range(5)
    }


def test_a_payer_is_answered_in_time_while_the_call_goes_on(world, paid, books):
    _, _, merchant = world
    slow = paid["slow, 0"]
    assert (slow.shown, slow.seconds > 7.5) == ("processing", True)
    assert merchant.status(slow.checkout) == "completed"
    assert slow.payer.open().state == "paid"


@pytest.mark.parametrize("name", CASES)
def test_it_ends_as_it_should(world, paid, books, expected, name):
    server, receiver, merchant = world
    case, one = expected[name], paid[name]
    shown = merchant.show(one.checkout)
    (attempt,) = [t for t in books.transactions if t["checkout_id"] == one.checkout["id"]]
    moves = [m["to_state"] for m in books.transaction_moves if m["transaction_id"] == attempt["id"]]
    log = [line for line in server.acquirer_log() if line["reference"] == attempt["id"]]
    assert moves == ["authenticating", "authenticated", "submitting", *case.attempt]
    assert shown["status"] == case.status
    assert [(line["kind"], line["outcome"]) for line in log] == case.log
    assert receiver.events(one.checkout["id"]) == case.events


@pytest.mark.parametrize("name", CASES)
def test_the_ledger_has_what_the_acquirer_did(paid, books, expected, name):
    case, one = expected[name], paid[name]
    (attempt,) = [t for t in books.transactions if t["checkout_id"] == one.checkout["id"]]
    facts = sorted({row["fact"] for row in books.ledger if row["transaction_id"] == attempt["id"]})
    took, gave_back = APPROVED in case.log, ("reverse", "approved") in case.log
    if attempt["state"] == "manual":
        assert facts == []
    else:
        assert facts == ["approval"] * took + ["reversal"] * (took and gave_back)


def test_the_payer_is_never_left_without_a_way_on(paid, expected):
    pages = {"completed": "paid", "open": "declined", "pending": "waiting"}
    for name, one in paid.items():
        assert one.payer.open().state == pages[expected[name].status], name


def test_who_was_refused_pays_with_another_card(world, paid, expected):
    server, receiver, merchant = world
    refused = [one for name, one in paid.items() if expected[name].status == "open"]
    for one in refused:
        assert one.payer.open().pay(number=card()).state == "paid"
    eventually(lambda: {merchant.status(one.checkout) for one in refused} == {"completed"})
    oracle.assert_all_is_well(server, receiver)
