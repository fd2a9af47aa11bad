"""What the acquirer makes of an order that says its payer was authenticated."""

import base64
from dataclasses import replace

import pycountry
import pytest

from paydesk.sandbox.cavv import Proven, cavv
from paydesk.sandbox.currencies import BY_CODE, BY_NUMERIC, COUNTRIES

VECTOR = Proven(
    issuer_id="b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611",
    number="4000001200010700",
    minor=120000,
    currency="710",
    exponent=2,
    merchant_id="ACQ-MERCHANT-1",
    eci="05",
)


def result(answer):
    _, body = answer
    return body["result"], body["eci"]


def refused(answer):
    _, body = answer
    return (body["result"], body["reason"], body["code"]) == (
        "declined",
        "authentication_failed",
        "82",
    )


def test_the_proof_is_the_published_one():
    assert cavv(bytes(range(32)), VECTOR) == "AQaejvQ3QunVcrDkiErqX00zlJE="


@pytest.mark.parametrize(
    "change",
    [
        {"issuer_id": "b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f612"},
        {"number": "4000001200010007"},
        {"minor": 120001},
        {"currency": "840"},
        {"exponent": 3},
        {"merchant_id": "ACQ-MERCHANT-2"},
        {"eci": "06"},
    ],
)
def test_the_proof_is_another_when_anything_is(change):
    assert cavv(bytes(range(32)), replace(VECTOR, **change)) != cavv(bytes(range(32)), VECTOR)


@pytest.mark.parametrize(
    ("prefix", "d3", "eci"),
    [
        ("40000012", 0, "05"),
        ("40000012", 2, "06"),
        ("52000012", 0, "02"),
        ("52000012", 2, "01"),
    ],
)
def test_a_proven_order_is_authorised_with_its_eci(scheme, card, prefix, d3, eci):
    number = card(prefix=prefix, d=f"10{d3}0")
    reference = f"proven_{number}"

    answer = scheme.sandbox.authorise(
        number, reference, authentication=scheme.authenticated(number)
    )

    assert result(answer) == ("approved", eci)
    (line,) = [line for line in scheme.log("acquirer") if line["reference"] == reference]
    assert line["authenticated"] is True


@pytest.mark.parametrize(
    ("number", "eci"),
    [
        ("4242424242424242", "07"),
        ("378282246310005", "07"),
        ("5555555555554444", "00"),
        ("5200001200010002", "00"),
    ],
)
def test_an_order_that_says_nothing_is_authorised_without_proof(scheme, number, eci):
    reference = f"plain_{number}"

    assert result(scheme.sandbox.authorise(number, reference)) == ("approved", eci)

    (line,) = [line for line in scheme.log("acquirer") if line["reference"] == reference]
    assert line["authenticated"] is False


@pytest.mark.parametrize(("prefix", "eci"), [("40000012", "07"), ("52000012", "00")])
def test_an_acquirer_may_downgrade_what_was_proven(scheme, card, prefix, eci):
    number = card(9, prefix=prefix)
    proof = scheme.authenticated(number)

    answer = scheme.sandbox.authorise(number, f"down_{prefix}", authentication=proof)

    assert result(answer) == ("approved", eci)


@pytest.mark.parametrize("d4", [0, 2])
def test_a_passed_challenge_proves_as_much(scheme, card, d4):
    number = card(d=f"107{d4}")
    challenge = scheme.challenge(number)
    challenge.act(challenge.open(), code="123456")
    (rreq,) = challenge.results()
    said = {
        **scheme.authenticated(card()),
        "status": "C",
        "result_status": rreq["transStatus"],
        "issuer_id": rreq["acsTransID"],
        "value": rreq["authenticationValue"],
        "eci": rreq["eci"],
    }

    answer = scheme.sandbox.authorise(number, f"challenged_{d4}", authentication=said)

    assert result(answer) == ("approved", "05")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"number": "4000001200110005"}, {}),
        ({"amount": 120001}, {}),
        ({"amount": 0}, {}),
        ({"currency": "USD"}, {}),
        ({"currency": "ZZZ"}, {}),
        ({}, {"eci": "06"}),
        ({}, {"eci": "06", "status": "A"}),
        ({}, {"status": "A"}),
        ({}, {"issuer_id": "b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611"}),
        ({}, {"acquirer_merchant_id": "ACQ-MERCHANT-2"}),
        ({}, {"acquirer_bin": "400001"}),
        ({}, {"value": None}),
        ({}, {"value": ""}),
        ({}, {"value": "AQaejvQ3QunVcrDkiErqX00zlJE="}),
        ({}, {"result_status": "N"}),
        ({}, {"result_status": "R"}),
        ({}, {"status": "N"}),
        ({}, {"status": "R"}),
        ({}, {"status": "C"}),
        ({}, {"status": "U", "acquirer_bin": "1"}),
    ],
)
def test_an_order_that_was_tampered_with_is_declined(scheme, order, said, request):
    proof = {**scheme.authenticated("4000001200010007"), **said}
    asked = {"number": "4000001200010007", **order}

    answer = scheme.sandbox.authorise(
        reference=f"tampered_{request.node.callspec.id}", authentication=proof, **asked
    )

    assert refused(answer)
    assert answer[1]["eci"] is None


def test_a_changed_byte_of_the_proof_is_noticed(scheme):
    proof = scheme.authenticated("4000001200010007")
    raw = base64.b64decode(proof["value"])
    for place in range(20):
        changed = bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]])
        said = {**proof, "value": base64.b64encode(changed).decode()}
        answer = scheme.sandbox.authorise("4000001200010007", f"byte_{place}", authentication=said)
        assert refused(answer)


@pytest.mark.parametrize("status", ["U", "I"])
def test_what_could_not_be_proven_is_authorised_without_proof(scheme, card, status):
    number = card(d=f"10{ {'I': 4, 'U': 5}[status] }0")

    answer = scheme.sandbox.authorise(
        number, f"unproven_{status}", authentication=scheme.authenticated(number)
    )

    assert result(answer) == ("approved", "07")


def test_a_proof_serves_one_order(scheme):
    proof = scheme.authenticated("4000001200010007")
    first = scheme.sandbox.authorise("4000001200010007", "once", authentication=proof)

    assert scheme.sandbox.authorise("4000001200010007", "once", authentication=proof) == first
    assert refused(scheme.sandbox.authorise("4000001200010007", "more", authentication=proof))
    assert result(scheme.sandbox.inquire("once")) == ("approved", "05")


def test_a_proof_serves_one_order_across_restarts(own_scheme):
    proof = own_scheme.authenticated("4000001200010007")
    first = own_scheme.sandbox.authorise("4000001200010007", "once", authentication=proof)
    fresh = own_scheme.authenticated("4000001200010007")

    own_scheme.sandbox.kill()
    own_scheme.sandbox.start()

    assert own_scheme.sandbox.authorise("4000001200010007", "once", authentication=proof) == first
    assert refused(own_scheme.sandbox.authorise("4000001200010007", "more", authentication=proof))
    answer = own_scheme.sandbox.authorise("4000001200010007", "new", authentication=fresh)
    assert result(answer) == ("approved", "05")


def test_a_proof_serves_one_of_two_orders_in_review(quick_scheme, card, eventually):
    number = card(7)
    proof = quick_scheme.authenticated(number)
    for reference in ("review_1", "review_2"):
        quick_scheme.sandbox.authorise(number, reference, authentication=proof)

    def results():
        answers = [quick_scheme.sandbox.inquire(name)[1] for name in ("review_1", "review_2")]
        return sorted(answer["result"] for answer in answers)

    eventually(lambda: results() == ["approved", "declined"])


@pytest.mark.parametrize(
    "said", [[], "x", {}, {"eci": None}, {"value": 5}, {"merchant_name": None}]
)
def test_an_authentication_of_another_form_is_invalid(scheme, said):
    proof = scheme.authenticated("4000001200010007")
    told = {**proof, **said} if isinstance(said, dict) and said else said

    status, _ = scheme.sandbox.authorise("4000001200010007", "malformed", authentication=told)

    assert status == 400


def test_the_acquirer_keeps_no_proof(scheme):
    proof = scheme.authenticated("4000001200010007")
    scheme.sandbox.authorise("4000001200010007", "kept", authentication=proof)

    assert proof["value"] not in (scheme.folder / "acquirer.jsonl").read_text()


def test_currencies_are_those_of_the_iso_list():
    listed = {
        currency.alpha_3: currency.numeric
        for currency in pycountry.currencies
        if not 955 <= int(currency.numeric) <= 964 and currency.numeric != "999"
    }
    # Drawn on by central banks, or a unit of account: no card pays in them.
    for code in ("XDR", "XSU", "XUA"):
        listed.pop(code, None)
    assert {code: currency.numeric for code, currency in BY_CODE.items()} == listed
    assert len(BY_NUMERIC) == len(BY_CODE)


@pytest.mark.parametrize(
    ("code", "exponent", "text"),
    [
        ("ZAR", 2, "ZAR 1,200.05"),
        ("JPY", 0, "JPY 120,005"),
        ("KWD", 3, "KWD 120.005"),
        ("CLF", 4, "CLF 12.0005"),
        ("UGX", 0, "UGX 120,005"),
    ],
)
def test_a_currency_knows_its_decimals(code, exponent, text):
    assert BY_CODE[code].exponent == exponent
    assert BY_CODE[code].text(120005) == text


def test_countries_are_those_of_the_iso_list():
    assert {country.numeric for country in pycountry.countries} == COUNTRIES
