"""`GET /checkout/list`: pages, filters, and that a poller needs one call."""

import pytest

from paydesk.kit import ids
from world import APPROVED, Payer, faults


@pytest.fixture(scope="module")
def few(merchant, full):
    """Five checkouts of one order, oldest first."""
    bare = {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}
    first = merchant.post({**bare, "order": {"reference": "ORDLIST", "description": "Listed"}})
    made = [first.json()["result"]]
    for _ in range(4):
        answer = merchant.post({**bare, "order_id": made[0]["order_id"]})
        made.append(answer.json()["result"])
    return made


def listed(merchant, **query):
    answer = merchant.http.get("/checkout/list", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids_of(answer):
    return [entry["id"] for entry in answer["results"]]


def test_the_newest_comes_first_as_the_show_call_has_it(merchant, few):
    answer = listed(merchant, order_id=few[0]["order_id"])
    assert list(answer) == ["status", "results", "next_cursor"]
    assert ids_of(answer) == [made["id"] for made in reversed(few)]
    assert answer["results"] == [merchant.show(made) for made in reversed(few)]
    assert answer["next_cursor"] is None


def test_pages_follow_each_other_without_gap_or_repeat(merchant, few):
    seen, cursor = [], None
    for size in (2, 2, 1):
        query = {"order_id": few[0]["order_id"], "limit": 2}
        answer = listed(merchant, **query, **({"cursor": cursor} if cursor else {}))
        assert len(answer["results"]) == size
        seen += ids_of(answer)
        cursor = answer["next_cursor"]
    assert cursor is None
    assert seen == [made["id"] for made in reversed(few)]


@pytest.mark.parametrize(
    "query",
    [
        lambda made: {"order_reference": "ORDLIST"},
        lambda made: {"orders_id": made["order_id"]},
        lambda made: {"order_id": made["order_id"], "status": "open"},
        lambda made: {"order_id": made["order_id"], "checkout_status": "OPEN"},
        lambda made: {"order_id": made["order_id"], "created_at_start_date": "2020-01-01"},
        lambda made: {"order_id": made["order_id"], "created_at_end_date": "2100-01-01 00:00:00"},
    ],
)
def test_each_filter_finds_what_fits(merchant, few, query):
    assert len(ids_of(listed(merchant, **query(few[0])))) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"status": "expired"},
        {"created_at_start_date": "2100-01-01"},
        {"created_at_end_date": "2020-01-01"},
        {"completed_at_start_date": "2020-01-01"},
        {"session_id": "ses_none"},
        {"customer_id": "cus_none"},
        {"customers_id": "cus_none"},
        {"order_reference": "ORDNONE"},
    ],
)
def test_each_filter_leaves_out_what_does_not(merchant, few, query):
    assert ids_of(listed(merchant, order_id=few[0]["order_id"], **query)) == []


def test_one_session_is_one_checkout(merchant, few):
    assert ids_of(listed(merchant, session_id=few[2]["session_id"])) == [few[2]["id"]]


def test_a_poller_sees_a_payment(merchant):
    made = merchant.create()
    Payer(made).open().pay(number=APPROVED)
    query = {"customer_id": made["customer_id"], "status": "completed"}
    entry = listed(merchant, **query, completed_at_start_date="2020-01-01")["results"][0]
    assert (entry["id"], entry["status"]) == (made["id"], "completed")
    assert (entry["transaction_status"], entry["order_status"]) == ("PAID", "PAID")
    assert (entry["attempts"], entry["mode"]) == (1, "one-off")
    assert (entry["payment_type"], entry["capture_before"]) == ("DIRECT_DEBIT", None)


@pytest.mark.parametrize(
    ("query", "path", "rule"),
    [
        ({"status": "paid"}, "status", "checkout_status"),
        ({"status": "open", "checkout_status": "failed"}, "status", "same_value"),
        ({"limit": "0"}, "limit", "minimum"),
        ({"limit": "101"}, "limit", "maximum"),
        ({"created_at_start_date": "yesterday"}, "created_at_start_date", "date"),
        ({"colour": "red"}, "colour", "unknown_parameter"),
    ],
)
def test_a_wrong_filter_is_refused(merchant, query, path, rule):
    answer = merchant.http.get("/checkout/list", params=query)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer) == {path: rule}


def test_another_account_s_checkouts_are_not_listed(live, merchant, few):
    foreign = live.http.get("/checkout/list", params={"order_id": few[0]["order_id"]})
    missing = live.http.get("/checkout/list", params={"order_id": ids.new("ord")})
    assert foreign.json()["results"] == []
    assert foreign.content == missing.content
    past = live.http.get("/checkout/list", params={"cursor": few[-1]["id"]}).json()
    assert not {made["id"] for made in few} & set(ids_of(past))


def test_the_list_is_read_only(merchant):
    answer = merchant.http.post("/checkout/list", json={})
    assert (answer.status_code, answer.json()["error_code"]) == (405, "907")
