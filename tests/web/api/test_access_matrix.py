"""Every operation, called by everybody who may not: no key, too small a key, another account.

Driven from the table of operations, so that a new one can't be forgotten.
Source: reliability paper, WEB-13.
"""

import re

import httpx2
import pytest

from api_page import KINDS, make
from paydesk.kit import ids
from paydesk.merchants import Section
from paydesk.web.api.table import OPERATIONS
from world import Payer, faults


def name(operation):
    return f"{operation.method} {operation.path}"


def kind_in_path(operation):
    return KINDS.get(operation.path.split("/")[1]) if "{id}" in operation.path else None


def kind_in_body(operation):
    """The kind of record that the body names by `id`, if it does."""
    has_id = operation.body is not None and "id" in operation.body.model_fields
    return KINDS[operation.path.split("/")[1]] if has_id else None


NAMING = [one for one in OPERATIONS if kind_in_path(one) or kind_in_body(one)]
LISTS = [one for one in OPERATIONS if one.is_list]


@pytest.fixture(scope="module")
def shop(server):
    """The owner's id, and the credentials of both its accounts."""
    return server.new_merchant("Matrix shop")


@pytest.fixture(scope="module")
def owner(server, shop):
    return server.merchant_with(shop["test"])


@pytest.fixture(scope="module")
def others(server, shop):
    """Another merchant's account, and the owner's own in the other mode."""
    return [server.merchant(), server.merchant_with(shop["live"])]


@pytest.fixture(scope="module")
def issue(server, shop):
    keys = {}

    def made(*options):
        if options not in keys:
            told = server.command("key", "create", "--merchant", shop["merchant"], *options).stdout
            keys[options] = tuple(
                re.search(rf"{part} +(\S+)", told)[1] for part in ("api_key", "api_secret")
            )
        return keys[options]

    return made


@pytest.fixture(scope="module")
def theirs(owner):
    """The owner's records: an id of each kind."""
    return {kind: make(owner, kind) for kind in KINDS.values()}


def call(server, operation, key=None, *, record=None):
    """The answer to the operation about the record with this id, by whoever has this key."""
    record = record or ids.new(kind_in_path(operation) or kind_in_body(operation) or "loo")
    path = operation.path.replace("{id}", record).replace("{type}", "currency")
    path = path.replace("{status}", "PAUSED")
    path = path.replace("{payment_methods_id}", ids.new("pam"))
    body = {"id": record} if kind_in_body(operation) else dict(operation.example or {})
    if not operation.writes:
        return httpx2.get(server.base_url + path, auth=key)
    return httpx2.post(server.base_url + path, auth=key, json=body)


def key_of(merchant):
    return merchant.credentials["api_key"], merchant.credentials["api_secret"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_nobody_gets_in_without_a_key(server, operation):
    answer = call(server, operation)
    assert answer.status_code == 401
    assert faults(answer) == {"authorization": "key_invalid"}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.writes], ids=name)
def test_a_key_that_may_only_read_writes_nothing(server, issue, operation):
    answer = call(server, operation, issue("--read-only"))
    assert answer.status_code == 403
    assert faults(answer) == {"authorization": "key_read_only"}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.section], ids=name)
def test_a_key_for_all_other_sections_opens_nothing_of_this_one(server, issue, operation):
    sections = [section for section in Section if section != operation.section]
    options = [word for section in sections for word in ("--section", section)]
    answer = call(server, operation, issue(*options))
    assert answer.status_code == 403
    assert faults(answer) == {"authorization": "section_forbidden"}


def test_what_needs_no_section_are_the_lists_that_all_share():
    open_to_all = {one.path.split("/")[1] for one in OPERATIONS if one.section is None}
    assert open_to_all == {"lookups", "payment-methods"}


@pytest.mark.parametrize("operation", NAMING, ids=name)
def test_another_account_s_record_is_as_good_as_missing(server, others, theirs, owner, operation):
    kind = kind_in_path(operation) or kind_in_body(operation)
    before = state(owner, kind, theirs[kind])
    for other in others:
        foreign = call(server, operation, key_of(other), record=theirs[kind])
        missing_id = ids.new(kind)
        missing = call(server, operation, key_of(other), record=missing_id)
        assert (foreign.status_code, missing.status_code) == (404, 404), foreign.text
        # The submitted record is echoed; that is all that may differ.
        echoed = foreign.content.replace(theirs[kind].encode(), missing_id.encode())
        assert echoed == missing.content
        told = {name: foreign.headers[name] for name in foreign.headers if name != "date"}
        assert told == {name: missing.headers[name] for name in missing.headers if name != "date"}
    assert state(owner, kind, theirs[kind]) == before


def state(owner, kind, record):
    path = {
        "chk": "/checkout/page",
        "ord": "/orders",
        "cus": "/customers",
        "crd": "/cards",
        "pay": "/payments",
        "tra": "/transactions",
        "web": "/webhooks",
        "whe": "/webhook-endpoints",
        "inv": "/invoices",
    }
    answer = owner.http.get(f"{path[kind]}/{record}")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("operation", LISTS, ids=name)
def test_no_list_and_no_filter_shows_another_account_s_records(
    server, others, owner, theirs, operation
):
    own = KINDS[operation.path.split("/")[1]]
    seen = owner.http.get(operation.path, params={"limit": 100}).text
    assert theirs[own] in seen
    filters = {"checkout_id": "chk", "order_id": "ord", "customer_id": "cus"}
    for other in others:
        key = key_of(other)
        whole = httpx2.get(server.base_url + operation.path, auth=key, params={"limit": 100})
        assert not [one for one in theirs.values() if one in whole.text]
        for filter_, kind in filters.items():
            if filter_ in operation.query.model_fields:
                sought = {filter_: theirs[kind]}
                found = httpx2.get(server.base_url + operation.path, auth=key, params=sought)
                assert (found.status_code, found.json()[operation.key]) == (200, [])


def test_an_order_s_reference_finds_no_other_account_s_transaction(others, owner):
    checkout = owner.create(order={"reference": ids.new("ref"), "description": "Chair"})
    Payer(checkout).open().pay()
    made = owner.show(checkout)["transaction_id"]
    reference = owner.http.get(f"/transactions/{made}").json()["result"]["transaction_reference"]
    own = owner.http.get(f"/transactions/record/{reference}")
    assert own.json()["transaction"]["id"] == made
    for other in others:
        assert other.http.get(f"/transactions/record/{reference}").status_code == 404


@pytest.mark.parametrize("path", ["/orders/create", "/checkout/page"])
def test_another_account_s_customer_can_t_be_named(others, theirs, path):
    (operation,) = (one for one in OPERATIONS if (one.method, one.path) == ("POST", path))
    other = others[0]
    body = {**operation.example, "customer_id": theirs["cus"]}
    body.pop("customer", None)
    foreign = other.http.post(path, json=body)
    missing = other.http.post(path, json={**body, "customer_id": ids.new("cus")})
    assert foreign.status_code == missing.status_code == 404
    assert faults(foreign) == faults(missing) == {"customer_id": "customer_missing"}
