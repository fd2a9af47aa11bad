"""`/orders`: create, update, delete, list and show, over HTTP."""

import re

import pytest

from paydesk.kit import ids
from world import APPROVED, DECLINED, Payer, faults

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
ITEM = {"name": "Tea", "quantity": 2, "unit_amount": "10.00"}
TEA = {"currency": "ZAR", "items": [ITEM]}


@pytest.fixture
def ask(merchant):
    """Posts to /orders/{name}; what came of it, one order for one."""

    def post(name, *records, status=200):
        body = records[0] if len(records) == 1 else {"records": list(records)}
        answer = merchant.http.post(f"/orders/{name}", json=body)
        assert answer.status_code == status, answer.text
        if status != 200:
            return answer
        results = answer.json()["results"]
        return results[0] if len(records) == 1 else results

    return post


@pytest.fixture
def listed(merchant):
    def get(**filters):
        answer = merchant.http.get("/orders/list", params=filters)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    return get


@pytest.fixture
def shown(merchant):
    def get(order):
        return merchant.http.get(f"/orders/{order['id']}").json()["result"]

    return get


@pytest.fixture
def checkout_of(merchant, full):
    """A checkout of an order there is."""

    def make(order):
        body = {
            "mode": "one-off",
            "amount": order["amount_total"],
            "currency": order["currency"],
            "order_id": order["id"],
            "redirects": full["redirects"],
        }
        answer = merchant.post(body)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    return make


def test_the_documented_order_is_made_and_shown_in_full(merchant, full, ask, shown):
    customer_id = merchant.create()["customer_id"]
    zar = merchant.lookup("currency", "ZAR")
    record = {
        **full["order"],
        "currency_lookups_id": zar,
        "customer_id": customer_id,
        "fulfillment_status_lookups_id": merchant.lookup("fulfillment_status", "PARTIAL"),
        "metadata": {"till": 7, "rate": 1.10},
    }
    made = ask("create", record)
    assert ids.looks_like("ord", made["id"])
    assert TIME.fullmatch(made["created_at"])
    item = full["order"]["items"][0]
    assert made == {
        **record,
        "id": made["id"],
        "currency": "ZAR",
        "order_status": "PENDING",
        "order_status_lookups_id": merchant.lookup("order_status", "PENDING"),
        "fulfillment_status": "PARTIAL",
        "items": [{**item, "tax_amount": 0, "discount_amount": 0, "currency": "ZAR"}],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "deleted_at": None,
    }
    assert shown(made) == made


def test_a_bare_order_has_a_reference_of_its_own(ask):
    made = ask("create", TEA)
    assert made["reference"] == made["id"]
    assert made["amount_total"] == "20.00"
    assert made["amount_subtotal"] is made["metadata"] is made["description"] is None


def test_of_a_batch_with_bad_records_nothing_is_kept(ask, listed, merchant):
    reference = ids.new("ref")
    good = {**TEA, "reference": reference}
    bad = [{**good, "currency": "nonsense"}, {**good, "items": [{**ITEM, "quantity": 0}]}]
    answer = ask("create", good, *bad, status=422)
    told = answer.json()
    assert told["error_code"] == "004"
    assert [detail["record"] for detail in told["error_details"]] == bad
    assert [list(detail["errors"]) for detail in told["error_details"]] == [
        ["currency"],
        ["items.0.quantity"],
    ]
    missing = {**good, "customer_id": ids.new("cus")}
    answer = ask("create", good, missing, status=404)
    assert answer.json()["error_details"][0]["record"] == missing
    assert faults(answer) == {"customer_id": "customer_missing"}
    assert listed(reference=reference) == []
    assert len(ask("create", good, good)) == 2
    assert len(listed(reference=reference)) == 2


def test_a_key_makes_orders_once(merchant, listed):
    reference = ids.new("ref")
    answers = [
        merchant.http.post(
            "/orders/create",
            json={"records": [{**TEA, "reference": reference}]},
            headers={"Idempotency-Key": reference},
        )
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert len(listed(reference=reference)) == 1


def test_what_is_not_named_stays_as_it_is(ask, shown):
    made = ask("create", {**TEA, "description": "Tea for two", "metadata": {"a": 1}})
    changed = ask(
        "update",
        {"id": made["id"], "fulfillment_status": "FULFILLED"},
    )
    assert changed["fulfillment_status"] == "FULFILLED"
    same = ("description", "items", "metadata", "amount_total", "reference", "created_at")
    assert {name: changed[name] for name in same} == {name: made[name] for name in same}
    assert shown(made) == changed


def test_null_clears_what_an_order_can_be_without(ask, shown):
    made = ask("create", {**TEA, "description": "Tea for two", "metadata": {"a": 1}})
    changed = ask("update", {"id": made["id"], "description": None, "metadata": None})
    assert (changed["description"], changed["metadata"]) == (None, None)
    answer = ask("update", {"id": made["id"], "reference": None, "items": []}, status=400)
    assert faults(answer) == {"reference": "required"}
    answer = ask("update", {"id": made["id"], "items": []}, status=400)
    assert faults(answer) == {"items": "required"}
    assert shown(made) == changed


def test_items_and_sums_are_replaced_and_the_total_follows(ask, shown):
    made = ask("create", TEA)
    changed = ask("update", {"id": made["id"], "items": [ITEM, {**ITEM, "name": "Cake"}]})
    assert [item["name"] for item in changed["items"]] == ["Tea", "Cake"]
    assert changed["amount_total"] == "40.00"
    changed = ask("update", {"id": made["id"], "amount_subtotal": "9", "amount_tax": "1.5"})
    assert changed["amount_total"] == "10.50"
    assert shown(made) == changed
    answer = ask("update", {"id": made["id"], "amount_total": "1"}, status=422)
    assert faults(answer) == {"amount_total": "order_sum"}
    assert shown(made) == changed


def test_the_merchant_cancels_and_reopens_what_is_not_paid(ask):
    made = ask("create", {**TEA, "order_status": "CANCELLED"})
    assert made["order_status"] == "CANCELLED"
    for status in ("CANCELLED", "EXPIRED", "PENDING", "EXPIRED", "CANCELLED", "PENDING"):
        assert ask("update", {"id": made["id"], "order_status": status})["order_status"] == status
    for status in ("PAID", "PARTIALLY_PAID", "REFUNDED"):
        for name, record in (("create", TEA), ("update", {"id": made["id"]})):
            answer = ask(name, {**record, "order_status": status}, status=422)
            assert faults(answer) == {"order_status": "order_status"}


def test_a_status_goes_by_its_lookup_too(ask, merchant):
    made = ask("create", TEA)
    paid = merchant.lookup("order_status", "PAID")
    answer = ask("update", {"id": made["id"], "order_status_lookups_id": paid}, status=422)
    assert faults(answer) == {"order_status_lookups_id": "order_status"}


def test_a_paid_order_keeps_what_was_paid(ask, shown, checkout_of):
    made = ask("create", TEA)
    assert Payer(checkout_of(made)).open().pay(number=APPROVED).state == "paid"
    paid = shown(made)
    assert paid["order_status"] == "PAID"
    for change in (
        {"amount_total": "5"},
        {"currency": "USD"},
        {"items": [{**ITEM, "name": "Cake"}]},
    ):
        answer = ask("update", {"id": made["id"], **change}, status=409)
        assert answer.json()["error_code"] == "902"
        assert faults(answer) == {"id": "order_paid"}
    answer = ask("update", {"id": made["id"], "order_status": "CANCELLED"}, status=422)
    assert faults(answer) == {"order_status": "order_status"}
    assert faults(ask("delete", {"id": made["id"]}, status=409)) == {"id": "order_paid"}
    assert shown(made) == paid
    # All that it is already is no change; what is not bound to the payment goes on living.
    sent = {"description": "Sent", "fulfillment_status": "FULFILLED"}
    changed = ask("update", {**paid, "fulfillment_status_lookups_id": None, **sent})
    assert (changed["description"], changed["fulfillment_status"]) == ("Sent", "FULFILLED")
    assert (changed["order_status"], changed["items"]) == ("PAID", paid["items"])


def test_a_declined_payment_binds_nothing(ask, checkout_of):
    made = ask("create", TEA)
    Payer(checkout_of(made)).open().pay(number=DECLINED)
    assert ask("update", {"id": made["id"], "items": [ITEM, ITEM]})["amount_total"] == "40.00"
    assert ask("delete", {"id": made["id"]})["deleted_at"]


def test_a_deleted_order_is_shown_and_nothing_else(ask, shown, listed, merchant, full):
    made = ask("create", TEA)
    gone = ask("delete", {"id": made["id"]})
    assert TIME.fullmatch(gone["deleted_at"])
    assert shown(made) == gone
    assert listed(order_id=made["id"]) == []
    assert ask("delete", {"id": made["id"]}) == gone
    answer = ask("update", {"id": made["id"], "description": "x"}, status=404)
    assert faults(answer) == {"id": "order_missing"}
    body = {"mode": "one-off", "amount": "20.00", "currency": "ZAR", "order_id": made["id"]}
    answer = merchant.post({**body, "redirects": full["redirects"]})
    assert (answer.status_code, faults(answer)) == (404, {"order_id": "order_missing"})


def test_an_item_s_tax_and_discount_are_exact_numbers(ask, merchant):
    made = ask("create", {**TEA, "items": [{**ITEM, "tax_amount": "1.10", "discount_amount": 2}]})
    raw = merchant.http.get(f"/orders/{made['id']}").text
    assert '"tax_amount":1.10,"discount_amount":2.00,' in raw


def test_a_customer_is_named_in_either_spelling(ask, merchant):
    customer = merchant.create()["customer_id"]
    made = ask("create", {**TEA, "customers_id": customer})
    assert made["customer_id"] == customer
    assert ask("update", {"id": made["id"], "customers_id": None})["customer_id"] is None
    both = {"id": made["id"], "customer_id": customer, "customers_id": customer}
    assert ask("update", both)["customer_id"] == customer
    for body in ({**TEA, "customer_id": customer}, {"id": made["id"], "customer_id": customer}):
        name = "update" if "id" in body else "create"
        answer = ask(name, {**body, "customers_id": ids.new("cus")}, status=422)
        assert faults(answer) == {"customers_id": "same_value"}
    answer = ask("create", {**TEA, "customers_id": ids.new("cus")}, status=404)
    assert faults(answer) == {"customers_id": "customer_missing"}


def test_another_account_s_order_is_as_one_that_is_not_there(server, merchant, ask):
    made, nobody = ask("create", TEA)["id"], ids.new("ord")
    live = server.merchant("live")
    for name, more in (("update", {"description": "x"}), ("delete", {})):
        theirs, missing = (
            live.http.post(f"/orders/{name}", json={"id": order_id, **more})
            for order_id in (made, nobody)
        )
        assert theirs.status_code == missing.status_code == 404
        assert theirs.content == missing.content.replace(nobody.encode(), made.encode())
    theirs, missing = (live.http.get(f"/orders/{order_id}") for order_id in (made, nobody))
    assert theirs.status_code == 404
    assert theirs.content == missing.content
    assert live.http.get("/orders/list", params={"order_id": made}).json()["results"] == []
    for nonsense in ("nonsense", "%00", "%FF"):
        assert merchant.http.get(f"/orders/{nonsense}").content == missing.content


def test_the_list_goes_page_by_page_newest_first(ask, merchant):
    reference = ids.new("ref")
    made = ask("create", *[{**TEA, "reference": reference}] * 3)
    # Ids made within one millisecond have no order of their own.
    made.sort(key=lambda order: order["id"])
    params = {"order_reference": reference, "limit": 2}
    first = merchant.http.get("/orders/list", params=params).json()
    assert first["results"] == [made[2], made[1]]
    params["cursor"] = first["next_cursor"]
    last = merchant.http.get("/orders/list", params=params).json()
    assert (last["results"], last["next_cursor"]) == ([made[0]], None)


def test_the_filters_know_both_spellings(ask, listed, merchant):
    reference, customer_id = ids.new("ref"), merchant.create()["customer_id"]
    record = {**TEA, "reference": reference}
    one, other = ask(
        "create",
        {**record, "customer_id": customer_id},
        {**record, "order_status": "EXPIRED", "fulfillment_status": "PARTIAL"},
    )
    day = one["created_at"][:10]
    both = sorted([one, other], key=lambda order: order["id"], reverse=True)
    expired = merchant.lookup("order_status", "EXPIRED")
    partial = merchant.lookup("fulfillment_status", "PARTIAL")
    for filters, found in (
        ({"order_id": one["id"]}, [one]),
        ({"customer_id": customer_id}, [one]),
        ({"customers_id": customer_id}, [one]),
        ({"order_status": "pending"}, [one]),
        ({"order_status_lookups_id": expired}, [other]),
        ({"fulfillment_status": "PARTIAL"}, [other]),
        ({"fulfillment_status_lookups_id": partial}, [other]),
        ({"created_at_start_date": one["created_at"], "created_at_end_date": day}, both),
        ({"created_at_end_date": "2020-01-01"}, []),
        ({"created_at_start_date": "2099-01-01"}, []),
    ):
        assert listed(reference=reference, **filters) == found, filters


def test_filters_that_differ_or_mean_nothing_are_refused(merchant):
    for params, told in (
        ({"reference": "a", "order_reference": "b"}, {"reference": "same_value"}),
        ({"order_status": "SOLD"}, {"order_status": "lookup"}),
        ({"colour": "red"}, {"colour": "unknown_parameter"}),
    ):
        answer = merchant.http.get("/orders/list", params=params)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
        assert faults(answer) == told


def test_an_order_made_by_a_checkout_is_an_order(merchant, full, shown, ask):
    order = {**full["order"], "metadata": {"basket": 9}}
    made = merchant.create(order=order)
    kept = shown({"id": made["order_id"]})
    assert (kept["reference"], kept["customer_id"]) == ("ORD0045", made["customer_id"])
    assert (kept["metadata"], kept["items"][0]["sku"]) == ({"basket": 9}, "SKU00567")
    bare = merchant.post(
        {name: full[name] for name in ("mode", "amount", "currency_lookups_id", "redirects")}
    ).json()["result"]
    changed = ask("update", {"id": bare["order_id"], "amount_total": "7.00"})
    assert (changed["amount_total"], changed["description"]) == ("7.00", None)
