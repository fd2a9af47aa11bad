"""How much of an order the sandbox acquirer lets be captured, voided or refunded."""

import pytest

from paydesk.sandbox.cards import script_for
from paydesk.sandbox.orders import (
    ModificationKind,
    left,
    modification_of,
    new_modification,
    new_order,
    order_of,
)


def order_for(*, capture):
    return new_order(
        reference="ref_1",
        order="ORD0045",
        amount=1000,
        currency="ZAR",
        capture=capture,
        number="4242424242424242",
        script=script_for("4242424242424242"),
    )


def done(**amounts):
    return [
        new_modification(reference="mod", of="ref_1", kind=kind, amount=amount, currency="ZAR")
        for kind, amount in amounts.items()
    ]


@pytest.mark.parametrize(
    ("capture", "before", "rooms"),
    [
        (True, {}, {"capture": 0, "void": 0, "refund": 1000}),
        (True, {"refund": 400}, {"capture": 0, "void": 0, "refund": 600}),
        (False, {}, {"capture": 1000, "void": 1000, "refund": 0}),
        (False, {"capture": 300}, {"capture": 700, "void": 700, "refund": 300}),
        (False, {"capture": 300, "void": 700}, {"capture": 0, "void": 0, "refund": 300}),
        (False, {"void": 1000}, {"capture": 0, "void": 0, "refund": 0}),
        (False, {"capture": 300, "refund": 300}, {"capture": 700, "void": 700, "refund": 0}),
        (False, {"refund": 300}, {"capture": 1000, "void": 1000, "refund": -300}),
    ],
)
def test_what_is_left_follows_from_what_was_done(capture, before, rooms):
    order = order_for(capture=capture)

    assert {kind: left(kind, order, done(**before)) for kind in ModificationKind} == rooms


def test_a_line_of_the_log_from_before_modifications_is_a_sale():
    line = {
        "id": "acq_1",
        "reference": "ref_1",
        "order": "ORD0045",
        "amount": 1000,
        "currency": "ZAR",
        "card_ending": "4242",
        "reversing": "done",
    }

    assert order_of(line).capture
    assert order_of(line).modifying == "done"


def test_a_modification_is_read_back_as_it_was_written():
    (refund,) = done(refund=5)

    line = {
        "id": refund.id,
        "reference": "mod",
        "of": "ref_1",
        "modification": "refund",
        "amount": 5,
        "currency": "ZAR",
    }
    assert modification_of(line) == refund
