"""Batches as the API takes them: how much they tell, and how they keep out of each other's way."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from paydesk import limits, orders
from paydesk.errors import InvalidBatch
from paydesk.kit import ids
from paydesk.web.api.endpoint import Call
from paydesk.web.api.errors import refused
from paydesk.web.api.records import read_records
from steps import steps_of

CUSTOMER = {"company_name": "Tea and Co", "email": "tea@mail.com"}
ORDER = {"currency": "ZAR", "description": "Tea", "amount_total": "10.00"}


def post(merchant, path, *records):
    return merchant.http.post(path, json={"records": records})


@pytest.fixture
def made(merchant):
    def make(kind, *records):
        answer = post(merchant, f"/{kind}/create", *records)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["results"]]

    return make


def customers(number):
    return [{**CUSTOMER, "reference": ids.new("ref")} for _ in range(number)]


def faults_of(answer):
    return sum(len(detail["errors"]) for detail in answer.json()["error_details"])


@pytest.mark.parametrize("item", [{}, 1])
def test_a_hundred_faults_are_told_of_a_body_with_thousands(merchant, item):
    answer = post(merchant, "/orders/create", *[{"items": [item] * 99}] * 100)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "003")
    assert faults_of(answer) == limits.FAULTS_MAX
    assert len(answer.content) < 20_000


def test_bad_records_are_told_up_to_the_hundredth_fault(merchant):
    bad = {"items": [{"name": "Tea", "quantity": 1}] * 38, "currency": "ZAR"}
    answer = post(merchant, "/orders/create", *[{**bad, "reference": str(n)} for n in range(9)])
    told = answer.json()["error_details"]
    assert [detail["record"]["reference"] for detail in told] == ["0", "1", "2"]
    assert [len(detail["errors"]) for detail in told] == [38, 38, 24]


@pytest.mark.parametrize("item", [{}, 1, {"sku": [], "name": [], "quantity": []}])
def test_a_body_with_thousands_of_faults_costs_little(item):
    body = json.dumps({"records": [{"items": [item] * 99}] * 25}).encode()
    call = Call(None, Request({"type": "http", "headers": []}), body)

    def refuse():
        with pytest.raises(InvalidBatch) as bad:
            read_records(call, orders.read_create)
        refused(bad.value)

    # 13 to 28 an item, of which reading the JSON is most. Told in full, the faults take over 100.
    assert steps_of(refuse) / (25 * 99) < 45


def test_a_taken_reference_spoils_no_other_record(merchant, made):
    first, second, third = customers(3)
    changed = dict(zip("abc", made("customers", first, second, third), strict=True))
    answer = post(
        merchant,
        "/customers/update",
        {"id": changed["a"], "reference": second["reference"]},
        {"id": changed["c"], "company_name": "Coffee and Co"},
        {"id": "cus_" + "0" * 26, "company_name": "Nobody"},
        {"id": changed["c"], "reference": first["reference"]},
    )
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
    rules = [
        {path: error["rule"] for path, error in detail["errors"].items()}
        for detail in answer.json()["error_details"]
    ]
    taken = {"reference": "customer_reference_taken"}
    assert rules == [taken, {"id": "customer_missing"}, taken]
    shown = merchant.http.get(f"/customers/{changed['c']}").json()["result"]
    assert shown["company_name"] == third["company_name"]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/customers/update", {"company_name": "Coffee and Co"}),
        ("/customers/archive", {}),
        ("/orders/update", {"description": "Coffee"}),
    ],
)
def test_batches_in_opposite_orders_get_past_each_other(merchant, made, path, change):
    kind = path.split("/")[1]
    one, other = made(kind, *(customers(2) if kind == "customers" else [ORDER] * 2))
    orders_of_ids = [(one, other), (other, one)] * 15

    def ask(ids_in_order):
        return post(merchant, path, *({"id": id_, **change} for id_ in ids_in_order))

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(ask, orders_of_ids))
    assert {answer.status_code for answer in answers} == {200}
    told = [tuple(one["id"] for one in answer.json()["results"]) for answer in answers]
    assert told == orders_of_ids, "each batch is answered in its own order"


def test_an_order_is_deleted_by_one_of_two_batches(merchant, made):
    """Or by both, should deleting again become as good as deleting; but neither gives up."""
    one, other = made("orders", ORDER, ORDER)
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(
                lambda pair: post(merchant, "/orders/delete", *({"id": id_} for id_ in pair)),
                [(one, other), (other, one)] * 5,
            )
        )
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert 200 in {answer.status_code for answer in answers}
