"""The client's types against those that the server's own replies are checked with."""

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from typing_extensions import is_typeddict

from paydesk.web.api.table import OPERATIONS
from paydesk_client import replies

REPLIES = {
    ("GET", "/checkout/page/{id}"): replies.Checkout,
    ("GET", "/orders/{id}"): replies.Order,
    ("GET", "/customers/{id}"): replies.Customer,
    ("GET", "/cards/{id}"): replies.Card,
    ("GET", "/payments/{id}"): replies.Payment,
    ("GET", "/transactions/{id}"): replies.Transaction,
    ("POST", "/transactions/{id}/refund"): replies.Modification,
    ("GET", "/invoices/{id}"): replies.Invoice,
    ("GET", "/lookups"): replies.Lookup,
    ("GET", "/payment-methods"): replies.PaymentMethod,
    ("GET", "/merchant"): replies.Merchant,
    ("GET", "/webhooks/{id}"): replies.SentWebhook,
    ("POST", "/webhook-endpoints"): replies.WebhookEndpoint,
    ("POST", "/webhook-endpoints/{id}/ping"): replies.Ping,
    ("POST", "/webhook-secret/rotate"): replies.WebhookSecret,
    ("POST", "/webhooks/resend"): replies.Resent,
    ("GET", "/events"): replies.Webhook,
}


def _shape(hint):
    """What JSON a type stands for: objects are alike, whatever is known of their members."""
    origin, parts = get_origin(hint), get_args(hint)
    if is_typeddict(hint) or origin in {dict, Mapping}:
        return "object"
    if origin is list:
        return ("array", _shape(parts[0]))
    if origin in {Union, types.UnionType}:
        return frozenset(map(_shape, parts))
    return hint


@pytest.mark.parametrize("call", REPLIES, ids=" ".join)
def test_the_client_knows_every_field_and_its_type(call):
    (operation,) = [one for one in OPERATIONS if (one.method, one.path) == call]
    answered = operation.reply if is_typeddict(operation.reply) else get_args(operation.reply)[0]
    theirs = {name: _shape(hint) for name, hint in get_type_hints(answered).items()}
    ours = {name: _shape(hint) for name, hint in get_type_hints(REPLIES[call]).items()}
    assert list(ours) == list(theirs)
    # An amount that is a JSON number is known to the server as anything.
    assert {name: ours[name] for name in ours if theirs[name] is not Any} == {
        name: theirs[name] for name in theirs if theirs[name] is not Any
    }
