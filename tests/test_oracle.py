"""The judge of the journeys finds every kind of fault that is planted in good books."""

import pytest

from oracle import Books, judge, judge_webhooks
from world import Heard

BODY = b'{"id": "web_1", "event": "checkout.completed"}'


def good():
    """One checkout, paid and told of; what the acquirer says of it."""
    checkout = {
        "id": "chk_1",
        "state": "completed",
        "moves": 2,
        "events": 1,
        "attempts": 1,
        "amount": 500,
        "currency": "ZAR",
        "transaction_id": "tra_1",
    }
    attempt = {
        "id": "tra_1",
        "checkout_id": "chk_1",
        "payment_id": None,
        "attempt": 1,
        "state": "approved",
        "moves": 2,
        "amount": 500,
        "currency": "ZAR",
        "order_id": "ord_1",
        "status": "PAID",
        "is_hold": False,
        "captured": 500,
        "voided": 0,
        "refunded": 100,
    }
    refund = {
        "id": "mod_1",
        "transaction_id": "tra_1",
        "kind": "refund",
        "state": "approved",
        "moves": 2,
        "amount": 100,
        "currency": "ZAR",
    }

    def moved(about, number, one, other):
        return about | {"sequence": number, "from_state": one, "to_state": other}

    def line(book, amount, fact="approval"):
        of_entry = {"id": f"led_{fact}", "transaction_id": "tra_1", "fact": fact}
        return of_entry | {"book": book, "currency": "ZAR", "amount": amount}

    chk, tra = {"checkout_id": "chk_1"}, {"transaction_id": "tra_1"}
    mod = {"modification_id": "mod_1"}
    books = Books(
        checkouts=[checkout],
        transactions=[attempt],
        modifications=[refund],
        orders=[{"id": "ord_1", "status": "PAID", "amount_total": 500, "currency": "ZAR"}],
        checkout_moves=[
            moved(chk, 1, "open", "pending"),
            moved(chk, 2, "pending", "completed"),
        ],
        transaction_moves=[
            moved(tra, 1, "created", "submitting"),
            moved(tra, 2, "submitting", "approved"),
        ],
        modification_moves=[
            moved(mod, 1, "created", "submitting"),
            moved(mod, 2, "submitting", "approved"),
        ],
        ledger=[
            line("acquirer", 500),
            line("merchant", -500),
            line("merchant", 100, "refund"),
            line("acquirer", -100, "refund"),
        ],
        events=[chk | {"id": "web_1", "type": "checkout.completed", "sequence": 1, "body": BODY}],
        deliveries=[
            {
                "event_id": "web_1",
                "target": "notify_url",
                "url": Ear.url,
                "state": "delivered",
            }
        ],
        authentications=[
            {
                "transaction_id": "tra_1",
                "status": "C",
                "result_status": "Y",
                "challenge_cancel": None,
                "charge_if_unavailable": False,
            }
        ],
        payments=[
            {
                "id": "pay_1",
                "checkout_id": "chk_1",
                "state": "RUNNING",
                "moves": 1,
                "charges": 1,
                "charge_at": "tomorrow",
            }
        ],
        payment_moves=[moved({"payment_id": "pay_1"}, 1, "RUNNING", "RUNNING")],
    )
    return books, [said("authorise", "approved"), said("modify", "approved", "mod_1", 100)]


def said(kind, outcome, reference="tra_1", amount=500):
    asked = {
        "authorise": {"capture": True, "authenticated": True},
        "modify": {"modification": "refund", "of": "tra_1"},
    }.get(kind, {})
    return asked | {
        "kind": kind,
        "outcome": outcome,
        "reference": reference,
        "amount": amount,
        "currency": "ZAR",
    }


class Ear:
    """A receiver that heard the one event, or what else it is given."""

    url = "https://merchant.example/hook"

    def __init__(self, *heard):
        self.got = [Heard(body, {"webhook-id": id_}, 0) for id_, body in heard]


def test_good_books_are_good():
    books, log = good()
    assert judge(books, log) == judge_webhooks(books, [Ear(("web_1", BODY))]) == []


def charged_twice(books, log):
    second = dict(books.transactions[0], id="tra_2", attempt=2)
    books.transactions.append(second)
    log.append(said("authorise", "approved", "tra_2"))


def completed_unpaid(books, log):
    books.transactions[0]["state"] = "declined"


def paid_not_completed(books, log):
    books.checkouts[0]["state"] = "expired"


def unknown_to_us(books, log):
    log.append(said("authorise", "approved", "tra_9"))


def never_charged(books, log):
    log.clear()


def other_amount(books, log):
    log[0]["amount"] = 501


def reversed_behind_our_back(books, log):
    log.append(said("reverse", "approved"))


def unbalanced(books, log):
    books.ledger[1]["amount"] = -499


def not_in_the_ledger(books, log):
    books.ledger.clear()


def gap_in_the_history(books, log):
    books.checkout_moves.pop(0)


def illegal_move(books, log):
    books.transaction_moves[1]["from_state"] = "declined"


def refunded_above_the_amount(books, log):
    books.transactions[0]["refunded"] = 501


def refund_not_counted(books, log):
    books.transactions[0]["refunded"] = 0


def refund_the_acquirer_never_made(books, log):
    log.pop()


def refund_the_acquirer_made_twice(books, log):
    log.append(said("modify", "approved", "mod_1", 100))


def refund_not_in_the_ledger(books, log):
    del books.ledger[2:]


def order_paid_by_two_checkouts(books, log):
    books.transactions.append(books.transactions[0] | {"id": "tra_2", "attempt": 2})


def held_money_that_was_taken_at_once(books, log):
    books.transactions[0]["is_hold"] = True


def refund_of_another_payment(books, log):
    log[-1]["of"] = "tra_2"


def capture_sent_as_a_void(books, log):
    log[-1]["modification"] = "void"


def proof_not_sent(books, log):
    log[0]["authenticated"] = False


def sent_after_a_no(books, log):
    books.authentications[0]["result_status"] = "N"


def sent_during_a_challenge(books, log):
    books.authentications[0]["result_status"] = None


def sent_after_a_left_challenge(books, log):
    books.authentications[0].update(
        result_status="U", challenge_cancel="01", charge_if_unavailable=True
    )
    log[0]["authenticated"] = False


def sent_without_a_policy(books, log):
    books.authentications[0]["result_status"] = "U"
    log[0]["authenticated"] = False


def wrong_status(books, log):
    books.transactions[0]["status"] = "REFUNDED"


def order_in_another_currency(books, log):
    books.orders[0]["currency"] = "USD"


def order_said_to_be_paid_in_part(books, log):
    books.orders[0]["status"] = "PARTIALLY_PAID"


def ledger_in_another_currency(books, log):
    for one in books.ledger:
        one["currency"] = "USD"


def order_not_marked_paid(books, log):
    books.orders[0]["status"] = "PENDING"


def still_unknown(books, log):
    books.transactions[0]["state"] = "unknown"


def not_told(books, log):
    books.events.clear()


def day_charged_twice(books, log):
    books.payments[0]["charges"] = 3
    for number in (1, 2):
        charge = {"checkout_id": None, "payment_id": "pay_1", "due_on": "1 May", "attempt": number}
        id_, order = {"id": f"tra_{number}_may"}, {"order_id": f"ord_{number}"}
        books.transactions.append(books.transactions[0] | charge | id_ | order)
        log.append(said("authorise", "approved", id_["id"]))


def charge_not_counted(books, log):
    books.payments[0]["charges"] = 0


def payment_forgotten(books, log):
    books.payments[0]["charge_at"] = None


def payment_with_another_history(books, log):
    books.payment_moves[0]["to_state"] = "PAUSED"


def told_twice(books, log):
    books.events.append(dict(books.events[0], id="web_2", sequence=2))


def no_delivery(books, log):
    books.deliveries.clear()


@pytest.mark.parametrize(
    ("plant", "mark"),
    [
        (charged_twice, "I1"),
        (completed_unpaid, "I2"),
        (paid_not_completed, "I13"),
        (unknown_to_us, "I3"),
        (never_charged, "I3"),
        (other_amount, "I3"),
        (reversed_behind_our_back, "I3"),
        (unbalanced, "I4"),
        (not_in_the_ledger, "I4"),
        (gap_in_the_history, "I6"),
        (illegal_move, "I6"),
        (refunded_above_the_amount, "I5"),
        (refund_not_counted, "I5"),
        (refund_the_acquirer_never_made, "I3"),
        (refund_the_acquirer_made_twice, "I1"),
        (refund_not_in_the_ledger, "I4"),
        (order_paid_by_two_checkouts, "I1"),
        (held_money_that_was_taken_at_once, "I3"),
        (refund_of_another_payment, "I3"),
        (capture_sent_as_a_void, "I3"),
        (proof_not_sent, "I3"),
        (sent_after_a_no, "I3"),
        (sent_during_a_challenge, "I3"),
        (sent_after_a_left_challenge, "I3"),
        (sent_without_a_policy, "I3"),
        (wrong_status, "I5"),
        (order_in_another_currency, "I2"),
        (order_said_to_be_paid_in_part, "I2"),
        (ledger_in_another_currency, "I4"),
        (order_not_marked_paid, "I2"),
        (still_unknown, "I10"),
        (day_charged_twice, "I1"),
        (charge_not_counted, "I1"),
        (payment_forgotten, "I10"),
        (payment_with_another_history, "I6"),
        (not_told, "I7"),
        (told_twice, "I7"),
        (no_delivery, "I7"),
    ],
)
def test_a_planted_fault_is_found(plant, mark):
    books, log = good()
    plant(books, log)
    assert mark in {fault.split(":")[0] for fault in judge(books, log)}


@pytest.mark.parametrize(
    ("heard", "state", "mark"),
    [
        ([], "delivered", "I8"),
        ([("web_1", BODY)], "due", "I8"),
        ([("web_1", BODY), ("web_9", BODY)], "delivered", "I8"),
        ([("web_1", BODY), ("web_1", BODY + b" ")], "delivered", "I7"),
    ],
    ids=["unheard", "undelivered", "unsent", "changed"],
)
def test_a_lost_or_changed_webhook_is_found(heard, state, mark):
    books, _ = good()
    books.deliveries[0]["state"] = state
    (fault,) = judge_webhooks(books, [Ear(*heard)])
    assert fault.startswith(mark)
