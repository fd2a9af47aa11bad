"""The secret in a page's address: made from the checkout's id, so that it need not be stored."""

import base64
import hashlib
import hmac


def page_token(checkout_id: str, key: bytes, *, is_live: bool) -> str:
    """The token, `cs_test_` or `cs_live_` and 256 bits that only the key's holder can make.

    >>> page_token("chk_1", bytes(32), is_live=False)[:8]
    'cs_test_'
    """
    secret = hmac.digest(key, b"page|" + checkout_id.encode(), "sha256")
    letters = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    return f"cs_{'live' if is_live else 'test'}_{letters}"


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def return_token(authentication_id: str, key: bytes) -> str:
    """The secret in the addresses that a payer's browser comes back to from the card's issuer."""
    secret = hmac.digest(key, b"return|" + authentication_id.encode(), "sha256")
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def form_token(checkout_id: str, purpose: str, key: bytes) -> str:
    """A token for one form of a checkout's page, such as its third attempt to pay.

    It proves that the form came from the page, and makes two posts of it one.
    """
    secret = hmac.digest(key, f"form|{purpose}|{checkout_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(secret[:18]).decode()


def is_form_token(token: str, checkout_id: str, purpose: str, key: bytes) -> bool:
    made = form_token(checkout_id, purpose, key)
    return hmac.compare_digest(token.encode(), made.encode())


def document_token(invoice_id: str, key: bytes) -> str:
    """The secret in the address of an invoice's own page; it is printed on the document."""
    secret = hmac.digest(key, b"document|" + invoice_id.encode(), "sha256")
    return base64.urlsafe_b64encode(secret[:18]).decode()


def is_document_token(token: str, invoice_id: str, key: bytes) -> bool:
    return hmac.compare_digest(token.encode(), document_token(invoice_id, key).encode())


def plan_path(payment_id: str, key: bytes) -> str:
    """Where the payer of a recurring payment sees it and can stop it; the address is a secret."""
    secret = hmac.digest(key, b"plan|" + payment_id.encode(), "sha256")
    return f"/plan/{payment_id}/{base64.urlsafe_b64encode(secret[:18]).decode()}"


def is_plan_path(path: str, payment_id: str, key: bytes) -> bool:
    return hmac.compare_digest(path.encode(), plan_path(payment_id, key).encode())
