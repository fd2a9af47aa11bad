"""What the directory server says, and what is said back to it."""

import json as plain
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import (
    ANOTHER_ID,
    DIRECTORY_ID,
    ISSUER_ID,
    SERVER_ID,
    VALUE,
    ares,
    hear_ares,
    hear_rreq,
    method_of,
    rreq,
)
from paydesk.kit import json
from paydesk.threeds.hear import read_ares, read_rreq, write_erro, write_rres
from paydesk.threeds.model import (
    Answer,
    ErrorHeard,
    MessageAtFault,
    Result,
    Status,
    Version,
)

BOTH = pytest.mark.parametrize("version", Version)
STATUSES = {
    ("ares", Version.V2_2_0): "YNUACDRI",
    ("ares", Version.V2_3_1): "YNUACDRIS",
    ("rreq", Version.V2_2_0): "YNUAR",
    ("rreq", Version.V2_3_1): "YNUARD",
}
OLD, NEW = Version


def fault_of(read, *given_, **named):
    with pytest.raises(MessageAtFault) as raised:
        read(*given_, **named)
    return raised.value


def code_of(read, *given_, **named):
    fault = fault_of(read, *given_, **named).fault
    return fault.code, fault.detail


def test_the_paper_s_ares_is_a_challenge():
    assert hear_ares(ares()) == Answer(
        Status.CHALLENGE, DIRECTORY_ID, ISSUER_ID, challenge_url="https://acs.example/challenge"
    )


@BOTH
def test_a_frictionless_yes_has_its_proof(version):
    answer = hear_ares(ares("Y", version), version)

    assert (answer.status, answer.value, answer.eci) == (Status.AUTHENTICATED, VALUE, "05")
    assert answer.challenge_url is None


@pytest.mark.parametrize(
    ("version", "status"),
    [(version, status) for version in Version for status in STATUSES["ares", version]],
)
def test_every_status_of_the_version_is_heard_in_an_answer(version, status):
    assert hear_ares(ares(status, version), version).status is Status(status)


@pytest.mark.parametrize(
    ("version", "status"),
    [(version, status) for version in Version for status in STATUSES["rreq", version]],
)
def test_every_status_of_the_version_is_heard_in_a_result(version, status):
    result = hear_rreq(rreq(status, version))

    assert (result.status, result.version) == (Status(status), version)


@pytest.mark.parametrize(
    ("message", "version", "status"),
    [
        (message, version, status)
        for (message, version), statuses in STATUSES.items()
        for status in sorted(set("YNUACDRISX") - set(statuses))
    ],
)
def test_a_status_that_the_version_does_not_have_there_is_at_fault(message, version, status):
    code = {
        "ares": lambda: code_of(hear_ares, ares(status, version), version),
        "rreq": lambda: code_of(hear_rreq, rreq(status, version)),
    }[message]()

    assert code == ("203", "transStatus")


@pytest.mark.parametrize(
    ("status", "needed"),
    [
        ("Y", "authenticationValue"),
        ("Y", "eci"),
        ("A", "authenticationValue"),
        ("A", "eci"),
        ("N", "transStatusReason"),
        ("U", "transStatusReason"),
        ("R", "transStatusReason"),
    ],
)
@BOTH
def test_what_goes_with_a_status_is_asked_for(version, status, needed):
    left_out = {needed: ...}

    assert code_of(hear_ares, ares(status, version, **left_out), version) == ("201", needed)
    assert code_of(hear_rreq, rreq(status, version, **left_out)) == ("201", needed)


@pytest.mark.parametrize("needed", ["acsURL", "acsChallengeMandated", None])
@BOTH
def test_what_goes_with_a_challenge_is_asked_for(version, needed):
    needed = needed or next(iter(method_of(version)))

    assert code_of(hear_ares, ares("C", version, **{needed: ...}), version) == ("201", needed)


def test_all_that_is_missing_is_told_together():
    nothing = {"authenticationValue": ..., "eci": ...}

    assert code_of(hear_rreq, rreq("Y", **nothing)) == ("201", "authenticationValue,eci")


@pytest.mark.parametrize(
    ("url", "is_test", "is_taken"),
    [
        ("https://acs.example/challenge?id=1", False, True),
        ("https://127.0.0.1:8443/challenge", True, True),
        ("http://127.0.0.1:8080/challenge", True, True),
        ("http://localhost:8080/challenge", True, True),
        ("http://127.0.0.1:8080/challenge", False, False),
        ("http://acs.example/challenge", True, False),
        ("http://10.0.0.1/challenge", True, False),
        ("javascript:alert(1)", True, False),
        ("https://", False, False),
        ("https://user@acs.example/", False, False),
        ("/challenge", False, False),
    ],
)
@BOTH
def test_a_challenge_is_at_an_https_address(version, url, is_test, is_taken):
    message = ares("C", version, acsURL=url)
    if is_taken:
        assert hear_ares(message, version, is_test=is_test).challenge_url == url
    else:
        assert code_of(hear_ares, message, version, is_test=is_test) == ("203", "acsURL")


def test_the_address_of_no_challenge_is_left():
    answer = hear_ares(ares("Y", acsURL="http://acs.example/challenge"))

    assert answer.challenge_url is None


def test_an_issuer_s_text_is_plain_in_2_2_0_and_an_object_in_2_3_1():
    text = "Call us on 0800 <b>1</b>"
    new = {"text": text, "image": {"medium": "https://acs.example/picture.png"}}

    assert hear_ares(ares("N", cardholderInfo=text)).cardholder_text == text
    assert hear_ares(ares("N", NEW, cardholderInfo=new), NEW).cardholder_text == text
    assert hear_ares(ares("N")).cardholder_text is None
    assert code_of(hear_ares, ares("N", cardholderInfo=new)) == ("203", "cardholderInfo")
    assert code_of(hear_ares, ares("N", NEW, cardholderInfo=text), NEW) == ("203", "cardholderInfo")


@pytest.mark.parametrize(
    ("version", "info", "code"),
    [
        (OLD, "a" * 128, None),
        (OLD, "a" * 129, ("203", "cardholderInfo")),
        (NEW, {"text": "a" * 128}, None),
        (NEW, {"text": "a" * 129}, ("203", "cardholderInfo.text")),
        (NEW, {"text": ""}, ("203", "cardholderInfo.text")),
        (NEW, {}, ("201", "cardholderInfo.text")),
    ],
)
def test_an_issuer_s_text_has_128_characters_at_most(version, info, code):
    message = ares("N", version, cardholderInfo=info)
    if code is None:
        assert len(hear_ares(message, version).cardholder_text) == 128
    else:
        assert code_of(hear_ares, message, version) == code


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        (VALUE, {OLD, NEW}),
        ("A" * 43 + "=", {NEW}),
        ("A" * 44, {NEW}),
        ("A" * 26, set()),
        ("A" * 28, {NEW}),  # 21 bytes
        (VALUE[:-1], set()),
        (VALUE[:-2] + "F=", {NEW}),  # bits set that 20 bytes do not have
        ("-" + VALUE[1:], set()),
        (" " + VALUE[1:], set()),
        (VALUE + "\n", set()),
        (VALUE + "A" * 4, set()),
    ],
)
@BOTH
def test_an_authentication_value_is_20_bytes_and_may_be_longer_in_2_3_1(version, value, versions):
    changes = {"authenticationValue": value}
    if version in versions:
        assert hear_ares(ares("Y", version, **changes), version).value == value
        assert hear_rreq(rreq("Y", version, **changes)).value == value
    else:
        fault = ("203", "authenticationValue")
        assert code_of(hear_ares, ares("Y", version, **changes), version) == fault
        assert code_of(hear_rreq, rreq("Y", version, **changes)) == fault


@pytest.mark.parametrize(
    ("reason", "versions"),
    [
        ("01", {OLD, NEW}),
        ("26", {OLD, NEW}),
        ("27", {NEW}),
        ("30", {NEW}),
        ("31", set()),
        ("00", set()),
        ("79", set()),
        ("80", {OLD, NEW}),
        ("99", {OLD, NEW}),
        ("1", set()),
    ],
)
@BOTH
def test_a_reason_is_one_of_the_version_s_or_a_scheme_s_own(version, reason, versions):
    message = rreq("N", version, transStatusReason=reason)
    if version in versions:
        assert hear_rreq(message).reason == reason
    else:
        assert code_of(hear_rreq, message) == ("203", "transStatusReason")


@BOTH
def test_another_question_s_answer_is_refused(version):
    message = ares("Y", version, threeDSServerTransID=ANOTHER_ID)

    assert code_of(hear_ares, message, version) == ("301", "threeDSServerTransID")


@BOTH
def test_an_answer_in_another_version_is_refused(version):
    (other,) = set(Version) - {version}

    assert code_of(hear_ares, ares("Y", other), version) == ("305", "messageVersion")


@pytest.mark.parametrize("text", ["2.1.0", "2.3.0", "2.3.1.1", "1.0.2", "2.2.0 ", "x" * 5000])
def test_a_version_that_is_not_spoken_is_told_which_are(text):
    for fault in (
        fault_of(hear_ares, ares("Y", messageVersion=text)),
        fault_of(hear_rreq, rreq("Y", messageVersion=text)),
    ):
        assert (fault.fault.code, fault.fault.detail) == ("102", "2.2.0,2.3.1")
        assert fault.version == "2.3.1"
        assert set(fault.ids.values()) == {SERVER_ID, ISSUER_ID, DIRECTORY_ID}


@pytest.mark.parametrize("kind", ["AReq", "ares", "RRes", "CRes", "Erro", "pArs", "x" * 5000])
def test_a_message_of_another_type_is_not_for_us(kind):
    assert code_of(hear_rreq, rreq(messageType=kind)) == ("101", "messageType")
    if kind != "Erro":
        assert code_of(hear_ares, ares(messageType=kind)) == ("101", "messageType")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "101"),
        (b"RReq", "101"),
        (b"[]", "101"),
        (b"null", "101"),
        (b'"RReq"', "101"),
        (b"\xff\xfe", "101"),
        (b'{"messageType":"RReq"', "101"),
        (b'{"messageType":NaN}', "101"),
        (b"{}", "201"),
        (b'{"messageType":"RReq","messageType":"RReq"}', "204"),
        (b'{"a":[{"b":1,"b":2}]}', "204"),
        (b'{"a":"\\u0000"}', "203"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "203"),
        (b'{"a":' + b"1" * 50 + b"}", "203"),
    ],
)
def test_what_is_no_message_is_at_fault(raw, code):
    for read in (read_rreq, lambda raw: read_ares(raw, "", OLD, is_test=False)):
        fault = fault_of(read, raw)
        assert fault.fault.code == code
        assert plain.loads(write_erro(fault))["errorCode"] == code


def test_an_erro_is_heard_as_one():
    sample = {
        "messageType": "Erro",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": SERVER_ID,
        "errorCode": "203",
        "errorComponent": "D",
        "errorDescription": "value out of range",
        "errorDetail": "purchaseExponent",
        "errorMessageType": "AReq",
    }
    with pytest.raises(ErrorHeard) as heard:
        hear_ares(sample)

    assert (heard.value.code, heard.value.detail) == ("203", "purchaseExponent")


@pytest.mark.parametrize(
    ("said", "heard_as"),
    [
        ({}, ("", "")),
        ({"errorCode": 203, "errorDetail": ["x"]}, ("203", "['x']")),
        ({"errorCode": "20³", "errorDetail": "a\nb"}, ("", "")),
        ({"errorCode": "405", "errorDetail": "a" * 3000}, ("405", "a" * 2048)),
        ({"messageVersion": "2.1.0", "errorCode": "102", "errorDetail": "2.1.0"}, ("102", "2.1.0")),
    ],
)
def test_an_erro_that_is_itself_at_fault_is_still_an_erro(said, heard_as):
    with pytest.raises(ErrorHeard) as heard:
        hear_ares({"messageType": "Erro", **said})

    assert (heard.value.code, heard.value.detail) == heard_as


def test_the_paper_s_rreq_is_a_result():
    assert hear_rreq(rreq()) == Result(
        id=SERVER_ID,
        version=OLD,
        directory_id=DIRECTORY_ID,
        issuer_id=ISSUER_ID,
        status=Status.AUTHENTICATED,
        value=VALUE,
        eci="05",
        tries="01",
    )


@pytest.mark.parametrize("cancel", ["01", "03", "05", "10"])
def test_a_cancelled_challenge_says_so(cancel):
    result = hear_rreq(rreq("N", challengeCancel=cancel, interactionCounter=...))

    assert (result.cancelled_by, result.tries) == (cancel, None)


@pytest.mark.parametrize("cancel", ["00", "11", "1", "x"])
def test_a_cancel_that_means_nothing_is_at_fault(cancel):
    assert code_of(hear_rreq, rreq("N", challengeCancel=cancel)) == ("203", "challengeCancel")


def test_a_result_that_is_not_of_a_payment_is_none_of_ours():
    assert code_of(hear_rreq, rreq(messageCategory="02")) == ("305", "messageCategory")


def test_what_else_a_message_holds_is_ignored():
    extra = {"messageExtension": [{"name": None}], "sdkTransID": "", "x": {"y": 1.5}}

    assert hear_ares(ares("Y", **extra)) == hear_ares(ares("Y"))
    assert hear_rreq(rreq("Y", **extra)) == hear_rreq(rreq("Y"))


def test_an_rres_is_the_paper_s():
    assert write_rres(hear_rreq(rreq())) == json.write(
        {
            "messageType": "RRes",
            "messageVersion": "2.2.0",
            "threeDSServerTransID": SERVER_ID,
            "dsTransID": DIRECTORY_ID,
            "acsTransID": ISSUER_ID,
            "resultsStatus": "01",
        }
    )


def test_an_rres_can_say_why_a_result_was_not_received():
    written = plain.loads(write_rres(hear_rreq(rreq(version=NEW)), "02"))

    assert (written["messageVersion"], written["resultsStatus"]) == ("2.3.1", "02")


def test_an_erro_names_the_fault_and_the_ids_that_could_be_read():
    fault = fault_of(hear_rreq, rreq(eci=..., dsTransID="x"))

    assert plain.loads(write_erro(fault)) == {
        "messageType": "Erro",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": SERVER_ID,
        "acsTransID": ISSUER_ID,
        "errorCode": "203",
        "errorComponent": "S",
        "errorDescription": "the value of a field is not of its format",
        "errorDetail": "dsTransID",
        "errorMessageType": "RReq",
    }


@pytest.mark.parametrize("code", ["301", "305", "312", "313", "402", "403"])
def test_an_erro_can_tell_what_only_the_caller_knows(code):
    told = replace(fault_of(hear_rreq, rreq(eci=...)).fault, code=code)
    fault = MessageAtFault(told, version="2.3.1", ids={"threeDSServerTransID": SERVER_ID})
    written = plain.loads(write_erro(fault, component="D", about="ARes"))

    assert (written["errorCode"], written["errorComponent"]) == (code, "D")
    assert written["errorMessageType"] == "ARes"


def test_nothing_shows_an_authentication_value():
    heard = [
        hear_ares(ares("Y")),
        hear_rreq(rreq("Y")),
        fault_of(hear_rreq, rreq("Y", transStatusReason="xx")),
        fault_of(hear_rreq, rreq("Y", eci="xxx")),
        fault_of(hear_rreq, rreq("Y", authenticationValue=VALUE + "x")),
        fault_of(hear_ares, ares("Y", messageType="x")),
    ]
    for one in heard:
        assert VALUE not in repr(one) + str(one)
        assert VALUE not in repr(getattr(one, "__cause__", None))


@given(raw=st.binary(max_size=200))
def test_no_bytes_do_more_than_be_at_fault(raw):
    assert fault_of(read_rreq, raw).fault.code in {"101", "201", "203", "204"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(
    name=st.sampled_from(sorted({*ares("Y"), *ares("C"), *rreq("N"), "cardholderInfo"})),
    value=JSON,
    version=st.sampled_from(Version),
)
def test_no_field_does_more_than_be_at_fault(name, value, version):
    changes = {name: value}
    for read in (
        lambda: hear_ares(ares("Y", version, **changes), version),
        lambda: hear_rreq(rreq("Y", version, **changes)),
    ):
        try:
            said = read()
        except (ErrorHeard, MessageAtFault) as raised:
            said = raised
        if isinstance(said, MessageAtFault):
            said = plain.loads(write_erro(said))
        assert isinstance(said, Answer | Result | ErrorHeard | dict)
