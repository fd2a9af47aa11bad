"""What the messages have in common: they can't be changed, and show no secrets."""

import dataclasses

import pytest
from pydantic import ValidationError

from issuer import QUESTION, VALUE, ares, question, rreq
from paydesk.threeds.ask import write_areq
from paydesk.threeds.model import Version
from paydesk.threeds.versions import DIALECTS

CARD = {
    "acctNumber": "4000001200010700",
    "cardExpiryDate": "2812",
    "cardholderName": "Thandi Nkosi",
}


@pytest.mark.parametrize("version", Version)
def test_a_message_shows_neither_card_nor_value(version):
    dialect = DIALECTS[version]
    asked = dialect.areq.model_validate(write_areq(question(version))[0] | CARD)
    heard = dialect.ares.model_validate(ares("Y", version))
    result = dialect.rreq.model_validate(rreq("Y", version))

    shown = repr([asked, heard, result]) + str([asked, heard, result])
    for secret in (*CARD.values(), VALUE):
        assert secret not in shown


def test_what_is_wrong_with_a_card_field_does_not_show_it():
    asked = write_areq(QUESTION)[0] | CARD | {"acctNumber": "4000001200010700x"}
    with pytest.raises(ValidationError) as raised:
        DIALECTS[Version.V2_2_0].areq.model_validate(asked)

    assert "4000001200010700" not in str(raised.value)


def test_a_message_can_t_be_changed():
    message = DIALECTS[Version.V2_2_0].ares.model_validate(ares())
    with pytest.raises(ValidationError):
        message.transStatus = "Y"
    with pytest.raises(dataclasses.FrozenInstanceError):
        QUESTION.id = "x"


@pytest.mark.parametrize("version", Version)
def test_every_required_field_of_a_question_is_asked_for(version):
    model = DIALECTS[version].areq
    whole = write_areq(question(version))[0] | CARD
    required = [name for name, field in model.model_fields.items() if field.is_required()]

    assert set(required) <= whole.keys()
    for name in required:
        for spoiled in ({**whole, name: ""}, {**whole, name: None}, {**whole, name: 7}):
            with pytest.raises(ValidationError):
                model.model_validate(spoiled)
