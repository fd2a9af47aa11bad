"""Recurring payments over HTTP: submitted, charged by the worker, paused, stopped, and shown."""

from email import message_from_bytes, policy

import httpx2
import pytest

from api_page import saved_card
from oracle import assert_all_is_well
from paydesk_client import PaydeskError
from world import card, eventually


@pytest.fixture(scope="module")
def shop(server):
    """A merchant of this file's own."""
    return server.merchant_with(server.new_merchant("Gym")["test"])


@pytest.fixture(scope="module")
def stored(shop):
    """Makes a card that its payer had saved: its customer and token."""

    def make(f3=0):
        return saved_card(shop, number=card(0, 0, f3))

    return make


def entry(stored, **payment):
    return {
        **stored(),
        "payment": {"amount": "100.00", "transaction_reference": "INV0045", **payment},
    }


def test_a_submitted_payment_is_charged(shop, stored):
    (made,) = shop.paydesk.payments.submit(entry(stored), batch_reference="BATCH-1")
    assert made["payment"]["payment_status"] == "PENDING"
    assert (made["batch_reference"], made["payment"]["recurring"]) == ("BATCH-1", None)
    done = eventually(
        lambda: (
            (it := shop.paydesk.payments.show(made["id"]))["payment"]["payment_status"]
            == "COMPLETED"
            and it
        )
    )
    assert (done["charges"], done["next_charge_on"], done["error_code"]) == (1, None, None)
    charge = shop.paydesk.transactions.show(done["last_transaction_id"])
    assert (charge["transaction_status"], charge["payments_id"]) == ("PAID", made["id"])
    assert (charge["checkout_id"], charge["transaction_reference"]) == (None, "INV0045")
    assert shop.paydesk.transactions.refund(charge["id"])["modification_status"] == "COMPLETED"
    assert_all_is_well(shop.server, with_webhooks=False)


def test_a_charge_is_invoiced_mailed_and_in_the_feed(shop, stored):
    (made,) = shop.paydesk.payments.submit(
        {
            **entry(stored),
            "notifications": {"send_invoice": True, "send_confirmation_email": True},
            "customization": {"locale": "fr"},
        }
    )
    (receipt,) = eventually(lambda: shop.paydesk.invoices.list(payments_id=made["id"]).entries)
    assert (receipt["checkout_id"], receipt["payments_id"]) == (None, made["id"])
    assert receipt["lines"][0]["description"] == "Commande INV0045"
    (mail,) = eventually(lambda: mails_with(shop.server, receipt))
    assert mail["Content-Language"] == "fr"
    assert httpx2.get(receipt["url"]).status_code == 200
    shop.paydesk.transactions.refund(receipt["transaction_id"])
    back, _ = shop.paydesk.invoices.list(payments_id=made["id"]).entries
    assert (back["kind"], back["refers_to"]) == ("REFUND_RECEIPT", [receipt["number"]])
    told = eventually(lambda: len(heard := in_the_feed(shop, made)) == 2 and heard)
    assert [one["event"] for one in told] == ["payment.created", "payment.updated"]
    assert told[1]["data"][0]["payment"]["payment"]["payment_status"] == "COMPLETED"


def mails_with(server, document):
    """The mails that bring this document. Other merchants' may have the same number."""
    read = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (server.data / "mail").glob("mai_*.eml")
    ]
    return [
        mail
        for mail in read
        if f"{document['number']}.pdf" in [part.get_filename() for part in mail.iter_attachments()]
        and document["url"] in mail.get_body(("plain",)).get_content()
    ]


def in_the_feed(shop, payment):
    return [
        one
        for one in shop.paydesk.events.list(limit=100).entries
        if one["data"][0].get("payment", {}).get("id") == payment["id"]
    ]


def test_a_recurring_payment_is_paused_resumed_and_stopped(shop, stored):
    (made,) = shop.paydesk.payments.submit(
        entry(stored, recurring={"payment_interval": "MONTHLY", "process_day": 31})
    )
    assert made["payment"]["recurring"]["process_day"] == 31
    for status in ("PAUSED", "RUNNING", "STOPPED"):
        shown = shop.paydesk.payments.set_status(made["id"], status)
        assert shown["payment"]["payment_status"] == status
    assert shown["next_charge_on"] is None
    with pytest.raises(PaydeskError) as refused:
        shop.paydesk.payments.set_status(made["id"], "RUNNING")
    assert refused.value.code == "902"
    with pytest.raises(PaydeskError) as refused:
        shop.paydesk.payments.set_status(made["id"], "COMPLETED")
    assert refused.value.code == "006"


def test_one_bad_entry_refuses_the_batch_and_names_every_fault(shop, stored):
    good = entry(stored)
    bad = {**good, "card": {"token": "0" * 64}}
    worse = {"card": {"token": "x"}, "payment": {"amount": "x"}}
    answer = shop.http.post("/payments/submit", json={"payments": [good, worse, bad]})
    assert answer.status_code == 400
    (detail,) = answer.json()["error_details"]
    assert detail["record"] == worse
    assert set(detail["errors"]) == {"customer_id", "payment.amount"}
    answer = shop.http.post("/payments/submit", json={"payments": [good, bad]})
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
    assert set(answer.json()["error_details"][0]["errors"]) == {"card.token"}
    listed = shop.paydesk.payments.list(customer_id=good["customer_id"], card_id="crd_none")
    assert listed.entries == []


@pytest.mark.parametrize("body", [{}, {"payments": {}}, {"payments": []}, {"payments": [5]}])
def test_a_body_without_payments_is_refused(shop, body):
    answer = shop.http.post("/payments/submit", json=body)
    assert answer.json()["error_code"] in {"003", "005"}
    (detail,) = answer.json()["error_details"]
    assert all(path.startswith("payments") for path in detail["errors"])


def test_the_same_key_again_charges_once(shop, stored):
    record = entry(stored)
    one = shop.paydesk.payments.submit(record, idempotency_key="rent-2026-12")
    other = shop.paydesk.payments.submit(record, idempotency_key="rent-2026-12")
    assert one == other
    assert len(shop.paydesk.payments.list(customer_id=record["customer_id"]).entries) >= 1


def test_another_account_s_payment_and_card_are_not_there(shop, stored, merchant):
    (made,) = shop.paydesk.payments.submit(entry(stored))
    for call in (
        lambda: merchant.paydesk.payments.show(made["id"]),
        lambda: merchant.paydesk.payments.set_status(made["id"], "STOPPED"),
    ):
        with pytest.raises(PaydeskError) as refused:
            call()
        assert refused.value.code == "007"
    assert merchant.paydesk.payments.list(payments_id=made["id"]).entries == []
