"""What the OpenAPI document says, and where it comes from."""

import json
import re

import httpx2
import pytest

from paydesk.web.api.table import OPERATIONS
from paydesk.web.reference.openapi import document


@pytest.fixture(scope="module")
def told():
    return json.loads(document())


def operation(told, method, path):
    return told["paths"][path][method.lower()]


def schema(told, name):
    return told["components"]["schemas"][name]


def test_every_operation_is_there(told):
    found = {(m.upper(), path) for path, methods in told["paths"].items() for m in methods}
    assert found == {(one.method, one.path) for one in OPERATIONS}
    assert told["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere(told):
    for place in re.findall(r'"\$ref":"#/([^"]+)"', document().decode()):
        found = told
        for part in place.split("/"):
            found = found[part]


def test_names_of_operations_are_unique(told):
    names = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)


def test_what_is_required_is_told(told):
    assert {"mode", "redirects"} <= set(schema(told, "CreateBody")["required"])
    (choice,) = schema(told, "CreateBody")["allOf"]
    assert [one["required"] for one in choice["anyOf"]] == [["currency_lookups_id"], ["currency"]]


def test_an_amount_is_text_or_a_number(told):
    forms = schema(told, "InstructionBody")["properties"]["amount"]["anyOf"]
    assert [form["type"] for form in forms] == ["string", "number"]
    optional = schema(told, "ItemBody")["properties"]["tax_amount"]["anyOf"]
    assert [form["type"] for form in optional] == ["string", "number", "string", "null"]


def test_a_batch_is_a_list_of_records_or_one(told):
    body = operation(told, "POST", "/orders/create")["requestBody"]
    batch, alone = body["content"]["application/json"]["schema"]["anyOf"]
    record = {"$ref": "#/components/schemas/CreateOrderBody"}
    assert batch["properties"]["records"]["items"] == record
    assert record in alone["allOf"]


def test_refusals_stand_at_their_status_with_their_sentence(told):
    answers = operation(told, "GET", "/orders/{id}")["responses"]
    assert "`order_missing`: There is no order with this id." in answers["404"]["description"]
    assert answers["404"]["description"].startswith("007 Record not found.")
    assert "Retry-After" in answers["429"]["headers"]
    assert "409" not in answers


def test_a_record_leads_to_what_can_be_done_with_it(told):
    made = operation(told, "POST", "/orders/create")["responses"]["200"]["links"]
    assert made["get_orders_id"]["parameters"] == {"id": "$response.body#/results/0/id"}


def test_the_document_is_served_without_a_key_and_kept_by_clients(server):
    first = httpx2.get(f"{server.base_url}/openapi.json")
    assert first.content == document()
    known = {"If-None-Match": first.headers["ETag"]}
    again = httpx2.get(f"{server.base_url}/openapi.json", headers=known)
    assert (again.status_code, again.content) == (304, b"")
