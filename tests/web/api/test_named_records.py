"""`POST /checkout/page` with `order_id` and `customer_id`."""

import pytest

from paydesk.kit import ids
from world import APPROVED, Payer, changed, faults


@pytest.fixture
def bare(full):
    return {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}


def test_a_checkout_is_made_for_an_order_there_is(merchant, bare):
    first = merchant.create()
    answer = merchant.post({**bare, "order_id": first["order_id"]})
    assert answer.status_code == 200, answer.text
    second = answer.json()["result"]
    assert second["order_id"] == first["order_id"]
    assert second["id"] != first["id"]
    assert merchant.show(second)["order"] == merchant.show(first)["order"]


def test_the_documented_order_beside_its_id_must_have_the_same_reference(merchant, full):
    made = merchant.create()
    beside = {**full, "order_id": made["order_id"]}
    answer = merchant.post(beside)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["order_id"] == made["order_id"]

    for order in (
        {**full["order"], "reference": "ORD0046"},
        {**full["order"], "reference": None},
        {"description": "Monthly plan"},
    ):
        answer = merchant.post({**beside, "order": order})
        assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
        assert faults(answer) == {"order.reference": "same_order"}
    assert answer.json()["error_details"][0]["record"]["order_id"] == made["order_id"]


@pytest.mark.parametrize("unknown", ["ord_12345", "ord_" + "0" * 26, "chk_" + "0" * 26, "' or 1"])
@pytest.mark.parametrize("field", ["order_id", "customer_id"])
def test_an_unknown_id_is_missing(merchant, full, bare, field, unknown):
    for body in ({**bare, field: unknown}, {**full, field: unknown}):
        answer = merchant.post(body)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
        assert faults(answer) == {field: f"{field[:-3]}_missing"}


def test_a_missing_record_is_told_only_when_all_else_is_right(merchant, bare):
    answer = merchant.post({**bare, "order_id": "ord_12345", "amount": "1e3"})
    assert faults(answer) == {"amount": "amount"}


@pytest.mark.parametrize(
    ("changes", "currency"),
    [({"amount": "1199.99"}, "ZAR"), ({"amount": "1.00"}, "ZAR"), ({}, "USD")],
)
def test_the_amount_must_be_the_orders(merchant, bare, changes, currency):
    made = merchant.create()
    body = {**bare, **changes, "order_id": made["order_id"]}
    body["currency_lookups_id"] = merchant.lookup("currency", currency)
    answer = merchant.post(body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
    assert faults(answer) == {"amount": "order_total"}


def test_an_order_that_is_paid_is_not_sold_again(merchant, bare):
    made = merchant.create()
    assert Payer(made).open().pay(number=APPROVED).state == "paid"
    answer = merchant.post({**bare, "order_id": made["order_id"]})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "902")
    assert faults(answer) == {"order_id": "order_paid"}


def test_the_same_order_reference_may_come_again(merchant):
    first, second = merchant.create(), merchant.create()
    assert first["order_id"] != second["order_id"]


def test_a_checkout_is_made_for_a_customer_there_is(merchant, full, bare):
    made = merchant.create()
    for body in (
        {**bare, "customer_id": made["customer_id"]},
        {**full, "customer_id": made["customer_id"]},
    ):
        answer = merchant.post(body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["result"]["customer_id"] == made["customer_id"]
    for customer in (
        {**full["customer"], "reference": "CLN-ELSE"},
        {**full["customer"], "reference": None},
    ):
        answer = merchant.post({**body, "customer": customer})
        assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
        assert faults(answer) == {"customer.reference": "same_customer"}


def test_a_checkout_takes_the_customer_of_its_order(merchant, full, bare):
    made = merchant.create()
    named = {**bare, "order_id": made["order_id"]}
    for more in (
        {},
        {"customer_id": made["customer_id"]},
        {"customers_id": made["customer_id"]},
        {"customer": full["customer"]},
        {"customer": full["customer"], "customer_id": made["customer_id"]},
    ):
        answer = merchant.post({**named, **more})
        assert answer.status_code == 200, answer.text
        assert answer.json()["result"]["customer_id"] == made["customer_id"]


def test_another_customer_than_the_order_s_is_refused(merchant, full, bare):
    made = merchant.create()
    named = {**bare, "order_id": made["order_id"]}
    other = {**full["customer"], "reference": ids.new("cln")}
    other_id = merchant.create(customer=other)["customer_id"]
    for more, path in (
        ({"customer_id": other_id}, "customer_id"),
        ({"customers_id": ids.new("cus")}, "customers_id"),
        ({"customer": other}, "customer.reference"),
        ({"customer": {**other, "reference": None}}, "customer.reference"),
    ):
        answer = merchant.post({**named, **more})
        assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
        assert faults(answer) == {path: "order_customer"}


def test_an_order_without_a_customer_may_be_paid_by_anybody(merchant, bare):
    order_id = merchant.post(bare).json()["result"]["order_id"]
    customer_id = merchant.create()["customer_id"]
    body = {**bare, "order_id": order_id}
    assert merchant.post(body).json()["result"]["customer_id"] is None
    made = merchant.post({**body, "customers_id": customer_id}).json()["result"]
    assert made["customer_id"] == customer_id


def test_payment_methods_are_named_in_any_spelling(merchant, bare):
    method, *_ = merchant.http.get("/payment-methods").json()["payment_methods"]
    for name in ("payment_methods_ids", "payment_method_ids"):
        for spelling in (name, name[:-1]):
            answer = merchant.post({**bare, "payment": {spelling: method["id"]}})
            assert answer.status_code == 200, answer.text
            answer = merchant.post({**bare, "payment": {spelling: "pam_1"}})
            assert faults(answer) == {f"payment.{spelling}": "payment_method"}
    both = {"payment_methods_ids": [method["id"]], "payment_method_id": method["id"]}
    assert merchant.post({**bare, "payment": both}).status_code == 200
    answer = merchant.post({**bare, "payment": {**both, "payment_methods_id": "pam_1"}})
    assert faults(answer)["payment.payment_methods_id"] == "same_value"


def test_a_customer_met_again_is_brought_up_to_date(merchant, full):
    reference = ids.new("cln")
    customer = {**full["customer"], "reference": reference}
    first = merchant.create(customer=customer)
    again = merchant.create(customer={**customer, "metadata": {"tier": "gold"}})
    assert first["customer_id"] == again["customer_id"]
    assert merchant.show(first)["customer"] == {
        "id": first["customer_id"],
        "reference": reference,
        "metadata": {"tier": "gold"},
    }


def test_a_customer_without_reference_is_somebody_new(merchant, full):
    body = changed(full, "customer.reference", None)
    made = [merchant.post(body).json()["result"]["customer_id"] for _ in range(2)]
    assert made[0] != made[1]
