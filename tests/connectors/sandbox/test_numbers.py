"""Which numbers are the sandbox's."""

import pytest

from paydesk.connectors.sandbox.numbers import TEST_NUMBERS, is_test_number


@pytest.mark.parametrize("number", [*sorted(TEST_NUMBERS), "4000001200010007", "5200001200020720"])
def test_the_sandbox_s_own_numbers_are_test_numbers(number):
    assert is_test_number(number)


@pytest.mark.parametrize(
    "number", ["4111111111111111", "40000012000100070", "4000001300010007", ""]
)
def test_all_others_are_not(number):
    assert not is_test_number(number)
