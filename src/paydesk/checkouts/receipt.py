"""What a payer brings back to the shop: a signed word that the checkout is paid. Pure.

It says what the merchant knows of its own order and nothing of the payer, because it stands in an
address. The webhook stays the word that counts; this one bridges the moment until it is there.
"""

import base64
import hmac
from urllib.parse import quote

from paydesk.checkouts.model import PageCheckout
from paydesk.kit import clock, json

PARAMETER = "paydesk_receipt"


def receipt_of(page: PageCheckout, webhook_secret: str) -> str:
    """The receipt of a completed checkout, signed with the account's webhook secret.

    Shape: two parts in base64url with a point between: the JSON, and the HMAC-SHA256 of
        "receipt." and the first part, keyed with the secret's text. No webhook's body begins so.
    """
    assert page.completed_at is not None, "only a completed checkout has a receipt"
    said = {
        "checkout_id": page.id,
        "order_reference": page.order_reference,
        "amount": page.amount.text(),
        "currency": page.amount.currency.code,
        "status": "authorised" if page.is_hold else "paid",
        "time": clock.iso(page.completed_at),
    }
    written = _text(json.write(said))
    signature = hmac.digest(webhook_secret.encode(), f"receipt.{written}".encode(), "sha256")
    return f"{written}.{_text(signature)}"


def with_receipt(url: str, receipt: str) -> str:
    """The address with the receipt in its query; what it had stays as it was.

    >>> with_receipt("https://shop.example/thanks?order=7#top", "a.b")
    'https://shop.example/thanks?order=7&paydesk_receipt=a.b#top'
    """
    address, hash_, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{PARAMETER}={quote(receipt)}{hash_}{fragment}"


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
