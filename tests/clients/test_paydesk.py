"""The client against a whole Paydesk: every method leads to a call that there is."""

import re

import pytest

from paydesk.web.api.table import OPERATIONS
from paydesk_client import AsyncPaydesk, Paydesk, PaydeskError
from source import ROOT
from world import Payer

REDIRECTS = {
    "success_url": "https://merchant.example/success",
    "cancel_url": "https://merchant.example/cancel",
    "notify_url": "https://merchant.example/webhooks/payments",
}


@pytest.fixture
def keys(server):
    kept = server.credentials()
    return kept["base_url"], kept["test"]["api_key"], kept["test"]["api_secret"]


@pytest.fixture
def paydesk(keys):
    with Paydesk(*keys) as client:
        yield client


def test_a_day_of_a_shop(paydesk):
    [customer] = paydesk.customers.create(
        {"reference": "C-1", "person_name": "Jo", "person_surname": "Doe", "email": "jo@mail.com"}
    )
    [order] = paydesk.orders.create(
        {"reference": "O-1", "description": "Tea", "amount_total": "12.00", "currency": "ZAR"}
    )
    assert paydesk.orders.show(order["id"])["reference"] == "O-1"
    checkout = paydesk.checkouts.create(
        mode="one-off",
        amount="12.00",
        currency="ZAR",
        order_id=order["id"],
        customer_id=customer["id"],
        redirects=REDIRECTS,
    )
    assert Payer(checkout).open().pay().state == "paid"
    shown = paydesk.checkouts.show(checkout["id"])
    transaction = paydesk.transactions.show(shown["transaction_id"])
    assert transaction["amount"].as_tuple() == (0, (1, 2, 0, 0), -2)
    assert paydesk.transactions.record(transaction["id"]) == transaction
    with pytest.raises(PaydeskError):
        paydesk.transactions.refund(transaction["id"], amount=None)
    refunded = paydesk.transactions.refund(transaction["id"], amount="5.00")
    assert refunded["transaction"]["amount_refunded"] == "5.00"
    with pytest.raises(PaydeskError) as caught:
        paydesk.transactions.void(transaction["id"])
    assert caught.value.code == "902"
    assert order["id"] in {one["id"] for one in paydesk.orders.each(limit=1)}


def test_what_was_made_can_be_changed_and_put_away(paydesk):
    [order] = paydesk.orders.create({"description": "a", "amount_total": "1", "currency": "ZAR"})
    [order] = paydesk.orders.update({"id": order["id"], "description": "b"})
    assert order["description"] == "b"
    assert paydesk.orders.delete(order["id"])[0]["deleted_at"]
    [customer] = paydesk.customers.create(
        {"reference": "C-2", "company_name": "Tea Ltd", "email": "tea@mail.com"}
    )
    [customer] = paydesk.customers.update({"id": customer["id"], "company_name": "Tea & Co"})
    assert paydesk.customers.show(customer["id"])["company_name"] == "Tea & Co"
    assert paydesk.customers.archive(customer["id"])[0]["id"] == customer["id"]
    assert paydesk.customers.list(limit=1).entries

    checkout = paydesk.checkouts.create(
        mode="one-off", amount="1", currency="ZAR", redirects=REDIRECTS,
        order={"description": "a"},
    )  # fmt: skip
    assert paydesk.checkouts.change(checkout["id"], amount="2.00")["amount"] == "2.00"
    assert paydesk.checkouts.cancel(checkout["id"])["status"] == "cancelled"
    assert checkout["id"] in {one["id"] for one in paydesk.checkouts.each()}
    assert paydesk.merchant.show()["name"] == "My shop"
    assert paydesk.merchant.update(name="My shop")["name"] == "My shop"
    assert "ZAR" in {one["enum"] for one in paydesk.lookups.list("currency")}
    assert paydesk.payment_methods.list()[0]["payment_method_type"] == "CARD"


@pytest.mark.anyio
async def test_the_awaited_client_speaks_to_the_same_server(keys):
    async with AsyncPaydesk(*keys) as paydesk:
        assert len(await paydesk.lookups.list("currency")) > 100
        async for checkout in paydesk.checkouts.each(limit=2):
            assert checkout["id"].startswith("chk_")


def test_every_call_of_the_api_has_a_method():
    source = (ROOT / "clients/python/src/paydesk_client/resources.py").read_text()
    # "{…}" stands for whatever is filled in, on both sides.
    written = {
        re.sub(r"\{[^{}]*\}", "{}", path) for path in re.findall(r'"(/[a-z{}_/()-]+)"', source)
    }
    for operation in OPERATIONS:
        path = re.sub(r"\{[^{}]*\}", "{}", operation.path)
        path = re.sub(r"/(capture|void|refund)$", "/{}", path)
        assert path in written | {"/lookups/{}", "/lookups/{}/{}"}, operation.path


def test_the_page_s_example_works_verbatim(server, tmp_path, capsys):
    text = (ROOT / "docs/client.md").read_text()
    example, signatures = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    kept = str(server.data / "credentials.json")
    exec(example.replace("var/data/credentials.json", kept), {})
    said = capsys.readouterr().out
    assert "/checkout/cs_test_" in said
    assert "007" in said
    names = {}
    exec(signatures, names)
    assert names["answer"](b"{}", {}, "whsec_AQID") == 400
