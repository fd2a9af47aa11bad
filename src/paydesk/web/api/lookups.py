"""`/lookups` and `/payment-methods`: the lists that other calls name things from."""

from collections.abc import Iterable

from starlette.responses import Response

from paydesk import lookups, payment_methods
from paydesk.errors import Kind, Refusal
from paydesk.kit.fields import ID, Body, Text
from paydesk.lookups import Lookup
from paydesk.payment_methods import PaymentMethodMissing
from paydesk.web.api.endpoint import Call, Counter, answered, success
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import NoQuery, either, read_query


class LookupTypeUnknown(Refusal):
    """There is no group of lookups of this type. GET /lookups shows all."""

    kind = Kind.URL


class LookupGroupQuery(Body):
    """What a group of lookups may be narrowed by, where the path does not say it."""

    payment_methods_id: ID = None
    payment_method_id: ID = None


class LookupsQuery(LookupGroupQuery):
    """What `GET /lookups` may be narrowed by: as the parts of the longer paths."""

    type: Text = None


async def list_lookups(counter: Counter, call: Call) -> Response:
    """`GET /lookups`: every lookup, or what the query asks for."""
    query = read_query(call, LookupsQuery)
    found = lookups.all_lookups() if query.type is None else _group(query.type)
    await _check_method(counter, call, _method(query))
    return _answer(found)


async def list_group(counter: Counter, call: Call) -> Response:
    """`GET /lookups/{type}`: the lookups of one group."""
    query = read_query(call, LookupGroupQuery)
    found = _group(call.request.path_params["type"])
    await _check_method(counter, call, _method(query))
    return _answer(found)


async def list_group_of_method(counter: Counter, call: Call) -> Response:
    """`GET /lookups/{type}/{payment_methods_id}`: those of the group that the method supports."""
    read_query(call, NoQuery)
    found = _group(call.request.path_params["type"])
    await _check_method(counter, call, call.request.path_params["payment_methods_id"])
    return _answer(found)


def _method(query: LookupGroupQuery) -> str | None:
    named: str | None = either(query, "payment_methods_id", "payment_method_id")
    return named


async def _check_method(counter: Counter, call: Call, named: str | None) -> None:
    """Raises: PaymentMethodMissing, where one is named that the account does not have.

    The methods there are so far support every lookup: cards are taken from every bank.
    """
    if named is None:
        return
    methods = await counter.payment_methods(call.account)
    if named not in {method.id for method in methods}:
        raise PaymentMethodMissing("payment_methods_id")


def _group(name: str) -> tuple[Lookup, ...]:
    group = lookups.group(name)
    if group is None:
        raise LookupTypeUnknown("type")
    return group


def _answer(shown: Iterable[Lookup]) -> Response:
    return answered(success([lookups.show(lookup) for lookup in shown], key="lookups"))


async def list_payment_methods(counter: Counter, call: Call) -> Response:
    """`GET /payment-methods`: the account's active ways to pay."""
    read_query(call, NoQuery)
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
        query=LookupsQuery,
        refusals=(LookupTypeUnknown, PaymentMethodMissing),
    ),
    Operation(
        "GET",
        "/lookups/{type}",
        list_group,
        None,
        "List a group of lookups",
        reply=list[lookups.LookupReply],
        key="lookups",
        query=LookupGroupQuery,
        refusals=(LookupTypeUnknown, PaymentMethodMissing),
    ),
    Operation(
        "GET",
        "/lookups/{type}/{payment_methods_id}",
        list_group_of_method,
        None,
        "List what a payment method supports of a group of lookups",
        reply=list[lookups.LookupReply],
        key="lookups",
        query=NoQuery,
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
        query=NoQuery,
    ),
)
