import json
from urllib.parse import urlencode

import pytest

from paydesk import limits
from paydesk.threeds import Script
from paydesk.web.page.forms import (
    FormTooLarge,
    FormUnreadable,
    kept_values,
    read_cancel_form,
    read_pay_form,
)

FILLED = {
    "attempt": "token",
    "card_number": "4242 4242 4242 4242",
    "card_expiry": "12 / 30",
    "card_security_code": "123",
    "card_name": "Zoë O’Brien",
}


def body(**changes: str) -> bytes:
    return urlencode(FILLED | changes).encode()


def test_a_filled_form_is_read_as_it_was_typed():
    form = read_pay_form(body())
    assert form.attempt == "token"
    assert form.card.number == "4242 4242 4242 4242"
    assert form.card.expiry == "12 / 30"
    assert form.card.security_code == "123"
    assert form.card.name == "Zoë O’Brien"


def test_missing_fields_are_empty_and_unknown_ones_are_passed_over():
    form = read_pay_form(b"card_number=4242&coupon=x&empty=")
    assert (form.card.number, form.card.expiry, form.attempt) == ("4242", "", "")


def test_an_empty_body_is_an_empty_form():
    assert read_pay_form(b"").card.number == ""
    assert read_cancel_form(b"") == ""


SEEN = {
    "java": False,
    "language": "en-ZA",
    "color_depth": 24,
    "screen_width": 1920,
    "screen_height": 1080,
    "window_width": 1280,
    "window_height": 800,
    "time_zone": -120,
}


def test_what_the_script_saw_is_read():
    seen = read_pay_form(body(browser=json.dumps(SEEN))).script
    assert seen == Script(**SEEN)
    # Scripts of later pages may tell more.
    assert read_pay_form(body(browser=json.dumps({**SEEN, "more": [1]}))).script == seen


@pytest.mark.parametrize(
    "told",
    [
        *("", "x", "null", "[]", "1", '"x"', "{}", "{", "\ud800", "NaN", "[" * 500),
        *(json.dumps({**SEEN, "java": value}) for value in (None, 0, 1, "true", [])),
        *(
            json.dumps({**SEEN, name: value})
            for name in ("color_depth", "screen_width", "window_height", "time_zone")
            for value in (None, True, "24", 1.5, 1e400, 10**6, -(10**6), 10**400, [24], {})
        ),
        *(
            json.dumps({**SEEN, "language": value})
            for value in (None, 1, "", "a" * 36, "en_ZA", "en ZA", "en\n", "é", "<b>", ["en"])
        ),
        *(json.dumps({name: SEEN[name] for name in SEEN if name != gone}) for gone in SEEN),
    ],
)
def test_a_browser_that_tells_nonsense_is_one_without_script(told):
    sent = urlencode({**FILLED, "browser": told}, errors="surrogatepass").encode()
    try:
        form = read_pay_form(sent)
    except FormUnreadable:
        return  # not even text, or longer than any field
    assert form.script is None
    assert form.card.number == "4242 4242 4242 4242"


def test_the_cancel_token_is_read():
    assert read_cancel_form(b"cancel=token") == "token"


@pytest.mark.parametrize(
    "broken",
    [
        body() + b"&card_number=4000000000000002",
        body(card_name="x" * (limits.PAY_FIELD_LENGTH_MAX + 1)),
        body(card_name="a\0b"),
        body(card_name="a\nb"),
        b"card_name=%ff%fe",
        b"card_name=\xff",
        b"&".join(b"f%d=1" % number for number in range(limits.PAY_FORM_FIELDS_MAX + 1)),
    ],
    ids=["twice", "long", "nul", "newline", "not utf-8", "raw bytes", "many"],
)
def test_a_damaged_form_is_refused_without_telling_what_was_in_it(broken):
    with pytest.raises(FormUnreadable) as refused:
        read_pay_form(broken)
    assert refused.value.__cause__ is None
    assert "4242" not in str(refused.value)


def test_a_body_beyond_any_form_is_refused():
    with pytest.raises(FormTooLarge):
        read_pay_form(b"a" * (limits.PAY_BODY_BYTES_MAX + 1))


def test_a_form_shown_again_keeps_neither_number_nor_security_code():
    kept = kept_values(read_pay_form(body()), {"number": "card_number_checksum"})
    assert (kept.name, kept.expiry) == ("Zoë O’Brien", "12 / 30")
    assert "4242" not in repr(kept)
    assert "123" not in repr(kept)


def test_a_forms_repr_shows_no_card():
    assert "4242" not in repr(read_pay_form(body()))
    assert "123" not in repr(read_pay_form(body()))
