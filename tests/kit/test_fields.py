"""The types of request fields, and rules over fields of which some are at fault."""

import email_validator
import phonenumbers
import pytest
from hypothesis import given, strategies

from paydesk.errors import Kind
from paydesk.kit import fields
from paydesk.kit.fields import Given


class Inner(fields.Body):
    name: fields.Text = None
    count: int | None = None


class Example(fields.Body):
    amount: fields.Amount = None
    email: fields.Email = None
    phone: fields.Phone = None
    names: fields.Names = None
    metadata: fields.Metadata = None
    inner: Inner | None = None
    many: list[Inner] | None = None


def _rules(record):
    return {fault.path: fault.rule for fault in fields.check(Example, record)[1]}


def test_a_sound_record_becomes_the_model():
    record = {"amount": 5, "names": "a, b", "inner": {"name": "n"}, "stranger": 1}
    body, faults = fields.check(Example, record)
    assert faults == []
    assert (body.amount, body.names, body.inner.name) == ("5", ["a", "b"], "n")
    assert not hasattr(body, "stranger")


@pytest.mark.parametrize("blank", [None, "", "   ", "\n"])
def test_a_blank_text_is_as_good_as_none(blank):
    body, faults = fields.check(Example, {"amount": blank, "email": blank, "phone": blank})
    assert faults == []
    assert (body.amount, body.email, body.phone) == (None, None, None)


def test_all_faults_are_found_with_their_paths():
    record = {
        "amount": "1e3",
        "email": "nobody",
        "phone": "12",
        "names": [1],
        "metadata": [],
        "inner": 5,
        "many": [{}, {"name": 5, "count": True}],
    }
    assert _rules(record) == {
        "amount": "amount",
        "email": "email",
        "phone": "phone",
        "names.0": "string",
        "metadata": "object",
        "inner": "object",
        "many.1.name": "string",
        "many.1.count": "integer",
    }


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example",
        "first.last+tag@sub.mail.com",
        "zoë@müller.example",
        "a@b.test",
        "x" * 60 + "@m.com",
    ],
)
def test_addresses_that_mail_reaches_are_taken(address):
    assert _rules({"email": address}) == {}


@pytest.mark.parametrize(
    "address",
    [
        "a",
        "@",
        "a@",
        "@b.com",
        "a b@c.com",
        "a@b",
        "a@b..com",
        ".a@b.com",
        "a@-b.com",
        "a@b.com\x00",
        "a@[127.0.0.1]",
        "A <a@b.com>",
        "a@b.com,c@d.com",
        "a@b.com\r\nBcc: c@d.com",
    ],
)
def test_others_are_not(address):
    assert _rules({"email": address}) == {"email": "email"}


@pytest.mark.parametrize("sentence", ["{", "}", "{0}", "{kind}", "%s"])
def test_a_sentence_with_braces_is_no_template(sentence):
    with pytest.raises(fields.PydanticCustomError) as raised:
        raise fields.fault("rule", sentence)
    assert raised.value.message() == sentence.replace("{", "(").replace("}", ")")


def test_a_type_fault_is_told_before_other_faults():
    _, (wrong,) = fields.check(Example, {"email": 5})
    _, (unfit,) = fields.check(Example, {"email": "nobody"})
    assert (wrong.kind, unfit.kind) == (Kind.PARAMETERS, Kind.INVALID)


def test_what_is_at_fault_counts_as_not_there():
    record = {"inner": {"name": "n", "count": "x"}, "many": 5, "email": " "}
    given = Given(record, fields.check(Example, record)[1])
    assert given("inner", "name") == "n"
    assert given("inner", "count") is None
    assert given.is_faulty("inner", "count")
    assert given("many", 0) is None
    assert given.is_faulty("many", 0, "name")
    assert given("email") is None
    assert not given.is_faulty("email")


@pytest.mark.parametrize("path", [("a", "b", "c"), ("a", 0), (0,), ("a", "b", 0)])
def test_a_path_that_leads_nowhere_is_none(path):
    assert Given({"a": {"b": "text"}}, [])(*path) is None


def test_required_is_noted_once_and_not_over_another_fault():
    record = {"inner": 5, "amount": "1e3"}
    given = Given(record, fields.check(Example, record)[1])
    given.require("amount")
    given.require("inner", "name")
    given.require("email")
    given.require("email")
    assert [(fault.path, fault.rule) for fault in given.faults if fault.rule == "required"] == [
        ("email", "required")
    ]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (True, True, True),
        (True, False, False),
        ("a,b", ["a", "b"], True),
        (["a"], "a", True),
        (["a"], "b", False),
        ("a", " ", True),
        (None, "a", True),
        ([], "", True),
    ],
)
def test_two_spellings_agree_or_are_refused(one, other, agree):
    given = Given({"one": one, "in": {"other": other}}, [])
    given.same(("one",), ("in", "other"))
    assert [fault.rule for fault in given.faults] == ([] if agree else ["same_value"])
    assert [fault.path for fault in given.faults] == ([] if agree else ["in.other"])


@given(strategies.from_regex(fields._ORDINARY_EMAIL, fullmatch=True))
def test_an_ordinary_address_is_one_for_the_library_too(address):
    email_validator.validate_email(address, check_deliverability=False, test_environment=True)


@given(strategies.from_regex(fields._ORDINARY_PHONE, fullmatch=True))
def test_an_ordinary_number_is_one_for_the_library_too(number):
    assert phonenumbers.is_possible_number(phonenumbers.parse(number, "ZA"))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("083 123 4567", True),
        ("(021) 555-1234", True),
        ("0027831234567", True),
        ("+44 20 7946 0958", True),
        ("2026-02-31", False),
        ("+12025550123x5", False),
        ("tel:+27831234567", False),
        ("+0000", False),
        ("١٢٣", False),
    ],
)
def test_a_phone_number_is_one_that_can_be_dialled(text, is_one):
    assert _rules({"phone": text}) == ({} if is_one else {"phone": "phone"})
