"""What we write, the sandbox's directory server and issuer take, and the reverse.

They were written apart, from the same paper, and share no code.
"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import (
    BROWSER,
    DIRECTORY_ID,
    ISSUER_ID,
    REQUESTOR,
    SCRIPT,
    SERVER_ID,
    hear_ares,
    hear_rreq,
    question,
)
from paydesk.kit import json
from paydesk.sandbox import challenge, messages, reading
from paydesk.sandbox.ares import ares_for
from paydesk.sandbox.enrolment import Answer, Course
from paydesk.sandbox.versions import VERSIONS
from paydesk.threeds.ask import write_areq
from paydesk.threeds.carry import read_return, write_creq, write_method_data
from paydesk.threeds.hear import write_rres
from paydesk.threeds.model import Purpose, Recurrence, Status, Version
from paydesk.threeds.window import WINDOWS

BOTH = pytest.mark.parametrize("version", Version)
KEY = bytes(32)
CARD = {
    "acctNumber": "4000001200010700",
    "cardExpiryDate": "2812",
    "cardholderName": "John Doe",
}
ENDS = {name: end for name, end in vars(challenge).items() if isinstance(end, challenge.Result)}


def taken(asked):
    """The AReq as the directory server reads it."""
    raw = reading.read_json(json.write(write_areq(asked)[0] | CARD))
    kind, number = reading.kind_and_version(raw, ("AReq",))
    assert (kind, number) == ("AReq", asked.version.value)
    return reading.read_message(VERSIONS[number].areq, raw)


def subject(version):
    return challenge.Subject(
        server_id=SERVER_ID,
        directory_id=DIRECTORY_ID,
        issuer_id=ISSUER_ID,
        version=version.value,
        category="01",
        card_ending="0700",
        course=Course.PASSES,
        merchant="Loop Street Shop",
        amount="R 1 200.00",
        notification_url="https://pay.example/3ds/return/Zk3v",
        eci="05",
        eci_failed="07",
        sealed_value=None,
    )


@BOTH
@pytest.mark.parametrize("script", [SCRIPT, None])
def test_our_question_is_taken(version, script):
    areq = taken(question(version, browser=replace(BROWSER, script=script)))

    assert areq.browserJavascriptEnabled is (script is not None)
    assert areq.purchaseAmount == "120000"


@BOTH
def test_our_question_about_a_plan_is_taken(version):
    plan = Recurrence(next=date(2025, 10, 13), end=None, days=28)
    areq = taken(question(version, purpose=Purpose.RECURRING, recurrence=plan))

    assert (areq.recurringExpiry, areq.recurringFrequency) == ("99991231", "28")


@given(
    version=st.sampled_from(Version),
    has_script=st.booleans(),
    languages=st.text(max_size=100) | st.just("zh-Hans-CN-x-private,en;q=0.1"),
    name=st.text(min_size=1, max_size=64).filter(str.strip),
    numbers=st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=4),
)
def test_whatever_a_browser_says_our_question_is_taken(
    version, has_script, languages, name, numbers
):
    depth, width, height, zone = numbers
    script = replace(
        SCRIPT,
        language=languages,
        color_depth=depth,
        screen_width=width,
        screen_height=height,
        time_zone=zone,
    )
    browser = replace(
        BROWSER, accept_language=languages, script=script if has_script else None, ip=None
    )
    taken(question(version, browser=browser, requestor=replace(REQUESTOR, name=name.strip())))


@BOTH
@pytest.mark.parametrize("said", [answer for answer in Answer if len(answer) == 1])
def test_the_issuer_s_answer_is_heard(version, said):
    areq = taken(question(version)).model_copy(
        update={"dsTransID": DIRECTORY_ID, "dsReferenceNumber": "SANDBOX-DS-0001"}
    )
    url = "https://acs.example/challenge"

    ares = ares_for(areq, said, issuer_id=ISSUER_ID, challenge_url=url, key=KEY)

    answer = hear_ares(ares.written(), version)
    assert answer.status is Status(said.value)
    assert answer.challenge_url == (url if said is Answer.C else None)
    assert (answer.value is not None) == (said in {Answer.Y, Answer.A})


@BOTH
@pytest.mark.parametrize("end", ENDS)
def test_the_result_of_every_challenge_is_heard(version, end):
    value = "AQaejvQ3QunVcrDkiErqX00zlJE="

    rreq = challenge.rreq_of(subject(version), ENDS[end], tries=1, value=value)

    result = hear_rreq(rreq.written())
    assert (result.status.value, result.reason) == (ENDS[end].status, ENDS[end].reason)
    assert result.cancelled_by == ENDS[end].cancel
    answered = reading.read_json(write_rres(result))
    assert (answered["messageType"], answered["resultsStatus"]) == ("RRes", "01")


@BOTH
@pytest.mark.parametrize("window", WINDOWS)
def test_our_challenge_is_opened_and_its_end_brought_back(version, window):
    creq = write_creq(question_id=SERVER_ID, issuer_id=ISSUER_ID, version=version, window=window)
    opened = reading.read_message(messages.CReq, reading.read_base64(creq))
    assert opened.challengeWindowSize == window

    cres = challenge.cres_of(subject(version), challenge.PASSED)
    returned = read_return({"cres": reading.write_base64(cres.written())})
    assert (returned.id, returned.issuer_id) == (SERVER_ID, ISSUER_ID)
    assert returned.status is Status.AUTHENTICATED


def test_our_method_data_is_read():
    url = "https://pay.example/3ds/method/r7Qk"
    raw = reading.read_base64(write_method_data(SERVER_ID, url))

    read = messages.MethodRequest.model_validate(raw)
    assert (read.threeDSServerTransID, read.threeDSMethodNotificationURL) == (SERVER_ID, url)
