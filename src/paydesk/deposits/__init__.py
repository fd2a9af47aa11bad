"""dep_: money that a payer sent by hand, each sum as it came."""

from paydesk.deposits.model import UnclaimedDeposit
from paydesk.deposits.record import record, record_told
from paydesk.deposits.statement import read_statements
from paydesk.deposits.store import settle_unclaimed, unclaimed

__all__ = [
    "UnclaimedDeposit",
    "read_statements",
    "record",
    "record_told",
    "settle_unclaimed",
    "unclaimed",
]
