"""JSON as a payment system wants it: strict to read, exact in its numbers."""

import json as plain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from paydesk.kit import json

INSIDE = 10**18

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-INSIDE, INSIDE)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES))
def test_what_was_written_is_read_again(value):
    assert json.read_object(json.write(value)) == value
    assert plain.loads(json.write(value)) == value


@pytest.mark.parametrize(
    "text", ["1.10", "0.30", "1200.00", "1e3", "1E+5", "-0.0", "0.1e1", "1e99", "1e-99", "5.0"]
)
def test_decimals_keep_their_text(text):
    raw = f'{{"a":{text},"b":[{text}]}}'.encode()
    value = json.read_object(raw)
    assert isinstance(value["a"], LosslessFloat)
    assert str(value["a"]) == text
    assert json.write(value) == raw


def test_whole_numbers_are_plain_up_to_their_bound():
    for number in (0, -1, INSIDE, -INSIDE):
        assert json.read_object(b'{"a":%d}' % number) == {"a": number}
    for number in (INSIDE + 1, -INSIDE - 1):
        with pytest.raises(json.Unreadable):
            json.read_object(b'{"a":%d}' % number)


@pytest.mark.parametrize(
    "text",
    [
        '"\\u00001\\u0000"',
        '{"x": "\\u0000"}',
        '\\"\\u00001\\u0000\\"',
        "\\u0000",
        '"',
        "\\",
        "\x7f\x1b",
    ],
)
def test_no_text_passes_for_a_raw_number(text):
    value = {"a": text, "b": LosslessFloat(b"1.10")}
    raw = json.write(value)
    assert json.read_object(raw)["a"] == text
    assert raw.endswith(b',"b":1.10}')


@pytest.mark.parametrize("text", ["\0001\0", '\0"\0', "\0001", "\0", "\0" + "0" * 32 + "1"])
def test_no_nul_passes_for_a_raw_number(text):
    value = {"a": text, text: "b", "c": [text]}
    assert plain.loads(json.write(value)) == value
    assert json.write({**value, "n": LosslessFloat(b"1.10")}).endswith(b',"n":1.10}')


def test_text_is_written_as_itself():
    assert json.write({"a": "Zoë 漢 \u2028"}) == '{"a":"Zoë 漢 \u2028"}'.encode()


@pytest.mark.parametrize(
    ("raw", "path", "why"),
    [
        (b'{"a":{"b":["\\u0000"]}}', "a.b.0", json.HoldsNul),
        (b'{"a":{"b\\u0000":1}}', "a", json.HoldsNul),
        (b'{"a\\u0000":1}', "", json.HoldsNul),
        (b'{"a":[0,{"b":1e100}]}', "a.1.b", json.NumberTooLong),
        (b'{"a":{"b":1000000000000000001}}', "a.b", json.NumberTooLong),
        (b'{"a":' * 33 + b"1" + b"}" * 33, ".".join("a" * 32), json.TooDeep),
        (b'{"a":1,"a":1}', "", json.NamedTwice),
        (b'{"a":NaN}', "", json.Unreadable),
        (b'{"a":"\\ud83d"}', "", json.Unreadable),
        (b"[]", "", json.Unreadable),
        (b"", "", json.Unreadable),
    ],
)
def test_what_is_refused_is_refused_with_its_place(raw, path, why):
    with pytest.raises(json.Unreadable) as refused:
        json.read_object(raw)
    assert (refused.value.path, type(refused.value)) == (path, why)


def test_what_is_named_twice_is_told():
    with pytest.raises(json.NamedTwice) as refused:
        json.read_object(b'{"a":{"b c":1,"b c":2}}')
    assert refused.value.name == "b c"


def test_a_surrogate_pair_is_one_letter():
    assert json.read_object(b'{"a":"\\ud83d\\uded2"}') == {"a": "🛒"}


def test_32_levels_are_read():
    assert json.read_object(b'{"a":' * 32 + b"1" + b"}" * 32)


def test_a_long_name_is_not_copied_for_each_member_below_it():
    class Name(str):
        __slots__ = ()

        def __format__(self, spec):
            raise AssertionError("the name was copied")

    json._walk({Name("rates"): [1, 2, 3]}, 32)
    with pytest.raises(AssertionError, match="copied"):
        json._walk({Name("rates"): [1, 2, "\0"]}, 32)


def test_nothing_is_nothing():
    assert json.text_or_none(None) is None
    assert json.text_or_none({}) == "{}"


def test_what_has_no_json_form_is_a_bug():
    with pytest.raises(TypeError):
        json.write({"a": object()})
