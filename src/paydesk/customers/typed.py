"""A customer as a payer types one into the page's form."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from paydesk.customers.model import NewCustomer
from paydesk.customers.wire import CustomerBody, check_customer, new_customer
from paydesk.errors import Invalid
from paydesk.kit.fields import Given, check


def read_typed(record: Mapping[str, Any], required: Iterable[tuple[str, ...]]) -> NewCustomer:
    """The customer that the payer describes, by the rules of `POST /customers/create`.

    It is always a new one: anybody can type another customer's reference, so what is typed as
    reference is kept with its metadata and never looked up. required are the paths that may not be
    left empty.
    Raises: Invalid, with every fault.
    """
    body, faults = check(CustomerBody, record)
    given = Given(record, faults)
    for path in required:
        given.require(*path)
    check_customer(given, place=())
    if body is None or given.faults:
        raise Invalid(given.faults)
    new = new_customer(body, given, place=())
    said = None if body.reference is None else {"reference": body.reference}
    return replace(new, reference=str(new.id), metadata=said)
