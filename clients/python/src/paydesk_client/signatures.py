"""Is this webhook or receipt Paydesk's, and how is a form signed?"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from paydesk_client.exchange import read_json
from paydesk_client.replies import Receipt, Webhook

TOLERANCE_SECONDS = 300  # Standard Webhooks' own figure: clocks differ, replays are old
_TIMESTAMP_DIGITS_MAX = 12  # seconds, until the year 33658; Python reads no number of any length


class WebhookForged(Exception):
    """The webhook is not Paydesk's, or is too old. Answer 400 and do nothing."""


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, *, now_seconds: float | None = None
) -> Webhook:
    """The webhook's content, once its signature is found to be right and fresh.

    body is what arrived, byte for byte, before any parsing. It reads the signature that covers
    the time of sending, so that a webhook overheard once can't be sent again later.
    Raises: WebhookForged.
    Source: Standard Webhooks 1.0.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= _TIMESTAMP_DIGITS_MAX):
        raise WebhookForged("The webhook-timestamp is missing.")
    now = time.time() if now_seconds is None else now_seconds
    if abs(now - int(sent_at)) > TOLERANCE_SECONDS:
        raise WebhookForged("The webhook was not sent in the last minutes.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.digest(key, _bytes(f"{webhook_id}.{sent_at}.") + body, hashlib.sha256)
    signatures = given.get("webhook-signature", "").split()
    if not any(_is_same(f"v1,{base64.b64encode(made).decode()}", one) for one in signatures):
        raise WebhookForged("The webhook-signature is wrong.")
    return cast("Webhook", read_json(body))


class ReceiptForged(Exception):
    """The receipt is not Paydesk's, or is too old. The webhook tells, or showing the checkout."""


def verify_receipt(
    receipt: str, secret: str, *, age_seconds_max: int = 3600, now_seconds: float | None = None
) -> Receipt:
    """What a `paydesk_receipt` says, once its signature is found to be right and fresh.

    It can be shown again, by the payer or whoever finds the address: compare its order_reference
    and amount with your order, and fulfil each order once.
    Raises: ReceiptForged.
    """
    written, _, signature = receipt.partition(".")
    made = hmac.digest(secret.encode(), _bytes(f"receipt.{written}"), hashlib.sha256)
    if not _is_same(base64.urlsafe_b64encode(made).decode().rstrip("="), signature):
        raise ReceiptForged("The receipt's signature is wrong.")
    said = cast("Receipt", read_json(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))))
    now = time.time() if now_seconds is None else now_seconds
    if now - datetime.fromisoformat(said["time"]).timestamp() > age_seconds_max:
        raise ReceiptForged("The receipt is too old.")
    return said


def verify_signature(body: bytes, signature: str, secret: str) -> bool:
    """Whether an `X-Signature` is right: the reference's own way, which does not cover the time."""
    return _is_same(hmac.digest(secret.encode(), body, hashlib.sha256).hex(), signature)


def sign_form(inputs: Mapping[str, str] | Iterable[tuple[str, str]], secret: str) -> str:
    """The value of a checkout form's `signature` input, keyed with the webhook secret.

    It covers every other input, so none can be changed or added in the payer's browser.

    >>> sign_form({"public_key": "pk_test_1", "amount": "10.00"}, "whsec_AQID")[:16]
    'a3b19e94e582aaab'
    """
    pairs = inputs.items() if isinstance(inputs, Mapping) else inputs
    signed = urlencode(sorted((name, value) for name, value in pairs if name != "signature"))
    return hmac.digest(secret.encode(), signed.encode(), hashlib.sha256).hex()


def _is_same(made: str, given: str) -> bool:
    # As bytes: text that is not ASCII can't be compared.
    return hmac.compare_digest(_bytes(made), _bytes(given))


def _bytes(text: str) -> bytes:
    # Some servers hand on a header's stray bytes as surrogates, which UTF-8 has no place for.
    return text.encode(errors="surrogatepass")
