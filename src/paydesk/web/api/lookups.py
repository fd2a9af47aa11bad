"""`/lookups` and `/payment-methods`: the lists that other calls name things from."""

from collections.abc import Iterable

from starlette.responses import Response

from paydesk import lookups, payment_methods
from paydesk.errors import Kind, Refusal
from paydesk.lookups import Lookup
from paydesk.payment_methods import PaymentMethodMissing
from paydesk.web.api.endpoint import Call, Counter, answered, success
from paydesk.web.api.operation import Operation


class LookupTypeUnknown(Refusal):
    """There is no group of lookups of this type. GET /lookups shows all."""

    kind = Kind.URL


async def list_lookups(_counter: Counter, _call: Call) -> Response:
    """`GET /lookups`: every lookup."""
    return _answer(lookups.all_lookups())


async def list_group(_counter: Counter, call: Call) -> Response:
    """`GET /lookups/{type}`: the lookups of one group."""
    return _answer(_group(call))


async def list_group_of_method(counter: Counter, call: Call) -> Response:
    """`GET /lookups/{type}/{payment_methods_id}`: those of the group that the method supports.

    The methods there are so far support all: cards are taken from every bank.
    """
    group = _group(call)
    methods = await counter.payment_methods(call.account)
    if call.request.path_params["payment_methods_id"] not in {method.id for method in methods}:
        raise PaymentMethodMissing("payment_methods_id")
    return _answer(group)


def _group(call: Call) -> tuple[Lookup, ...]:
    group = lookups.group(call.request.path_params["type"])
    if group is None:
        raise LookupTypeUnknown("type")
    return group


def _answer(shown: Iterable[Lookup]) -> Response:
    return answered(success([lookups.show(lookup) for lookup in shown], key="lookups"))


async def list_payment_methods(counter: Counter, call: Call) -> Response:
    """`GET /payment-methods`: the account's active ways to pay."""
    methods = await counter.payment_methods(call.account)
    shown = [payment_methods.show(method) for method in methods]
    return answered(success(shown, key="payment_methods"))


OPERATIONS = (
    Operation(
        "GET",
        "/lookups",
        list_lookups,
        None,
        "List all lookups",
        reply=list[lookups.LookupReply],
        key="lookups",
    ),
    Operation(
        "GET",
        "/lookups/{type}",
        list_group,
        None,
        "List a group of lookups",
        reply=list[lookups.LookupReply],
        key="lookups",
        refusals=(LookupTypeUnknown,),
    ),
    Operation(
        "GET",
        "/lookups/{type}/{payment_methods_id}",
        list_group_of_method,
        None,
        "List what a payment method supports of a group of lookups",
        reply=list[lookups.LookupReply],
        key="lookups",
        refusals=(LookupTypeUnknown, PaymentMethodMissing),
    ),
    Operation(
        "GET",
        "/payment-methods",
        list_payment_methods,
        None,
        "List the payment methods",
        reply=list[payment_methods.PaymentMethodReply],
        key="payment_methods",
    ),
)
