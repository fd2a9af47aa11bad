"""How an outgoing message is signed, in the reference's way and in that of Standard Webhooks."""

import base64
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

USER_AGENT = "Kwik-Webhooks/1.0"
_SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64


def new_secret(prefix: str = "whsec_") -> str:
    """A fresh signing secret: the prefix and 32 random bytes in base64.

    >>> len(new_secret())
    50
    """
    return prefix + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def sign_body(body: bytes, secret: str) -> str:
    """The lower-case hex HMAC-SHA256 of the body, keyed with the secret's text as it is shown.

    >>> sign_body(b"{}", "whsec_AQID")[:16]
    'ec29f31ce35a4c8e'
    """
    return hmac.digest(secret.encode(), body, "sha256").hex()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a webhook.

    Units: sent_at_seconds is Unix time of this attempt, not of the event.
    Shape: webhook_id stays the same over all attempts; number counts them from 1; sequence is the
        event's place among those of its checkout.
    """

    webhook_id: str
    sequence: int
    number: int
    sent_at_seconds: int


def webhook_headers(body: bytes, secrets: Sequence[str], attempt: Attempt) -> Mapping[str, str]:
    """All headers of one attempt to deliver a webhook.

    While one secret replaces another, both sign `webhook-signature`; `X-Signature` has room for
    one and uses the first.

    Bounds: at least one secret.
    Source: reference, section Webhook Security; Standard Webhooks 1.0.

    >>> attempt = Attempt(webhook_id="web_1", sequence=1, number=1, sent_at_seconds=1757758530)
    >>> webhook_headers(b"{}", ["whsec_AQID"], attempt)["webhook-signature"]
    'v1,4zMenZpuTCcJa1eRTz6UmCAIQboOR6falJVQALkm9hI='
    """
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Signature": sign_body(body, secrets[0]),
        "X-Timestamp": str(attempt.sent_at_seconds),
        "X-Webhook-Sequence": str(attempt.sequence),
        "X-Webhook-Attempt": str(attempt.number),
        "webhook-id": attempt.webhook_id,
        "webhook-timestamp": str(attempt.sent_at_seconds),
        "webhook-signature": " ".join(
            _standard_signature(body, secret, attempt) for secret in secrets
        ),
    }


def _standard_signature(body: bytes, secret: str, attempt: Attempt) -> str:
    # This standard keys with the decoded bytes, unlike X-Signature. The prefix ends at the last
    # underscore, which base64 does not use.
    key = base64.b64decode(secret.rpartition("_")[2])
    signed = f"{attempt.webhook_id}.{attempt.sent_at_seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
