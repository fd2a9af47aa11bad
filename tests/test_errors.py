import pytest

from paydesk.errors import DatabaseAway, Fault, Invalid, Kind, Refusal


class OrderMissing(Refusal):
    """There is no order with this id.

    Bounds: what follows the first line is for readers of the code.
    """

    kind = Kind.MISSING


def test_a_refusal_is_described_by_its_class() -> None:
    refusal = OrderMissing("order_id")
    assert str(refusal) == "There is no order with this id."
    assert refusal.faults() == (
        Fault("order_id", "order_missing", "There is no order with this id.", Kind.MISSING),
    )


@pytest.mark.parametrize(
    ("refusal", "rule"),
    [
        (Refusal, "refusal"),
        (OrderMissing, "order_missing"),
        (DatabaseAway, "database_away"),
    ],
)
def test_the_rule_is_the_name_in_snake_case(refusal: type[Refusal], rule: str) -> None:
    assert refusal.rule() == rule


def test_a_refusal_is_about_the_whole_body_unless_it_names_a_path() -> None:
    assert OrderMissing().path == ""
    assert OrderMissing().retry_after_seconds is None
    assert DatabaseAway(retry_after_seconds=1).retry_after_seconds == 1
    assert DatabaseAway.kind is Kind.UNAVAILABLE


def test_all_faults_of_a_body_are_told_together() -> None:
    faults = [
        Fault("amount", "amount", "This should be an amount."),
        Fault("order.items.0.sku", "too_long", "This is too long.", Kind.PARAMETERS),
    ]
    invalid = Invalid(faults)
    assert invalid.faults() == tuple(faults)
    assert faults[0].kind is Kind.INVALID
