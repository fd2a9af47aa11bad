"""`GET /checkout/page/{id}`, its cancel, and the lists: what comes back, field for field."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from paydesk.kit import ids
from world import APPROVED, Payer, changed, eventually, faults

CREATED = ("id", "session_id", "amount", "currency_lookups_id", "currency", "order_id")
CREATED += ("customer_id", "page_url", "expires_at")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def test_a_checkout_is_shown_as_it_was_made(merchant, full):
    made = merchant.create()
    shown = merchant.show(made)

    assert {key: shown[key] for key in CREATED} == made
    assert shown["status"] == "open"
    for field in ("transaction_id", "card_id", "completed_at", "cancelled_at"):
        assert shown[field] is None
    assert shown["redirects"] == full["redirects"]
    assert shown["payment"]["metadata"] == full["payment"]["metadata"]
    assert shown["customer"]["metadata"] == full["customer"]["metadata"]
    assert shown["order"]["reference"] == full["order"]["reference"]
    assert shown["order"]["description"] == full["order"]["description"]
    (item,) = shown["order"]["items"]
    sold = full["order"]["items"][0]
    assert item == {
        key: sold[key] for key in ("sku", "name", "quantity", "unit_amount", "metadata")
    }


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 7200), (5, 300), (43_200, 2_592_000)])
def test_a_checkout_says_when_it_expires(merchant, full, minutes, seconds):
    answer = merchant.post(changed(full, "expires_in_minutes", minutes))
    text = answer.json()["result"]["expires_at"]
    assert INSTANT.fullmatch(text)
    left = datetime.fromisoformat(text) - datetime.now(UTC)
    assert abs(left - timedelta(seconds=seconds)) < timedelta(seconds=10)


def test_a_paid_checkout_is_shown_with_its_transaction_and_card(merchant):
    made = merchant.create()
    Payer(made).open().pay(number=APPROVED)
    shown = merchant.show(made)
    assert shown["status"] == "completed"
    assert shown["transaction_id"].startswith("tra_")
    assert shown["card_id"].startswith("crd_")
    assert INSTANT.fullmatch(shown["completed_at"])


@pytest.mark.parametrize("prefix", ["", "/1.0"])
def test_a_merchant_cancels_and_may_say_so_twice(merchant, receiver, prefix):
    made = merchant.create(receiver.url)
    path = f"{prefix}/checkout/page/{made['id']}"
    first = merchant.http.post(f"{path}/cancel")
    assert first.status_code == 200, first.text
    result = first.json()["result"]
    assert {key: result[key] for key in CREATED} == made
    assert (result["status"], result["cancellation_reason"]) == ("cancelled", "merchant")
    assert INSTANT.fullmatch(result["cancelled_at"])

    again = merchant.http.post(f"{path}/cancel")
    assert again.content == first.content
    assert merchant.http.get(path).content == first.content
    eventually(lambda: receiver.events(made["id"]))
    assert receiver.events(made["id"]) == ["checkout.cancelled"]


def test_what_is_paid_is_not_cancelled(merchant):
    made = merchant.create()
    Payer(made).open().pay(number=APPROVED)
    answer = merchant.http.post(f"/checkout/page/{made['id']}/cancel")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "902")
    assert faults(answer) == {"id": "checkout_ended"}
    assert merchant.status(made) == "completed"


@pytest.mark.parametrize(
    "unknown",
    [
        lambda: ids.new("chk"),
        lambda: ids.new("ord"),
        lambda: "chk_1",
        lambda: "CHK_" + "0" * 26,
        lambda: "chk_" + "0" * 26 + "%0a",
        lambda: "chk_" + "0" * 25 + "%00",
        lambda: "x" * 5000,
    ],
)
def test_an_unknown_checkout_is_missing(merchant, unknown):
    for method, path in (("GET", ""), ("POST", "/cancel")):
        answer = merchant.http.request(method, f"/checkout/page/{unknown()}{path}")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
        assert faults(answer) == {"id": "checkout_missing"}


def test_both_paths_serve_the_same(merchant, full):
    for path in ("/lookups", "/lookups/currency", "/payment-methods"):
        assert merchant.http.get(path).content == merchant.http.get(f"/1.0{path}").content
    made = merchant.http.post("/1.0/checkout/page", json=full).json()["result"]
    path = f"/checkout/page/{made['id']}"
    assert merchant.http.get(path).content == merchant.http.get(f"/1.0{path}").content


def test_lookups_are_listed_whole_and_by_group(merchant):
    answer = merchant.http.get("/lookups").json()
    assert list(answer) == ["status", "lookups"]
    every = answer["lookups"]
    plain = ["id", "parent_lookups_id", "title", "enum", "type"]
    for lookup in every:
        extra = ["branch_code"] if lookup["type"] == "bank_name" else []
        assert list(lookup) == plain + extra
    assert len({lookup["id"] for lookup in every}) == len(every)
    groups = {lookup["type"] for lookup in every}
    assert {"currency", "country", "province", "client_type", "id_type", "payment_type"} <= groups
    assert {"transaction_status", "payment_status", "order_status"} <= groups
    for group in groups:
        listed = merchant.http.get(f"/lookups/{group}").json()["lookups"]
        assert listed == [lookup for lookup in every if lookup["type"] == group]


@pytest.mark.parametrize("group", ["colour", "CURRENCY", "currency%00", "1", "currency%20"])
def test_an_unknown_group_is_a_wrong_url(merchant, group):
    answer = merchant.http.get(f"/lookups/{group}")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer) == {"type": "lookup_type_unknown"}


def test_payment_methods_are_listed(merchant):
    answer = merchant.http.get("/payment-methods").json()
    assert list(answer) == ["status", "payment_methods"]
    card, *others = answer["payment_methods"]
    types = {other["payment_method_type"] for other in others}
    assert types == {"INSTANT_EFT", "SCAN_TO_PAY", "PAYIN"}
    assert re.fullmatch(r"pam_[0-9a-z]{26}", card["id"])
    assert card["payment_method_type"] == "CARD"
    assert card["payment_method_type_lookups_id"] == merchant.lookup("payment_method_type", "CARD")


def test_answers_are_json_and_not_to_be_stored(merchant, full):
    for answer in (
        merchant.post(full),
        merchant.post({}),
        merchant.http.get("/lookups"),
        merchant.http.get("/nowhere"),
    ):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
