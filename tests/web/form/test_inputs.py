import pytest

from paydesk import limits
from paydesk.web.form.inputs import FormMediaType, InputsUnreadable, InputTwice, read_inputs

FORM = "application/x-www-form-urlencoded"


def test_a_form_s_inputs_are_read_in_their_order():
    body = b"mode=one-off&order_description=Caf%C3%A9+%26+cake&customer_email="
    assert list(read_inputs(FORM, body).items()) == [
        ("mode", "one-off"),
        ("order_description", "Café & cake"),
        ("customer_email", ""),
    ]


@pytest.mark.parametrize("said", [FORM.upper(), f"{FORM}; charset=UTF-8", f" {FORM} ;x"])
def test_the_media_type_may_be_written_in_any_way(said):
    assert read_inputs(said, b"a=1") == {"a": "1"}


@pytest.mark.parametrize("said", [None, "", "text/plain", "multipart/form-data; boundary=a"])
def test_other_media_types_are_refused(said):
    with pytest.raises(FormMediaType):
        read_inputs(said, b"a=1")


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"a=%00", b"a%00=1", b"a=%ed%a0%80"])
def test_text_that_is_none_is_refused(body):
    with pytest.raises(InputsUnreadable):
        read_inputs(FORM, body)


def test_too_many_inputs_are_refused():
    body = "&".join(f"a{number}=" for number in range(limits.FORM_INPUTS_MAX + 1))
    with pytest.raises(InputsUnreadable):
        read_inputs(FORM, body.encode())
    assert len(read_inputs(FORM, body.rpartition("&")[0].encode())) == limits.FORM_INPUTS_MAX


@pytest.mark.parametrize("again", ["1", "2"])
def test_a_name_that_stands_twice_is_refused_even_with_one_value(again):
    with pytest.raises(InputTwice) as refused:
        read_inputs(FORM, f"amount=1&mode=a&amount={again}".encode())
    assert refused.value.path == "amount"
