import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from paydesk.kit import clock, signing
from paydesk.kit.signing import Attempt, sign_body, webhook_headers

BODY = (
    b'{"event":"checkout.completed","data":[{"checkout":{"id":"chk_A1"}}],'
    b'"created_at":"2025-09-13T10:15:30Z"}'
)
SECRET = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
ATTEMPT = Attempt(
    webhook_id="web_0123456789abcdefghijk", sequence=3, number=2, sent_at_seconds=1757758530
)


def test_the_headers_of_a_known_webhook_are_known() -> None:
    # X-Signature as `openssl dgst -sha256 -hmac "$SECRET"` prints it; webhook-signature from the
    # reliability paper, appendix B.
    assert webhook_headers(BODY, [SECRET], ATTEMPT) == {
        "Content-Type": "application/json",
        "User-Agent": "Kwik-Webhooks/1.0",
        "X-Signature": "2df8261b9549cfe80e7dd1b028c2d01e9a9e2d83255c11abe1b22bd76ca22c8f",
        "X-Timestamp": "1757758530",
        "X-Webhook-Sequence": "3",
        "X-Webhook-Attempt": "2",
        "webhook-id": "web_0123456789abcdefghijk",
        "webhook-timestamp": "1757758530",
        "webhook-signature": "v1,BnMiN/0TdodC5vugG6MXGcf5aY/UuKuX1cs3X/X/0ss=",
    }


def attempt_now(delay_seconds: int = 0) -> Attempt:
    at = clock.now() + timedelta(seconds=delay_seconds)
    return Attempt(webhook_id="web_1", sequence=1, number=1, sent_at_seconds=int(at.timestamp()))


@given(st.text())
def test_the_standards_own_library_verifies_what_we_sign(text: str) -> None:
    secret, body = signing.new_secret(), f'{{"text": "{text.encode().hex()}"}}'
    headers = dict(webhook_headers(body.encode(), [secret], attempt_now()))
    assert Webhook(secret).verify(body, headers)


def test_the_standards_own_library_refuses_a_replay_after_five_minutes() -> None:
    headers = dict(webhook_headers(BODY, [SECRET], attempt_now(-301)))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)


def test_both_secrets_verify_while_one_replaces_the_other() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = dict(webhook_headers(BODY, [old, new], attempt_now()))
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers)
    assert headers["X-Signature"] == sign_body(BODY, old)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(BODY, headers)


def flipped(data: bytes, place: int) -> bytes:
    place %= len(data) * 8
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


@given(st.binary(min_size=1), st.integers(min_value=0))
def test_a_flipped_bit_changes_both_signatures(body: bytes, place: int) -> None:
    kept, changed = (
        webhook_headers(text, [SECRET], ATTEMPT) for text in (body, flipped(body, place))
    )
    assert kept["X-Signature"] != changed["X-Signature"]
    assert kept["webhook-signature"] != changed["webhook-signature"]


@given(st.integers(min_value=0))
def test_a_flipped_bit_of_the_key_changes_the_standard_signature(place: int) -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    other = "whsec_" + base64.b64encode(flipped(key, place)).decode()
    kept = webhook_headers(BODY, [SECRET], ATTEMPT)
    changed = webhook_headers(BODY, [other], ATTEMPT)
    assert kept["X-Signature"] != changed["X-Signature"]
    assert kept["webhook-signature"] != changed["webhook-signature"]


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_the_body_signature_is_a_plain_hmac_over_the_secrets_text(body: bytes, secret: str) -> None:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert sign_body(body, secret) == expected


@pytest.mark.parametrize(
    "other",
    [
        Attempt(webhook_id="web_2", sequence=3, number=2, sent_at_seconds=1757758530),
        Attempt(webhook_id=ATTEMPT.webhook_id, sequence=3, number=2, sent_at_seconds=1757758531),
    ],
)
def test_the_standard_signature_covers_the_id_and_the_time(other: Attempt) -> None:
    kept = webhook_headers(BODY, [SECRET], ATTEMPT)["webhook-signature"]
    assert webhook_headers(BODY, [SECRET], other)["webhook-signature"] != kept


def test_a_new_secret_holds_32_fresh_bytes() -> None:
    secrets = {signing.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_the_time_is_in_the_standards_form() -> None:
    moment = datetime.fromtimestamp(ATTEMPT.sent_at_seconds, UTC)
    headers = webhook_headers(BODY, [SECRET], ATTEMPT)
    signed_by_the_library = Webhook(SECRET).sign(ATTEMPT.webhook_id, moment, BODY.decode())
    assert headers["webhook-signature"] == signed_by_the_library
