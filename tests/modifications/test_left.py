from hypothesis import given
from hypothesis import strategies as st

from paydesk.connectors.contract import ModificationKind as Kind
from paydesk.modifications import left_for
from paydesk.transactions import State, Sums, status_of


def test_of_a_sale_all_can_be_refunded_and_nothing_captured_or_voided():
    sale = Sums(500, captured=500)
    assert left_for(Kind.REFUND, sale, {}) == 500
    assert left_for(Kind.CAPTURE, sale, {}) == 0
    assert left_for(Kind.VOID, sale, {}) == 0


def test_of_a_hold_nothing_can_be_refunded_before_it_is_captured():
    assert left_for(Kind.REFUND, Sums(500), {}) == 0
    assert left_for(Kind.CAPTURE, Sums(500), {}) == 500
    assert left_for(Kind.VOID, Sums(500), {}) == 500


def test_what_is_under_way_counts_as_used():
    assert left_for(Kind.REFUND, Sums(500, captured=500), {Kind.REFUND: 499}) == 1
    assert left_for(Kind.CAPTURE, Sums(500), {Kind.VOID: 500}) == 0
    assert left_for(Kind.VOID, Sums(500, captured=100), {Kind.CAPTURE: 150}) == 250


def test_a_capture_under_way_is_not_there_to_be_refunded():
    assert left_for(Kind.REFUND, Sums(500, captured=100), {Kind.CAPTURE: 400}) == 100


amounts = st.integers(1, 1000)
deeds = st.lists(st.tuples(st.sampled_from(Kind), amounts), max_size=20)


@given(amounts, st.booleans(), deeds)
def test_taking_only_what_is_left_never_goes_above(authorised, is_sale, asked):
    sums = Sums(authorised, captured=authorised if is_sale else 0)
    for kind, amount in asked:
        if amount > left_for(kind, sums, {}):
            continue
        captured = sums.captured + amount * (kind is Kind.CAPTURE)
        voided = sums.voided + amount * (kind is Kind.VOID)
        refunded = sums.refunded + amount * (kind is Kind.REFUND)
        sums = Sums(authorised, captured, voided, refunded)
    assert sums.captured + sums.voided <= authorised
    assert sums.refunded <= sums.captured
    assert status_of(State.APPROVED, sums) in {"PENDING", "PAID", "CANCELLED", "REFUNDED"}


def test_the_status_tells_what_became_of_the_money():
    told = {
        "PAID": Sums(500, captured=500),
        "PENDING": Sums(500),
        "CANCELLED": Sums(500, voided=500),
        "REFUNDED": Sums(500, captured=500, refunded=500),
    }
    for status, sums in told.items():
        assert status_of(State.APPROVED, sums) == status
    assert status_of(State.APPROVED, Sums(500, captured=300, refunded=300)) == "PAID"
    assert status_of(State.APPROVED, Sums(500, 300, 200, 300)) == "REFUNDED"
    assert status_of(State.UNKNOWN, Sums(500)) == "PENDING"
    assert status_of(State.DECLINED, Sums(500)) == "DECLINED"
    assert status_of(State.REVERSED, Sums(500)) == "REVERSED"
