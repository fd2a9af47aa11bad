"""The double-entry journal: every movement of money, append-only and balanced."""

from paydesk.ledger.post import post
from paydesk.ledger.verify import Verdict, verify

__all__ = ["Verdict", "post", "verify"]
