"""dep_: money that a payer sent by hand, each sum as it came."""

from paydesk.deposits.record import record, record_told

__all__ = ["record", "record_told"]
