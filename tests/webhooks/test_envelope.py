"""The second envelope, made of the first."""

import json

import pytest

from paydesk import checkouts, lookups
from paydesk.webhooks.envelope import account_body, envelope

BODY = (
    b'{"id":"web_1","event":"checkout.completed","data":[{"checkout":{"id":"chk_1",'
    b'"amount":"1200.00","card":null}}],"created_at":"2025-09-13T10:15:30Z"}'
)


def test_it_has_the_references_members_in_their_order():
    made = json.loads(account_body(BODY))
    assert made == {
        "id": "web_1",
        "type": "checkout.completed",
        "status": True,
        "results": [{"id": "chk_1", "amount": "1200.00", "card": None}],
        "webhook_event_lookups_id": lookups.id_of("webhook_event", "CHECKOUT_COMPLETED"),
        "webhook_event": "CHECKOUT_COMPLETED",
        "created_at": "2025-09-13T10:15:30Z",
    }
    assert list(made)[:4] == ["id", "type", "status", "results"]


def test_metadata_as_deep_as_a_request_may_be_fits_in_it():
    metadata = json.loads('{"a":' * 30 + "1" + "}" * 30)
    told = json.loads(BODY)
    told["data"][0]["checkout"]["customer"] = {"metadata": metadata}
    made = json.loads(account_body(json.dumps(told).encode()))
    assert made["results"][0]["customer"] == {"metadata": metadata}


def test_it_is_the_same_at_every_try():
    assert account_body(BODY) == account_body(BODY)


def test_a_payment_of_its_own_is_told_with_the_checkout():
    told = json.loads(BODY)
    told["data"][0]["payment"] = {"id": "pay_1"}
    made = json.loads(account_body(json.dumps(told).encode()))
    assert made["results"][0]["payment"] == {"id": "pay_1"}


def test_an_event_about_another_record_has_that_record():
    told = {"id": "web_1", "event": "payment.updated", "data": [{"payment": {"id": "pay_1"}}]}
    made = json.loads(account_body(json.dumps({**told, "created_at": "x"}).encode()))
    assert (made["type"], made["results"]) == ("payment.updated", [{"id": "pay_1"}])
    assert made["webhook_event"] == "PAYMENT_UPDATED"


def test_one_that_was_written_in_it_stays_as_it_is():
    body = account_body(BODY)
    assert account_body(body) == body


@pytest.mark.parametrize("event", checkouts.Event)
def test_every_event_is_a_lookup(event):
    made = envelope(id_="web_1", type_=event, results=[], created_at="")
    assert made["webhook_event_lookups_id"].startswith("loo_")
    assert made["webhook_event"] == event.replace(".", "_").upper()
