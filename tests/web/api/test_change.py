"""`POST /checkout/page/{id}`: what an open checkout may become, and what it may not."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from paydesk.kit import ids
from world import APPROVED, DECLINED, Payer, eventually, faults

ITEM = {"name": "Pens", "quantity": 3, "unit_amount": "10.00"}


@pytest.fixture
def bare(full):
    """A body with an order of the bare amount."""
    return {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}


@pytest.fixture
def change(merchant):
    def post(checkout, body, **headers):
        path = f"/checkout/page/{checkout['id']}"
        return merchant.http.post(path, json=body, headers=headers)

    return post


@pytest.fixture
def make(merchant):
    def post(body):
        answer = merchant.post(body)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    return post


def order_of(merchant, checkout):
    return merchant.http.get(f"/orders/{checkout['order_id']}").json()["result"]


def test_the_amount_of_a_bare_order_changes_and_the_order_follows(merchant, change, make, bare):
    made = make(bare)
    answer = change(made, {"amount": "50.00"})
    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    assert (result["amount"], result["status"]) == ("50.00", "open")
    unchanged = ("id", "session_id", "order_id", "page_url", "expires_at", "currency")
    assert {key: result[key] for key in unchanged} == {key: made[key] for key in unchanged}
    assert merchant.show(made) == result
    assert order_of(merchant, made)["amount_total"] == "50.00"


def test_a_payer_pays_what_it_was_changed_to(merchant, change, make, bare, server):
    made = make(bare)
    change(made, {"amount": "50.00"})
    assert Payer(made).open().pay(number=APPROVED).state == "paid"
    transaction = merchant.show(made)["transaction_id"]
    (line,) = [line for line in server.acquirer_log() if line["reference"] == transaction]
    assert line["amount"] == 5000


def test_a_new_order_takes_the_place_of_the_old_one(merchant, change, full, make):
    made = make(full)
    order = {"description": "Only pens", "items": [ITEM]}
    answer = change(made, {"amount": "30.00", "order": order})
    assert answer.status_code == 200, answer.text
    shown = order_of(merchant, made)
    assert (shown["reference"], shown["description"]) == ("ORD0045", "Only pens")
    assert (shown["amount_total"], shown["amount_subtotal"]) == ("30.00", None)
    assert [item["name"] for item in shown["items"]] == ["Pens"]
    assert answer.json()["result"]["order"]["items"][0]["name"] == "Pens"


@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        ({"redirects": {"cancel_url": "https://a.example/"}}, "redirects.cancel_url", None),
        ({"customization": {"theme": "dark"}}, "customization.theme", None),
        ({"payment": {"metadata": {"till": "8"}}}, "payment.metadata", {"till": "8"}),
        ({"currency": "ZAR"}, "currency", "ZAR"),
        ({}, "amount", "1200.00"),
    ],
)
def test_what_is_not_given_stays(merchant, change, full, make, body, path, value):
    made = make(full)
    before = merchant.show(made)
    answer = change(made, body)
    assert answer.status_code == 200, answer.text
    after = answer.json()["result"]
    if value is not None:
        name, _, inner = path.partition(".")
        assert (after[name][inner] if inner else after[name]) == value
    changed = dict.fromkeys(["payment", "redirects"])
    assert {**after, **changed} == {**before, **changed}
    redirects = body.get("redirects", {})
    assert after["redirects"] == {**before["redirects"], **redirects}


def test_the_page_follows_its_new_look_and_addresses(change, full, make):
    made = make(full)
    body = {
        "customization": {"display_cancel_button": True, "brand": {"primary": "#123456"}},
        "redirects": {"cancel_url": "https://shop.example/cart"},
        "order": {"description": "A fresh start", "amount_total": "1200.00"},
    }
    assert change(made, body).status_code == 200
    page = Payer(made).open().page.text
    assert "#123456" in page
    assert "A fresh start" in page


def test_null_clears_what_a_checkout_can_be_without(merchant, change, full, make):
    made = make(full)
    assert "#00dc82" in Payer(made).open().page.text
    order = {"description": "Tea", "metadata": {"a": 1}}
    change(made, {"payment": {"metadata": {"till": "8"}}, "order": order})
    body = {"payment": None, "order": {**order, "metadata": None}, "customization": {"brand": None}}
    answer = change(made, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["payment"] == {"metadata": None}
    assert order_of(merchant, made)["metadata"] is None
    page = Payer(made).open().page.text
    assert "#00dc82" not in page


def test_the_time_to_pay_counts_from_now(change, full, make):
    made = make(full)
    text = change(made, {"expires_in_minutes": 5}).json()["result"]["expires_at"]
    left = datetime.fromisoformat(text) - datetime.now(UTC)
    assert abs(left - timedelta(minutes=5)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({"amount": "50.00"}, {"amount": "order_total"}),
        ({"amount": "0.00"}, {"amount": "amount"}),
        ({"amount": "50.001"}, {"amount": "amount"}),
        ({"amount": "-1"}, {"amount": "amount"}),
        ({"amount": "1200.00", "order": {"items": [ITEM]}}, {"amount": "order_total"}),
        ({"order": {"items": [ITEM]}}, {"amount": "order_total"}),
        ({"order": {}}, {"order.description": "required"}),
        (
            {"amount": None, "order": None, "redirects": None, "expires_in_minutes": None},
            dict.fromkeys(["amount", "order", "redirects", "expires_in_minutes"], "required"),
        ),
        ({"order": {"reference": None, "description": "x"}}, {"order.reference": "required"}),
        ({"redirects": {"cancel_url": None}}, {"redirects.cancel_url": "required"}),
        ({"order": {"items": [{"name": "Pens"}]}}, {"order.items.0.quantity": "required"}),
        ({"currency": "USD"}, {"currency": "fixed_field"}),
        ({"currency": "XXXX"}, {"currency": "lookup"}),
        ({"mode": "one-off"}, {"mode": "fixed_field"}),
        ({"customer_id": "cus_1"}, {"customer_id": "fixed_field"}),
        ({"order_id": "ord_1"}, {"order_id": "fixed_field"}),
        ({"customers_id": "cus_1"}, {"customers_id": "fixed_field"}),
        ({"payment": {"payment_method_id": "x"}}, {"payment.payment_method_id": "fixed_field"}),
        (
            {"expires_at": "2030-01-01T00:00:00Z", "id": "chk_1", "status": "completed"},
            dict.fromkeys(["expires_at", "id", "status"], "fixed_field"),
        ),
        (
            {"session_id": "x", "page_url": "x", "completed_at": "x", "transaction_id": "x"},
            dict.fromkeys(["session_id", "page_url", "completed_at", "transaction_id"], "fixed"),
        ),
        ({"payment": {"save_card": True}}, {"payment.save_card": "fixed_field"}),
        ({"expires_in_minutes": 4}, {"expires_in_minutes": "minimum"}),
        ({"expires_in_minutes": 43_201}, {"expires_in_minutes": "maximum"}),
        ({"redirects": {"success_url": "javascript:1"}}, {"redirects.success_url": "url"}),
        ({"redirects": {"notify_url": "https://10.0.0.1/"}}, {"redirects.notify_url": "private"}),
        ({"customization": {"theme": "pink"}}, {"customization.theme": "theme"}),
        ({"customization": {"type": "popup"}}, {"customization.type": "page_type"}),
        (
            {"amount": "x", "customization": {"theme": "pink"}, "mode": "save"},
            {"amount": "amount", "customization.theme": "theme", "mode": "fixed_field"},
        ),
    ],
)
def test_what_a_create_refuses_a_change_refuses_too(merchant, change, full, make, body, broken):
    made = make(full)
    before = merchant.show(made)
    answer = change(made, body)
    assert answer.status_code in {400, 422}, answer.text
    told = faults(answer)
    assert {path: told[path].startswith(rule) for path, rule in broken.items()} == dict.fromkeys(
        broken, True
    ), told
    assert merchant.show(made) == before


def test_another_checkout_or_none_answers_alike(live, merchant, full, make):
    made = make(full)
    foreign = live.http.post(f"/checkout/page/{made['id']}", json={"amount": "x"})
    missing = live.http.post(f"/checkout/page/{ids.new('chk')}", json={"amount": "x"})
    assert (foreign.status_code, foreign.json()["error_code"]) == (404, "007")
    assert foreign.content == missing.content
    assert merchant.show(made)["amount"] == "1200.00"


def test_what_has_ended_is_not_changed(merchant, change, full, make):
    cancelled, paid = make(full), make(full)
    merchant.http.post(f"/checkout/page/{cancelled['id']}/cancel")
    Payer(paid).open().pay(number=APPROVED)
    for made in (cancelled, paid):
        answer = change(made, {"expires_in_minutes": 5})
        assert (answer.status_code, answer.json()["error_code"]) == (409, "902")
        assert faults(answer) == {"id": "checkout_ended"}


def test_an_order_paid_elsewhere_keeps_its_content(change, merchant, bare, make):
    first = make(bare)
    second = make({**bare, "order_id": first["order_id"]})
    Payer(first).open().pay(number=APPROVED)
    answer = change(second, {"amount": "50.00"})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "902")
    assert list(faults(answer).values()) == ["order_paid"]
    assert order_of(merchant, first)["amount_total"] == "1200.00"
    assert change(second, {"expires_in_minutes": 5}).status_code == 200


def test_a_form_from_before_the_change_pays_nothing(merchant, change, bare, make):
    made = make(bare)
    payer = Payer(made).open()
    url, data = payer.prepared(number=APPROVED)
    change(made, {"amount": "1300.00"})
    payer.page = payer.post(url, data)
    assert (payer.state, payer.page.status_code) == ("open", 422)
    assert "This page was out of date" in payer.page.text
    assert re.search(r"R\s?1\D?300", payer.page.text)
    assert f'value="{APPROVED}"' not in payer.page.text
    assert merchant.show(made)["attempts"] == 0
    assert payer.pay(number=APPROVED).state == "paid"
    assert merchant.show(made)["amount"] == "1300.00"


def test_a_declined_checkout_can_be_changed_and_its_old_form_pays_nothing(
    merchant, change, bare, make
):
    made = make(bare)
    payer = Payer(made).open().pay(number=DECLINED)
    url, data = payer.prepared(number=APPROVED)
    assert change(made, {"amount": "50.00"}).status_code == 200
    payer.page = payer.post(url, data)
    assert payer.state == "declined"
    assert merchant.show(made)["attempts"] == 1
    assert payer.pay(number=APPROVED).state == "paid"


def test_a_change_sent_twice_with_one_key_is_made_once(merchant, change, bare, make):
    made, key = make(bare), ids.new("key")
    first = change(made, {"amount": "50.00"}, **{"Idempotency-Key": key})
    change(made, {"amount": "60.00"})
    again = change(made, {"amount": "50.00"}, **{"Idempotency-Key": key})
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert merchant.show(made)["amount"] == "60.00"


def test_what_comes_after_a_change_is_told_where_the_change_says(
    merchant, change, bare, receiver, make
):
    made = make(bare)
    change(made, {"amount": "50.00", "redirects": {"notify_url": receiver.url}})
    merchant.http.post(f"/checkout/page/{made['id']}/cancel")
    (heard,) = eventually(lambda: receiver.about(made["id"]))
    assert (heard.event, heard.checkout["amount"]) == ("checkout.cancelled", "50.00")
