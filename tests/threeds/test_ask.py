"""What an AReq says of purchase, merchant, payer and browser; never of the card."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from issuer import BROWSER, QUESTION, REQUESTOR, SCRIPT, question
from paydesk import lookups
from paydesk.connectors.contract import CardField
from paydesk.kit.money import Money
from paydesk.threeds.ask import write_areq
from paydesk.threeds.messages import AReq
from paydesk.threeds.model import (
    Browser,
    Completion,
    Payer,
    Purpose,
    Recurrence,
    Script,
    Version,
)
from paydesk.threeds.versions import DIALECTS

BOTH = pytest.mark.parametrize("version", Version)
CARD = {
    "acctNumber": "4000001200010700",
    "cardExpiryDate": "2812",
    "cardholderName": "John Doe",
}
SAMPLE = {
    "messageType": "AReq",
    "messageVersion": "2.2.0",
    "threeDSServerTransID": "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e",
    "threeDSServerRefNumber": "SANDBOX-3DSS-0001",
    "threeDSServerURL": "https://pay.example/3ds/rreq",
    "threeDSRequestorID": "MERCH0001",
    "threeDSRequestorName": "Loop Street Shop",
    "threeDSRequestorURL": "https://shop.example",
    "threeDSCompInd": "Y",
    "threeDSRequestorAuthenticationInd": "01",
    "threeDSRequestorChallengeInd": "01",
    **CARD,
    "acquirerBIN": "400000",
    "acquirerMerchantID": "ACQ-MERCHANT-1",
    "mcc": "5732",
    "merchantCountryCode": "710",
    "merchantName": "Loop Street Shop",
    "messageCategory": "01",
    "deviceChannel": "02",
    "purchaseAmount": "120000",
    "purchaseCurrency": "710",
    "purchaseExponent": "2",
    "purchaseDate": "20250913101530",
    "notificationURL": "https://pay.example/3ds/return/Zk3v",
    "browserAcceptHeader": "text/html,*/*;q=0.8",
    "browserIP": "203.0.113.7",
    "browserJavascriptEnabled": True,
    "browserJavaEnabled": False,
    "browserLanguage": "en-ZA",
    "browserColorDepth": "24",
    "browserScreenHeight": "1080",
    "browserScreenWidth": "1920",
    "browserTZ": "-120",
    "browserUserAgent": "Mozilla/5.0 (sample)",
    "email": "johndoe@mail.example",
    "mobilePhone": {"cc": "27", "subscriber": "831234567"},
}


def body(asked=QUESTION):
    return write_areq(asked)[0]


def of_browser(version=Version.V2_2_0, **changes):
    return body(question(version, browser=replace(BROWSER, **changes)))


def of_script(version=Version.V2_2_0, **changes):
    return of_browser(version, script=replace(SCRIPT, **changes))


def test_the_question_is_the_paper_s_sample_and_asks_for_no_decoupled_challenge():
    assert body() | CARD == SAMPLE | {"threeDSRequestorDecReqInd": "N"}


def test_the_card_is_left_to_the_vault():
    asked, pointers = write_areq(QUESTION)

    assert pointers == {
        "/acctNumber": CardField.NUMBER,
        "/cardExpiryDate": CardField.EXPIRE_YYMM,
        "/cardholderName": CardField.SHORT_NAME,
    }
    assert not {pointer[1:] for pointer in pointers} & asked.keys()


def test_a_challenge_can_be_demanded():
    assert body(question(demands_challenge=True))["threeDSRequestorChallengeInd"] == "04"
    new = body(question(Version.V2_3_1, demands_challenge=True))
    assert new["threeDSRequestorChallengeInd"] == ["04"]


def test_in_2_3_1_the_wish_is_a_list_and_so_are_the_languages():
    told = body(question(Version.V2_3_1))

    assert told["threeDSRequestorChallengeInd"] == ["01"]
    assert told["acceptLanguage"] == ["en-ZA", "en"]
    assert "acceptLanguage" not in body()


PLAN = Recurrence(next=date(2025, 10, 13), end=date(2026, 9, 13), days=28)


@BOTH
@pytest.mark.parametrize("purpose", [Purpose.PAYMENT, Purpose.ADD_CARD])
def test_what_the_payer_is_asked_for_is_told(version, purpose):
    told = body(question(version, purpose=purpose))

    assert told["threeDSRequestorAuthenticationInd"] == purpose.value
    assert not [name for name in told if name.startswith("recurring")]


def test_the_payments_that_come_after_are_told():
    told = body(question(purpose=Purpose.RECURRING, recurrence=PLAN))

    assert {name: told[name] for name in told if name.startswith("recurring")} == {
        "recurringExpiry": "20260913",
        "recurringFrequency": "28",
    }
    assert told["threeDSRequestorAuthenticationInd"] == "02"


def test_in_2_3_1_more_is_told_of_them():
    told = body(question(Version.V2_3_1, purpose=Purpose.RECURRING, recurrence=PLAN))

    assert {name: told[name] for name in told if name.startswith("recurring")} == {
        "recurringExpiry": "20260913",
        "recurringFrequency": "28",
        "recurringAmount": "120000",
        "recurringCurrency": "710",
        "recurringExponent": "2",
        "recurringDate": "20251013",
        "recurringInd": {"amountInd": "01", "frequencyInd": "01"},
    }


@BOTH
def test_payments_without_an_end_have_the_last_day_there_is(version):
    endless = replace(PLAN, end=None)

    told = body(question(version, purpose=Purpose.RECURRING, recurrence=endless))

    assert told["recurringExpiry"] == "99991231"


@pytest.mark.parametrize("completion", Completion)
def test_how_the_method_frame_ended_is_told(completion):
    assert body(question(completion=completion))["threeDSCompInd"] == completion.value


@pytest.mark.parametrize(
    ("code", "minor", "told"),
    [
        ("ZAR", 120000, ("120000", "710", "2")),
        ("JPY", 1, ("1", "392", "0")),
        ("KWD", 1234, ("1234", "414", "3")),
        ("ALL", 10**14, ("1" + "0" * 14, "008", "2")),
    ],
)
def test_a_purchase_is_told_in_minor_units_and_iso_s_numbers(code, minor, told):
    asked = body(question(amount=Money(minor, lookups.currency(code))))

    assert (
        asked["purchaseAmount"],
        asked["purchaseCurrency"],
        asked["purchaseExponent"],
    ) == told


def test_the_time_is_told_in_utc():
    in_cape_town = datetime(2026, 1, 1, 1, 30, 0, tzinfo=timezone(timedelta(hours=2)))

    assert body(question(at=in_cape_town))["purchaseDate"] == "20251231233000"


def test_a_long_merchant_name_is_cut_the_same_for_issuer_and_acquirer():
    requestor = replace(REQUESTOR, name="a" * 39 + " " + "b" * 24)

    told = body(question(requestor=requestor))

    assert told["merchantName"] == told["threeDSRequestorName"] == "a" * 39
    assert requestor.merchant_name == "a" * 39


def test_the_operator_s_id_is_told_where_the_scheme_gave_one():
    requestor = replace(REQUESTOR, operator_id="OPERATOR-1")

    assert body(question(requestor=requestor))["threeDSServerOperatorID"] == "OPERATOR-1"
    assert "threeDSServerOperatorID" not in body()


@BOTH
def test_a_browser_without_script_tells_what_its_request_shows(version):
    told = of_browser(version, script=None)

    assert {name for name in told if name.startswith("browser")} == {
        "browserAcceptHeader",
        "browserIP",
        "browserJavascriptEnabled",
        "browserLanguage",
        "browserUserAgent",
    }
    assert told["browserJavascriptEnabled"] is False
    assert told["browserLanguage"] == "en-ZA"


@pytest.mark.parametrize(
    ("version", "header", "language"),
    [
        (Version.V2_2_0, "de;q=0.5, en", "de"),
        (Version.V2_2_0, "zh-Hans-CN", "zh-Hans"),
        (Version.V2_3_1, "zh-Hans-CN", "zh-Hans-CN"),
        (Version.V2_2_0, "*, af;q=0.1", "af"),
        (Version.V2_2_0, "", "und"),
        (Version.V2_2_0, "<script>", "und"),
        (Version.V2_3_1, "", None),
        (Version.V2_3_1, "*", None),
    ],
)
def test_without_script_the_language_is_the_header_s_first(version, header, language):
    told = of_browser(version, script=None, accept_language=header)

    assert told.get("browserLanguage") == language


@pytest.mark.parametrize(
    ("version", "said", "language"),
    [
        (Version.V2_2_0, "af", "af"),
        (Version.V2_2_0, "not a language", "en-ZA"),
        (Version.V2_2_0, "", "en-ZA"),
        (Version.V2_2_0, "de-DE-1996", "de-DE"),
        (Version.V2_3_1, "de-DE-1996", "de-DE-1996"),
    ],
)
def test_with_script_the_language_is_the_one_it_says(version, said, language):
    assert of_script(version, language=said)["browserLanguage"] == language


@BOTH
def test_with_script_a_language_is_always_told(version):
    told = of_browser(version, accept_language="", script=replace(SCRIPT, language=""))

    assert told["browserLanguage"] == "und"


@pytest.mark.parametrize(
    ("version", "depth", "told"),
    [
        (Version.V2_2_0, 30, "24"),
        (Version.V2_2_0, 24, "24"),
        (Version.V2_2_0, 23, "16"),
        (Version.V2_2_0, 3, "1"),
        (Version.V2_2_0, 0, "1"),
        (Version.V2_2_0, -5, "1"),
        (Version.V2_2_0, 10**9, "48"),
        (Version.V2_3_1, 30, "30"),
        (Version.V2_3_1, 0, "1"),
        (Version.V2_3_1, 100, "99"),
    ],
)
def test_a_colour_depth_is_rounded_down_to_one_that_may_be_told(version, depth, told):
    assert of_script(version, color_depth=depth)["browserColorDepth"] == told


def test_what_is_too_long_is_cut_and_what_is_empty_has_a_stand_in():
    told = of_browser(accept="a" * 3000, user_agent="b" * 3000)
    assert (len(told["browserAcceptHeader"]), len(told["browserUserAgent"])) == (2048, 2048)

    told = of_browser(accept="", user_agent="", ip=None)
    assert (told["browserAcceptHeader"], told["browserUserAgent"]) == ("*/*", "unknown")
    assert "browserIP" not in told


@pytest.mark.parametrize(
    ("phone", "told"),
    [
        ("+27831234567", {"cc": "27", "subscriber": "831234567"}),
        ("083 123 4567", {"cc": "27", "subscriber": "831234567"}),
        ("+390612345678", {"cc": "39", "subscriber": "0612345678"}),
        ("+12025550123", {"cc": "1", "subscriber": "2025550123"}),
        ("nobody", None),
        ("+4912345678901234567", None),
        ("", None),
        (None, None),
    ],
)
def test_a_phone_number_is_told_with_its_country_s_code_apart(phone, told):
    assert body(question(payer=Payer(phone=phone))).get("mobilePhone") == told


def test_what_the_merchant_did_not_tell_is_left_out():
    told = body(question(payer=Payer()))
    assert not {"email", "mobilePhone"} & told.keys()

    told = body(question(payer=Payer(email="a" * 250 + "@b.example")))
    assert "email" not in told


@pytest.mark.parametrize(
    "broken",
    [
        question(id="not-a-uuid"),
        question(notification_url="https://pay.example/" + "a" * 256),
        question(results_url="ftp://pay.example"),
        question(amount=Money(-1, lookups.currency("ZAR"))),
        question(requestor=replace(REQUESTOR, mcc="573")),
        question(requestor=replace(REQUESTOR, name="")),
    ],
)
def test_a_question_that_can_t_be_asked_so_is_a_bug(broken):
    with pytest.raises(ValidationError):
        write_areq(broken)


def test_2_3_1_takes_the_long_address_that_2_2_0_does_not():
    url = "https://pay.example/" + "a" * 256

    assert body(question(Version.V2_3_1, notification_url=url))["notificationURL"] == url


INTEGERS = st.integers(-(10**12), 10**12)


@given(
    version=st.sampled_from(Version),
    header=st.text(max_size=300),
    script=st.none()
    | st.builds(
        Script,
        java=st.booleans(),
        language=st.text(max_size=60) | st.from_regex(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,9}"),
        color_depth=INTEGERS,
        screen_width=INTEGERS,
        screen_height=INTEGERS,
        window_width=INTEGERS,
        window_height=INTEGERS,
        time_zone=INTEGERS,
    ),
    phone=st.none() | st.text(max_size=30) | st.from_regex(r"\+[0-9]{4,20}"),
    minor=st.integers(1, 10**15),
)
def test_whatever_a_browser_says_the_question_is_one_that_may_be_asked(
    version, header, script, phone, minor
):
    browser = Browser(header, header, header, None, script)
    payer = Payer(phone=phone)
    amount = Money(minor, lookups.currency("ZAR"))

    told = body(question(version, browser=browser, payer=payer, amount=amount))

    assert isinstance(DIALECTS[version].areq.model_validate(told | CARD), AReq)
    assert None not in told.values()
    assert "" not in told.values()
