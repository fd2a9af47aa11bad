"""Merchants: their accounts (test and live) and API keys."""

from paydesk.merchants.create import Credentials, create_merchant, issue_keys, open_webhook_secret
from paydesk.merchants.keys import KeyInvalid, KeyRing, is_valid_key
from paydesk.merchants.model import Account
from paydesk.merchants.store import webhook_secret

__all__ = [
    "Account",
    "Credentials",
    "KeyInvalid",
    "KeyRing",
    "create_merchant",
    "is_valid_key",
    "issue_keys",
    "open_webhook_secret",
    "webhook_secret",
]
