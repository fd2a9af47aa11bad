"""What of a card is sealed, and the values that requests are filled with."""

import pytest

from paydesk.connectors.contract import CardField
from paydesk.vault.secret import CardSecret


def secret(**changes):
    kept = {"number": "4242424242424242", "expire_month": 9, "expire_year": 2030, "name": "Thandi"}
    return CardSecret(**kept | changes)


def test_a_secret_is_read_as_it_was_written():
    assert CardSecret.from_bytes(secret().to_bytes()) == secret()


def test_a_card_can_be_filled_in_as_each_field_but_its_code():
    assert secret().fields() == {
        CardField.NUMBER: "4242424242424242",
        CardField.EXPIRE_MONTH: "09",
        CardField.EXPIRE_YEAR: "2030",
        CardField.EXPIRE_YYMM: "3009",
        CardField.NAME: "Thandi",
        CardField.SHORT_NAME: "Thandi",
    }
    assert set(CardField) - secret().fields().keys() == {CardField.SECURITY_CODE}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a" * 45, "a" * 45),
        ("a" * 46, "a" * 45),
        ("a" * 44 + " bc", "a" * 44),
        ("é" * 100, "é" * 45),
    ],
)
def test_a_short_name_has_45_characters_at_most_and_no_blank_at_its_end(name, short):
    assert secret(name=name).fields()[CardField.SHORT_NAME] == short
