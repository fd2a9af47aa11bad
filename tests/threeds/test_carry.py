"""What goes through the payer's browser, to the byte, and what comes back by it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import ISSUER_ID, SERVER_ID
from paydesk import threeds
from paydesk.kit import json
from paydesk.threeds import MessageAtFault, Returned, Status, Version

METHOD_DATA = (
    "eyJ0aHJlZURTU2VydmVyVHJhbnNJRCI6IjNmMWM3YTUyLWQyZDItNDA2Ny1iY2IxLWIwOGQxNjkwYjI2ZSIsInRocmVl"
    "RFNNZXRob2ROb3RpZmljYXRpb25VUkwiOiJodHRwczovL3BheS5leGFtcGxlLzNkcy9tZXRob2QvcjdRayJ9"
)
CREQ = (
    "eyJtZXNzYWdlVHlwZSI6IkNSZXEiLCJtZXNzYWdlVmVyc2lvbiI6IjIuMi4wIiwidGhyZWVEU1NlcnZlclRyYW5zSUQi"
    "OiIzZjFjN2E1Mi1kMmQyLTQwNjctYmNiMS1iMDhkMTY5MGIyNmUiLCJhY3NUcmFuc0lEIjoiYjVkMGMxZTQtNTJmMC00"
    "YzFkLTlkM2UtN2QxYzJhOTBmNjExIiwiY2hhbGxlbmdlV2luZG93U2l6ZSI6IjA1In0"
)
CRES = (
    "eyJtZXNzYWdlVHlwZSI6IkNSZXMiLCJtZXNzYWdlVmVyc2lvbiI6IjIuMi4wIiwidGhyZWVEU1NlcnZlclRyYW5zSUQi"
    "OiIzZjFjN2E1Mi1kMmQyLTQwNjctYmNiMS1iMDhkMTY5MGIyNmUiLCJhY3NUcmFuc0lEIjoiYjVkMGMxZTQtNTJmMC00"
    "YzFkLTlkM2UtN2QxYzJhOTBmNjExIiwiY2hhbGxlbmdlQ29tcGxldGlvbkluZCI6IlkiLCJ0cmFuc1N0YXR1cyI6IlkifQ"
)
SAID_YES = Returned(SERVER_ID, ISSUER_ID, Status.AUTHENTICATED)


def encoded(message):
    return base64.urlsafe_b64encode(json.write(message)).decode()


def padded(text):
    return text + "=" * (-len(text) % 4)


def cres(**changes):
    return {
        "messageType": "CRes",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": SERVER_ID,
        "acsTransID": ISSUER_ID,
        "transStatus": "Y",
    } | changes


def fault_of(read, *given_):
    with pytest.raises(MessageAtFault) as raised:
        read(*given_)
    return raised.value.fault.code, raised.value.fault.detail


def test_method_data_is_the_paper_s_to_the_byte():
    url = "https://pay.example/3ds/method/r7Qk"

    assert threeds.write_method_data(SERVER_ID, url) == METHOD_DATA


def test_a_creq_is_the_paper_s_to_the_byte():
    written = threeds.write_creq(
        question_id=SERVER_ID, issuer_id=ISSUER_ID, version=Version.V2_2_0, window="05"
    )

    assert written == CREQ


def test_the_paper_s_cres_is_read():
    assert threeds.read_return({"cres": CRES}) == SAID_YES
    assert threeds.read_return({"cres": padded(CRES), "threeDSSessionData": "x"}) == SAID_YES


def test_the_id_in_method_data_is_read():
    assert threeds.read_method_data(METHOD_DATA) == SERVER_ID
    assert threeds.read_method_data(padded(METHOD_DATA)) == SERVER_ID
    assert threeds.read_method_data(encoded({"threeDSServerTransID": SERVER_ID})) == SERVER_ID


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ({}, ("201", "threeDSServerTransID")),
        ({"threeDSServerTransID": "x"}, ("203", "threeDSServerTransID")),
        ({"threeDSServerTransID": None}, ("203", "threeDSServerTransID")),
    ],
)
def test_method_data_without_an_id_is_at_fault(message, fault):
    assert fault_of(threeds.read_method_data, encoded(message)) == fault


# Each leaves bytes that Python's decoder reads without a word.
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:8] + " " + text[8:],
        lambda text: text[:8] + "\r\n" + text[8:],
        lambda text: text[:8] + "!" + text[8:],
        lambda text: text[:8] + "é" + text[8:],
        lambda text: text + "====",
        lambda text: padded(text) + "=",
        lambda text: text[:8] + "=" + text[8:],
        lambda text: text + ".",
        lambda text: " " + text,
        lambda text: text + "A",
        lambda text: "",
    ],
)
def test_what_is_not_base64url_is_refused(spoil):
    assert fault_of(threeds.read_method_data, spoil(METHOD_DATA))[0] in {"101", "203"}
    assert fault_of(threeds.read_return, {"cres": spoil(CRES)})[0] in {"101", "201", "203"}


def test_the_other_alphabet_of_base64_is_refused():
    # Its JSON is right in both alphabets: ">" and "?" make the letters in which they differ.
    message = {"x": "~~~???>>>", "threeDSServerTransID": SERVER_ID}
    ours = encoded(message)
    others = ours.replace("-", "+").replace("_", "/")
    assert ours != others

    assert threeds.read_method_data(ours) == SERVER_ID
    assert fault_of(threeds.read_method_data, others) == ("203", "threeDSMethodData")


def test_bits_that_no_encoder_leaves_are_refused():
    text = METHOD_DATA.rstrip("=")
    raw = json.write({"threeDSServerTransID": SERVER_ID})
    text = base64.urlsafe_b64encode(raw + b" " * (-(len(raw) + 1) % 3)).decode().rstrip("=")
    assert len(text) % 4 == 3

    assert threeds.read_method_data(text) == SERVER_ID
    spoiled = text[:-1] + chr(ord(text[-1]) + 1)
    assert base64.urlsafe_b64decode(spoiled + "=") == base64.urlsafe_b64decode(text + "=")
    assert fault_of(threeds.read_method_data, spoiled) == ("203", "threeDSMethodData")


@pytest.mark.parametrize(
    ("version", "status", "is_taken"),
    [
        ("2.2.0", "Y", True),
        ("2.2.0", "N", True),
        ("2.2.0", "D", False),
        ("2.3.1", "Y", True),
        ("2.3.1", "N", True),
        ("2.3.1", "D", True),
        ("2.3.1", "A", False),
        ("2.2.0", "U", False),
        ("2.2.0", "C", False),
    ],
)
def test_a_browser_brings_only_these_statuses(version, status, is_taken):
    form = {"cres": encoded(cres(messageVersion=version, transStatus=status))}
    if is_taken:
        assert threeds.read_return(form).status is Status(status)
    else:
        assert fault_of(threeds.read_return, form) == ("203", "transStatus")


@pytest.mark.parametrize("field", ["cres", "erro", "error"])
def test_an_error_is_read_in_whichever_field_it_comes(field):
    erro = {
        "messageType": "Erro",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": SERVER_ID,
        "acsTransID": ISSUER_ID,
        "errorCode": "402",
        "errorComponent": "A",
        "errorDescription": "time-out",
        "errorDetail": "too late",
    }
    assert threeds.read_return({field: encoded(erro)}) == Returned(
        SERVER_ID, ISSUER_ID, None, "402"
    )


def test_an_error_may_name_no_ids():
    erro = {
        "messageType": "Erro",
        "messageVersion": "2.3.1",
        "errorCode": "101",
        "errorComponent": "A",
        "errorDescription": "x",
        "errorDetail": "x",
    }
    assert threeds.read_return({"erro": encoded(erro)}) == Returned(None, None, None, "101")


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({}, ("201", "cres")),
        ({"cres": ""}, ("201", "cres")),
        ({"creq": CREQ}, ("201", "cres")),
        ({"cres": CREQ}, ("101", "messageType")),
        ({"cres": encoded(cres(messageVersion="2.1.0"))}, ("102", "2.2.0,2.3.1")),
        ({"cres": encoded(cres(acsTransID="x"))}, ("203", "acsTransID")),
        ({"cres": encoded([])}, ("101", "messageType")),
        ({"error": "!"}, ("203", "error")),
    ],
)
def test_a_return_that_says_nothing_is_at_fault(form, fault):
    assert fault_of(threeds.read_return, form) == fault


@given(text=st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_=-]{0,80}", fullmatch=True))
def test_no_text_does_more_than_be_at_fault(text):
    fault_of(threeds.read_return, {"cres": text})
    fault_of(threeds.read_method_data, text)


@given(question_id=st.uuids(), issuer_id=st.uuids(), version=st.sampled_from(Version))
def test_method_data_that_is_written_is_read(question_id, issuer_id, version):
    written = threeds.write_method_data(str(question_id), "https://pay.example/3ds/method/x")
    assert threeds.read_method_data(written) == str(question_id)

    for window in threeds.WINDOWS:
        creq = threeds.write_creq(
            question_id=str(question_id), issuer_id=str(issuer_id), version=version, window=window
        )
        assert json.read_object(base64.urlsafe_b64decode(padded(creq))) == {
            "messageType": "CReq",
            "messageVersion": version.value,
            "threeDSServerTransID": str(question_id),
            "acsTransID": str(issuer_id),
            "challengeWindowSize": window,
        }
