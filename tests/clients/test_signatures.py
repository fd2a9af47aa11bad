"""The client's signatures, against the server's and against an outside judge."""

import json
import time

import pytest
from standardwebhooks.webhooks import Webhook as Judge

from paydesk.kit.signing import Attempt, new_secret, webhook_headers
from paydesk.web.form.signature import is_signed
from paydesk_client import WebhookForged, sign_form, verify_signature, verify_webhook

BODY = json.dumps({"event": "checkout.completed", "data": [{}]}).encode()


def sent(secret, *, at=None):
    attempt = Attempt("web_1", 1, 1, int(time.time() if at is None else at))
    return dict(webhook_headers(BODY, [secret], attempt))


def test_a_genuine_webhook_is_read():
    secret = new_secret()
    headers = sent(secret)
    assert verify_webhook(BODY, headers, secret)["event"] == "checkout.completed"
    lower = {name.lower(): value for name, value in headers.items()}
    assert verify_webhook(BODY, lower, secret) == Judge(secret).verify(BODY, lower)
    assert verify_signature(BODY, headers["X-Signature"], secret)


@pytest.mark.parametrize(
    "change",
    [
        lambda headers: headers.pop("webhook-signature"),
        lambda headers: headers.pop("webhook-timestamp"),
        lambda headers: headers.update({"webhook-id": "web_2"}),
        lambda headers: headers.update({"webhook-timestamp": str(int(time.time()) - 1)}),
        lambda headers: headers.update({"webhook-timestamp": "²"}),
        lambda headers: headers.update({"webhook-timestamp": "1" * 5000}),
        lambda headers: headers.update({"webhook-id": "web_\ud800"}),
        lambda headers: headers.update({"webhook-signature": "v1,\udcff"}),
        lambda headers: headers.update({"webhook-signature": "v1,é"}),
    ],
)
def test_a_webhook_changed_on_the_way_is_refused(change):
    secret = new_secret()
    headers = sent(secret)
    change(headers)
    with pytest.raises(WebhookForged):
        verify_webhook(BODY, headers, secret)


def test_a_changed_body_or_another_secret_is_refused():
    secret = new_secret()
    with pytest.raises(WebhookForged):
        verify_webhook(BODY + b" ", sent(secret), secret)
    with pytest.raises(WebhookForged):
        verify_webhook(BODY, sent(secret), new_secret())
    assert not verify_signature(BODY + b" ", sent(secret)["X-Signature"], secret)
    assert not verify_signature(BODY, "é", secret)
    assert not verify_signature(BODY, "\udcff", secret)


@pytest.mark.parametrize("off", [-301, 330])
def test_an_old_webhook_is_refused_though_its_signature_is_right(off):
    secret = new_secret()
    with pytest.raises(WebhookForged, match="last minutes"):
        verify_webhook(BODY, sent(secret, at=time.time() + off), secret)


def test_both_secrets_of_a_rotation_are_taken():
    old, new = new_secret(), new_secret()
    headers = webhook_headers(BODY, [new, old], Attempt("web_1", 1, 1, int(time.time())))
    for secret in (old, new):
        assert verify_webhook(BODY, headers, secret)


@pytest.mark.parametrize(
    "inputs",
    [
        {"public_key": "pk", "amount": "10.00"},
        {"order[description]": "tea & cake = ~2*5 ☕", "amount": "10.00", "b": ""},
    ],
)
def test_a_signed_form_is_accepted_by_the_server(inputs):
    secret = new_secret()
    signature = sign_form({**inputs, "signature": "is left out"}, secret)
    assert signature == sign_form(reversed(inputs.items()), secret)
    assert is_signed(inputs, signature, secret)
    assert not is_signed({**inputs, "amount": "1.00"}, signature, secret)
