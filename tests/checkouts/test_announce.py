"""What webhooks say: never more than receivers are told to expect."""

from datetime import UTC, datetime
from itertools import product

import pytest

from paydesk import limits, lookups
from paydesk.cards import KeptCard
from paydesk.checkouts.announce import Told, event
from paydesk.checkouts.model import Checkout, State
from paydesk.checkouts.states import Event
from paydesk.connectors.contract import DeclineReason
from paydesk.kit.money import Money
from paydesk.payment_methods import MethodType
from paydesk.webhooks.envelope import account_body

AT = datetime(2026, 1, 31, 16, 0, 0, 123456, tzinfo=UTC)
LONGEST_ID = "x" * limits.ID_LENGTH_MAX


def longest(state):
    """A checkout whose every field that a webhook tells is as long as can be."""
    return Checkout(
        account_id=1,
        id=LONGEST_ID,
        session_id=LONGEST_ID,
        order_id=LONGEST_ID,
        customer_id=LONGEST_ID,
        mode="recurring",
        amount=Money(10 ** (limits.AMOUNT_DIGITS_MAX + 2) - 1, lookups.currency("ZAR")),
        state=state,
        attempts=limits.FAILED_ATTEMPTS_MAX,
        failures=limits.FAILED_ATTEMPTS_MAX,
        events=32_767,
        moves=limits.CHECKOUT_MOVES_MAX,
        notify_url="https://shop.example/" + "x" * limits.URL_LENGTH_MAX,
        transaction_id=LONGEST_ID,
        card_id=LONGEST_ID,
        cancellation_reason="merchant",
        expires_at=AT,
        completed_at=AT,
        cancelled_at=AT,
        abandoned_at=AT,
        payment_metadata={"x": "x" * limits.METADATA_BYTES_MAX},
    )


def longest_card():
    return KeptCard(LONGEST_ID, "x" * 32, "5" * 8, "4" * 4, 12, 2099, "f" * 64, "0" * 64)


@pytest.mark.parametrize(("state", "type_"), [*product(State, Event)])
def test_every_payload_stays_short_in_both_envelopes(state, type_):
    for reason in DeclineReason:
        told = Told(LONGEST_ID, "AUTHORIZED", longest_card(), MethodType.CARD, reason, AT)
        body = event(longest(state), type_, told).body
        assert len(body) < limits.WEBHOOK_BODY_BYTES_MAX
        assert len(account_body(body)) < limits.WEBHOOK_BODY_BYTES_MAX
        # What may be long, or be known to nobody else, is not in it.
        assert b"x" * (limits.ID_LENGTH_MAX + 1) not in body
        for secret in ("f" * 64, "0" * 64, "5" * 8):
            assert secret.encode() not in body
