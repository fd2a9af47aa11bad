"""The transactions' calls as a merchant's backend meets them."""

import re
import threading

import pytest

from world import Payer, card, eventually, faults

PRE_AUTHORIZATION = {"payment_type": "PRE_AUTHORIZATION"}


def pay(merchant, *, number=None, **changes):
    """A paid checkout: its transaction as the API shows it."""
    checkout = merchant.create(**changes)
    Payer(checkout).open().pay(**({} if number is None else {"number": number}))
    return eventually(lambda: newest(merchant, checkout_id=checkout["id"]))


def newest(merchant, **filters):
    found = listed(merchant, limit=1, **filters)["transactions"]
    return found[0] if found else None


def listed(merchant, **query):
    answer = merchant.http.get("/transactions", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def do(merchant, transaction, deed, amount=None, **headers):
    body = {} if amount is None else {"amount": amount}
    return merchant.http.post(
        f"/transactions/{transaction['id']}/{deed}", json=body, headers=headers
    )


def show(merchant, transaction):
    return merchant.http.get(f"/transactions/{transaction['id']}").json()["result"]


@pytest.fixture(scope="module")
def paid_once(server):
    return pay(server.merchant())


def test_a_payment_is_shown_in_all_three_ways(merchant):
    reference = "INV0045-1"
    order = {**merchant.body()["order"], "reference": reference}
    paid = pay(merchant, order=order)
    assert paid["transaction_status"] == "PAID"
    assert paid["transaction_status_lookups_id"] == merchant.lookup("transaction_status", "PAID")
    assert paid["transaction_reference"] == reference
    assert paid["amount"] == 1200
    assert (paid["amount_captured"], paid["amount_refunded"]) == ("1200.00", "0.00")
    assert paid["payment_data"]["card"]["ending"] == "4242"
    assert paid["customers_id"] == paid["customer_id"]
    for name in ("created_at", "charged_at", "status_changed_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", paid[name])
    assert show(merchant, paid) == paid
    for named in (paid["id"], reference):
        record = merchant.http.get(f"/transactions/record/{named}").json()
        assert record == {"status": True, "transaction": paid}


def test_the_amount_is_an_exact_number(merchant):
    paid = pay(merchant, amount="1200.10", order={"description": "x"})
    raw = merchant.http.get(f"/transactions/{paid['id']}").text
    assert '"amount":1200.10,' in raw


@pytest.mark.parametrize("deed", ["capture", "void", "refund"])
def test_an_amount_in_the_address_moves_nothing(merchant, paid_once, deed):
    answer = merchant.http.post(f"/transactions/{paid_once['id']}/{deed}?amount=10.00", json={})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer) == {"amount": "unknown_parameter"}
    assert show(merchant, paid_once) == paid_once


def test_a_reference_with_a_slash_is_found(merchant):
    paid = pay(merchant, amount="5.00", order={"reference": "INV/2026/1", "description": "x"})
    assert merchant.http.get("/transactions/record/INV/2026/1").json()["transaction"] == paid


def test_of_several_attempts_the_reference_names_the_one_that_paid(merchant):
    order = {"reference": "INV-retried", "description": "x"}
    checkout = merchant.create(amount="5.00", order=order)
    Payer(checkout).open().pay(number=card(f1=1)).pay()
    shown = eventually(
        lambda: newest(merchant, checkout_id=checkout["id"], transaction_status="PAID")
    )
    assert shown["attempt"] == 2
    found = merchant.http.get("/transactions/record/INV-retried").json()["transaction"]
    assert found["id"] == shown["id"]


def test_a_refund_gives_back_a_part_and_then_the_rest(merchant):
    paid = pay(merchant)
    done = do(merchant, paid, "refund", "200.00").json()["result"]
    assert (done["modification_type"], done["modification_status"]) == ("REFUND", "COMPLETED")
    assert (done["amount"], done["transaction_id"]) == ("200.00", paid["id"])
    assert done["transaction"]["amount_refunded"] == "200.00"
    rest = do(merchant, paid, "refund").json()["result"]
    assert rest["amount"] == "1000.00"
    shown = show(merchant, paid)
    assert shown["transaction_status"] == "REFUNDED"
    assert [each["amount"] for each in shown["modifications"]] == ["200.00", "1000.00"]
    assert do(merchant, paid, "refund").json()["error_code"] == "902"


def test_a_refund_needs_no_body(merchant):
    paid = pay(merchant)
    answer = merchant.http.post(f"/transactions/{paid['id']}/refund")
    assert answer.json()["result"]["amount"] == "1200.00"


def test_a_pre_authorization_is_captured_in_parts_and_voided(merchant, receiver):
    checkout = merchant.create(receiver.url, payment=PRE_AUTHORIZATION)
    Payer(checkout).open().pay()
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    assert heard.event == "checkout.completed"
    assert heard.checkout["transaction_status"] == "PENDING"
    assert heard.checkout["capture_before"].endswith("Z")
    held = newest(merchant, checkout_id=checkout["id"])
    assert held["transaction_status"] == "PENDING"
    assert held["authorised_at"] is not None
    assert held["capture_before"] > held["authorised_at"]
    assert held["charged_at"] is None
    captured = do(merchant, held, "capture", "700.50").json()["result"]["transaction"]
    assert (captured["transaction_status"], captured["amount_captured"]) == ("PAID", "700.50")
    voided = do(merchant, held, "void").json()["result"]
    assert voided["amount"] == "499.50"
    assert voided["transaction"]["capture_before"] is None
    refused = do(merchant, held, "capture", "1.00")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "902")
    assert faults(refused) == {"id": "nothing_left"}


def test_a_declined_refund_is_a_refusal_and_not_a_success(merchant):
    paid = pay(merchant, number=card(f3=5))
    first = do(merchant, paid, "refund", "5.00", **{"Idempotency-Key": "declined-1"})
    assert first.status_code == 409
    assert first.json()["status"] is False
    assert faults(first) == {"id": "modification_declined"}
    again = do(merchant, paid, "refund", "5.00", **{"Idempotency-Key": "declined-1"})
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    (declined,) = show(merchant, paid)["modifications"]
    assert (declined["modification_status"], declined["error_code"]) == (
        "DECLINED",
        "declined_generic",
    )


def test_an_unknown_outcome_is_pending_and_then_found_out(merchant):
    paid = pay(merchant, number=card(f3=6))
    first = do(merchant, paid, "refund", "5.00", **{"Idempotency-Key": "unknown-1"})
    assert first.json()["result"]["modification_status"] == "PENDING"
    shown = eventually(lambda: (now := show(merchant, paid))["amount_refunded"] == "5.00" and now)
    assert shown["modifications"][0]["modification_status"] == "COMPLETED"
    again = do(merchant, paid, "refund", "5.00", **{"Idempotency-Key": "unknown-1"})
    assert again.content == first.content
    assert len(show(merchant, paid)["modifications"]) == 1


def test_twenty_duplicates_of_a_refund_are_one(merchant):
    paid = pay(merchant)
    answers = []

    def ask():
        answers.append(do(merchant, paid, "refund", "1.00", **{"Idempotency-Key": "twenty"}))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bodies = {answer.content for answer in answers if answer.status_code == 200}
    assert len(bodies) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.headers["Retry-After"] == "1" for answer in waiting)
    assert show(merchant, paid)["amount_refunded"] == "1.00"


def test_a_key_with_another_amount_is_refused(merchant):
    paid = pay(merchant)
    do(merchant, paid, "refund", "1.00", **{"Idempotency-Key": "other"})
    refused = do(merchant, paid, "refund", "2.00", **{"Idempotency-Key": "other"})
    assert (refused.status_code, refused.json()["error_code"]) == (422, "905")


BAD_AMOUNTS = [
    ("0", "amount"),
    ("0.00", "amount"),
    ("-1", "amount"),
    ("1e3", "amount"),
    ("1.001", "amount"),
    ("1200.01", "amount_above_rest"),
    (True, "string"),
    ([], "string"),
    ("999999999999999999", "amount"),
]


@pytest.mark.parametrize(("amount", "rule"), BAD_AMOUNTS, ids=str)
def test_a_bad_amount_is_refused_by_name_and_changes_nothing(merchant, amount, rule):
    paid = pay(merchant)
    refused = do(merchant, paid, "refund", amount)
    assert refused.status_code in {400, 409, 422}
    assert faults(refused) == {"amount": rule}
    assert show(merchant, paid)["modifications"] == []


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        ({"amuont": "5.00"}, "amuont", "unknown_field"),
        ({"Amount": "5.00"}, "Amount", "unknown_field"),
        ({"amount": "5.00", "currency": "USD"}, "currency", "unknown_field"),
        ({"amount": None}, "amount", "string"),
        ({"amount": ""}, "amount", "amount"),
        ({"amount": "  "}, "amount", "amount"),
    ],
    ids=str,
)
@pytest.mark.parametrize("deed", ["capture", "void", "refund"])
def test_a_slip_moves_nothing(merchant, paid_once, deed, body, path, rule):
    refused = merchant.http.post(f"/transactions/{paid_once['id']}/{deed}", json=body)
    assert faults(refused)[path] == rule
    assert show(merchant, paid_once)["modifications"] == []


def test_what_is_not_a_transaction_is_missing_everywhere(merchant):
    for id_ in ("tra_1", "x", "tra_" + "0" * 26, "chk_" + "0" * 26):
        for deed in ("refund", "capture", "void"):
            answer = merchant.http.post(f"/transactions/{id_}/{deed}", json={})
            assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
        assert merchant.http.get(f"/transactions/{id_}").status_code == 404
        assert merchant.http.get(f"/transactions/record/{id_}").status_code == 404
    assert merchant.http.get("/transactions/record/a%00b").status_code == 404


def test_a_void_in_part_is_refused(merchant):
    held = pay(merchant, payment=PRE_AUTHORIZATION)
    assert faults(do(merchant, held, "void", "1.00")) == {"amount": "void_is_whole"}


# Lists


def test_pages_hold_every_transaction_once_newest_first(merchant):
    for _ in range(5):
        pay(merchant, amount="5.00", order={"description": "x"})
    seen, cursor = [], None
    while True:
        page = listed(merchant, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [entry["id"] for entry in page["transactions"]]
        assert len(page["transactions"]) <= 2
        cursor = page["next_cursor"]
        if cursor is None or len(seen) >= 10:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen) >= 5


def test_filters_find_and_leave_out(merchant):
    paid = pay(merchant, amount="5.00", order={"reference": "F-1", "description": "x"})
    found = [
        {"transaction_status": "PAID"},
        {"transaction_status": "paid"},
        {"transaction_status_lookups_id": merchant.lookup("transaction_status", "PAID")},
        {"payment_methods_id": paid["payment_methods_id"]},
        {"payment_method_id": paid["payment_methods_id"]},
        {"customer_id": paid["customer_id"]},
        {"customers_id": paid["customer_id"]},
        {"order_id": paid["order_id"]},
        {"checkout_id": paid["checkout_id"]},
        {"transaction_reference": "F-1"},
        {"charged_at_start_date": paid["charged_at"]},
        {"charged_end_date": paid["charged_at"][:10]},
        {"charged_at_end_date": paid["charged_at"][:10]},
        {"status_changed_at_start_date": paid["created_at"][:10]},
        {"status_changed_at_end_date": "2999-01-01"},
        {"created_at_start_date": paid["created_at"][:10], "transaction_status": "PAID"},
    ]
    for filters in found:
        ids = [entry["id"] for entry in listed(merchant, limit=100, **filters)["transactions"]]
        assert paid["id"] in ids, filters
    left_out = [
        {"transaction_status": "DECLINED"},
        {"order_id": "ord_none"},
        {"customer_id": "cus_none"},
        {"checkout_id": "chk_none"},
        {"transaction_reference": "F-2"},
        {"charged_end_date": "2020-01-01"},
        {"charged_at_start_date": "2999-01-01"},
        {"payment_method_id": "pam_none"},
    ]
    for filters in left_out:
        ids = [entry["id"] for entry in listed(merchant, limit=100, **filters)["transactions"]]
        assert paid["id"] not in ids, filters


BAD_QUERIES = [
    ({"limit": "0"}, {"limit": "minimum"}),
    ({"limit": "101"}, {"limit": "maximum"}),
    ({"limit": "ten"}, {"limit": "integer"}),
    ({"limit": "1.5"}, {"limit": "integer"}),
    ({"limit": "٣"}, {"limit": "integer"}),
    ({"transaction_status": "PAYED"}, {"transaction_status": "lookup"}),
    ({"charged_at_start_date": "yesterday"}, {"charged_at_start_date": "date"}),
    ({"charged_at_start_date": "2026-02-30"}, {"charged_at_start_date": "date"}),
    ({"status": "PAID"}, {"status": "unknown_parameter"}),
    ({"order_id": "a\0b"}, {"order_id": "text"}),
    ({"cursor": "x" * 40}, {"cursor": "max_length"}),
    ({"cursor": "bad"}, {"cursor": "cursor"}),
    ({"cursor": "ord_01m82g11arfxf8k9wvpxx2a2aw"}, {"cursor": "cursor"}),
    ({"order_id": ["a", "b"]}, {"order_id": "single_value"}),
    ({"customer_id": "cus_a", "customers_id": "cus_b"}, {"customer_id": "same_value"}),
]


@pytest.mark.parametrize(("query", "expected"), BAD_QUERIES, ids=str)
def test_a_bad_query_is_refused_by_name(merchant, query, expected):
    answer = merchant.http.get("/transactions", params=query)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer).items() >= expected.items()
