"""`/lookups` and `/payment-methods`: the lists that other calls name things from."""

from starlette.responses import Response

from paydesk import lookups, payment_methods
from paydesk.errors import Kind, Refusal
from paydesk.kit import json
from paydesk.web.api.endpoint import Call, Counter, answered


class LookupTypeUnknown(Refusal):
    """There is no group of lookups of this type. GET /lookups shows all."""

    kind = Kind.URL


async def list_lookups(_counter: Counter, _call: Call) -> Response:
    """`GET /lookups`: every lookup."""
    shown = [lookups.show(lookup) for lookup in lookups.all_lookups()]
    return answered(json.write({"status": True, "lookups": shown}))


async def list_group(_counter: Counter, call: Call) -> Response:
    """`GET /lookups/{type}`: the lookups of one group."""
    group = lookups.group(call.request.path_params["type"])
    if group is None:
        raise LookupTypeUnknown("type")
    return answered(
        json.write({"status": True, "lookups": [lookups.show(lookup) for lookup in group]})
    )


async def list_payment_methods(counter: Counter, call: Call) -> Response:
    """`GET /payment-methods`: the account's active ways to pay."""
    methods = await counter.payment_methods(call.account)
    shown = [payment_methods.show(method) for method in methods]
    return answered(json.write({"status": True, "payment_methods": shown}))
