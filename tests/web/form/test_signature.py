import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.web.form.signature import is_signed
from paydesk_client import sign_form

SECRET = "whsec_AQID"
INPUTS = {"public_key": "pk", "order_description": "Tea & cake, café", "amount": "12.00"}
# By hand: sorted by name, escaped, joined, keyed with the secret's text.
SIGNED = b"amount=12.00&order_description=Tea+%26+cake%2C+caf%C3%A9&public_key=pk"
SIGNATURE = hmac.new(SECRET.encode(), SIGNED, hashlib.sha256).hexdigest()


def test_a_signature_is_what_the_documentation_says():
    assert sign_form(INPUTS, SECRET) == SIGNATURE
    assert is_signed({**INPUTS, "signature": SIGNATURE}, SIGNATURE, SECRET)


def test_the_order_of_inputs_does_not_matter():
    assert is_signed(dict(reversed(INPUTS.items())), SIGNATURE, SECRET)


@pytest.mark.parametrize(
    "changed",
    [
        {**INPUTS, "amount": "1.00"},
        {**INPUTS, "extra": ""},
        {name: text for name, text in INPUTS.items() if name != "amount"},
        {**INPUTS, "order_description": "Tea", "amount": "12.00&order_description=Tea"},
    ],
)
def test_another_form_has_another_signature(changed):
    assert not is_signed(changed, SIGNATURE, SECRET)


@pytest.mark.parametrize(
    "signature", ["", SIGNATURE.upper(), f" {SIGNATURE}", SIGNATURE[:-1], "é" * 64]
)
def test_a_signature_is_written_in_one_way(signature):
    assert not is_signed(INPUTS, signature, SECRET)


def test_another_secret_signs_otherwise():
    assert not is_signed(INPUTS, SIGNATURE, SECRET + "x")


@pytest.mark.parametrize("encoded", ["a~b%2Ac", "a%7Eb%2Ac", "a%7Eb*c"])
def test_a_tilde_and_a_star_are_escaped_as_each_language_does_it(encoded):
    signature = hmac.new(SECRET.encode(), f"a={encoded}".encode(), hashlib.sha256).hexdigest()
    assert is_signed({"a": "a~b*c"}, signature, SECRET)
    assert not is_signed({"a": "a~b*d"}, signature, SECRET)


TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(TEXTS.filter(lambda name: name != "signature"), TEXTS, max_size=5))
def test_any_form_s_signature_is_its_own(inputs):
    signature = sign_form(inputs, SECRET)
    assert is_signed(inputs, signature, SECRET)
    assert not is_signed({**inputs, "one more": "x"}, signature, SECRET)
