"""Every way in which an AReq can be wrong, and the error code that it is answered with."""

import json
from datetime import UTC, datetime, timedelta

import pytest

BOTH = ("2.2.0", "2.3.1")
NUMBER = "4000001200020006"  # speaks both versions
MISSING = object()

# The required fields, with values that are well-formed JSON and wrong: each has code 203.
REQUIRED = {
    "threeDSServerTransID": ["1", "3f1c7a52d2d24067bcb1b08d1690b26e", "x" * 36, 1],
    "threeDSServerRefNumber": ["x" * 33, 1],
    "threeDSServerURL": [
        "https://a.example/" + "x" * 2031,
        "http://pay.example/",
        "pay.example",
        "https://",
        "https://a.example:x/",
        "https://a.example/ b",
        1,
    ],
    "threeDSRequestorID": ["x" * 36, 1],
    "threeDSRequestorName": ["x" * 41, True],
    "threeDSRequestorURL": ["https://a.example/" + "x" * 2031, "ftp://a.example", "shop", []],
    "threeDSCompInd": ["X", "YY", "y", True],
    "threeDSRequestorAuthenticationInd": ["00", "1", "11", 1],
    "acctNumber": ["4" * 12, "4" * 20, "4000 0012 0002 0007", 4000001200020007],
    "acquirerBIN": ["1" * 12, "4000O0", 400000],
    "acquirerMerchantID": ["x" * 36, {}],
    "mcc": ["573", "57322", "573a", 5732],
    "merchantCountryCode": ["71", "7100", "ZAF", 710],
    "merchantName": ["x" * 41, 1],
    "messageCategory": ["00", "03", "1", 1],
    "deviceChannel": ["00", "01", "03", 2],
    "purchaseAmount": ["1" * 49, "1200.00", "-1", "+1", "1e3", 120000],
    "purchaseCurrency": ["71", "7100", "ZAR", 710],
    "purchaseExponent": ["22", "a", "-", 2],
    "purchaseDate": ["20250913", "20251313101530", "2025-09-13T10:15:30", 20250913101530],
    "notificationURL": ["http://pay.example/", "javascript:alert(1)", "//pay.example", 1],
    "browserAcceptHeader": ["x" * 2049, 1],
    "browserJavascriptEnabled": ["true", 1, "Y"],
    "browserUserAgent": ["x" * 2049, 1],
}
# What is required because JavaScript is on, or because it is a payment.
IF_JAVASCRIPT = {
    "browserJavaEnabled": ["false", 0],
    "browserLanguage": ["x" * 36, 1],
    "browserColorDepth": ["0", "100", "24 bit", 24],
    "browserScreenHeight": ["1" * 7, "-1", "10.5", 1080],
    "browserScreenWidth": ["1" * 7, "wide", 1920],
    "browserTZ": ["12345", "Z", "+", -120],
}
OPTIONAL = {
    "threeDSServerOperatorID": ["x" * 33, 1],
    "threeDSRequestorDecReqInd": ["X", True],
    "threeDSRequestorDecMaxTime": ["1", "123456", 10],
    "cardExpiryDate": ["2813", "202812", "28/12", 2812],
    "acctType": ["00", "04", 2],
    "cardholderName": ["x", "x" * 46, 1],
    "email": ["john", "@", "x" * 250 + "@a.za", 1],
    "billAddrLine1": ["x" * 51, 1],
    "billAddrPostCode": ["x" * 17, 8001],
    "billAddrState": ["WCAP", 1],
    "billAddrCountry": ["ZA", 710],
    "shipAddrCity": ["x" * 51, 1],
    "addrMatch": ["X", True],
    "acctInfo": ["x", [], {}],
    "merchantRiskIndicator": ["x", {}],
    "transType": ["02", "1", 1],
    "recurringExpiry": ["2025-01-01", "20251301", 20250101],
    "recurringFrequency": ["12345", "-1", 28],
    "purchaseInstalData": ["1", "01", "001", "1234", 12],
    "browserIP": ["203.0.113.256", "host", "x" * 46, 1],
    "homePhone": ["+27831234567", [], {}],
}
CODES = {"merchantCountryCode", "purchaseCurrency", "billAddrCountry", "shipAddrCountry"}


def mutations():
    """Field, value, expected code."""
    for name, wrong in {**REQUIRED, **IF_JAVASCRIPT}.items():
        yield name, MISSING, "201"
        yield from ((name, value, "203") for value in [None, "", *wrong])
    for name, wrong in OPTIONAL.items():
        yield from ((name, value, "203") for value in [None, "", *wrong])
    for name in CODES:
        yield name, "000", "304"
    for excluded in ("955", "959", "964", "999"):
        yield "purchaseCurrency", excluded, "304"


MUTATIONS = list(mutations())

# The same value is right in one version and wrong in the other.
OF_ONE_VERSION = [
    ("threeDSRequestorAuthenticationInd", "07", "2.3.1"),
    ("threeDSRequestorChallengeInd", "01", "2.2.0"),
    ("threeDSRequestorChallengeInd", ["01"], "2.3.1"),
    ("threeDSRequestorChallengeInd", ["02", "14"], "2.3.1"),
    ("threeDSRequestorAuthenticationInfo", {"threeDSReqAuthMethod": "02"}, "2.2.0"),
    ("threeDSRequestorAuthenticationInfo", [{"threeDSReqAuthMethod": "02"}], "2.3.1"),
    ("threeDSRequestorPriorAuthenticationInfo", {"threeDSReqPriorRef": "1"}, "2.2.0"),
    ("threeDSRequestorPriorAuthenticationInfo", [{"threeDSReqPriorRef": "1"}], "2.3.1"),
    ("notificationURL", "https://pay.example/" + "x" * 237, "2.3.1"),
    ("browserLanguage", "zh-Hans-CN", "2.3.1"),
    ("browserColorDepth", "30", "2.3.1"),
]
# Wrong in both, with a value of the version's own form.
OF_EACH_VERSION = [
    ("threeDSRequestorChallengeInd", {"2.2.0": "10", "2.3.1": ["15"]}),
    ("threeDSRequestorChallengeInd", {"2.2.0": "00", "2.3.1": []}),
    ("threeDSRequestorChallengeInd", {"2.2.0": 1, "2.3.1": ["01", "02", "03"]}),
    ("whiteListStatus", {"2.2.0": "X"}),
    ("trustListStatus", {"2.3.1": "X"}),
    ("acceptLanguage", {"2.3.1": []}),
    (
        "notificationURL",
        {"2.2.0": "https://a.za/" + "x" * 244, "2.3.1": "https://a.za/" + "x" * 2036},
    ),
]


@pytest.fixture(scope="module")
def ask(scheme):
    """Asks over one connection, as hundreds are asked."""
    url = f"https://127.0.0.1:{scheme.sandbox.more[0]}/3ds"
    headers = {"Content-Type": "application/JSON; charset=UTF-8"}
    with scheme.client() as client:

        def ask(message):
            body = message if isinstance(message, bytes) else json.dumps(message).encode()
            return client.post(url, content=body, headers=headers).json()

        yield ask


def mutated(areq, name, value):
    if value is MISSING:
        return {kept: areq[kept] for kept in areq if kept != name}
    return {**areq, name: value}


def test_a_right_one_is_answered(scheme, ask):
    assert ask(scheme.areq(NUMBER))["transStatus"] == "Y"
    assert ask(scheme.areq(NUMBER, "2.3.1"))["transStatus"] == "Y"


def test_there_are_many_ways():
    assert len(MUTATIONS) >= 150


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("name", sorted({name for name, _, _ in MUTATIONS}))
def test_a_wrong_field_is_named_with_its_code(scheme, ask, version, name):
    areq = scheme.areq(NUMBER, version)
    for mutation, value, code in MUTATIONS:
        if mutation != name:
            continue
        # A country beside a state, so that only the state is wrong.
        more = {"billAddrCountry": "710"} if name == "billAddrState" else {}

        erro = ask(mutated({**areq, **more}, name, value))

        assert erro["messageType"] == "Erro", (name, value)
        assert (erro["errorCode"], erro["errorDetail"]) == (code, name), value
        assert (erro["errorComponent"], erro["errorMessageType"]) == ("D", "AReq")
        assert erro["messageVersion"] == version
        told = erro.get("threeDSServerTransID")
        assert told == areq["threeDSServerTransID"] or name == "threeDSServerTransID"


@pytest.mark.parametrize(("name", "value", "right_in"), OF_ONE_VERSION)
def test_what_one_version_takes_the_other_refuses(scheme, ask, name, value, right_in):
    for version in BOTH:
        answer = ask(scheme.areq(NUMBER, version, **{name: value}))
        if version == right_in:
            assert answer["messageType"] == "ARes", answer
        else:
            assert answer["errorCode"] == "203"
            assert answer["errorDetail"].split(".")[0] == name


@pytest.mark.parametrize(("name", "values"), OF_EACH_VERSION)
def test_what_either_version_refuses(scheme, ask, name, values):
    for version, value in values.items():
        erro = ask(scheme.areq(NUMBER, version, **{name: value}))
        assert erro["errorCode"] == "203"
        assert erro["errorDetail"].split(".")[0] == name


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"threeDSRequestorAuthenticationInd": "02"}, "recurringExpiry,recurringFrequency"),
        (
            {"threeDSRequestorAuthenticationInd": "02", "recurringExpiry": "20300101"},
            "recurringFrequency",
        ),
        (
            {
                "threeDSRequestorAuthenticationInd": "03",
                "recurringExpiry": "20300101",
                "recurringFrequency": "28",
            },
            "purchaseInstalData",
        ),
        ({"billAddrState": "WC"}, "billAddrCountry"),
        ({"shipAddrState": "WC"}, "shipAddrCountry"),
        ({"mobilePhone": {"cc": "27"}}, "mobilePhone.subscriber"),
        ({"workPhone": {"subscriber": "831234567"}}, "workPhone.cc"),
    ],
)
def test_what_follows_from_another_field_is_required(scheme, ask, version, changes, detail):
    erro = ask(scheme.areq(NUMBER, version, **changes))

    assert (erro["errorCode"], erro["errorDetail"]) == ("201", detail)


@pytest.mark.parametrize("version", BOTH)
def test_without_javascript_the_browser_tells_less(scheme, ask, version):
    areq = scheme.areq(NUMBER, version, browserJavascriptEnabled=False)
    for name in IF_JAVASCRIPT:
        if name != "browserLanguage":
            del areq[name]

    assert ask(areq)["messageType"] == "ARes"
    del areq["browserLanguage"]
    answer = ask(areq)
    if version == "2.2.0":
        assert (answer["errorCode"], answer["errorDetail"]) == ("201", "browserLanguage")
    else:
        assert answer["messageType"] == "ARes"


@pytest.mark.parametrize("version", BOTH)
def test_where_nothing_is_bought_there_is_no_purchase(scheme, ask, version):
    purchase = ("purchaseAmount", "purchaseCurrency", "purchaseExponent", "purchaseDate")

    ares = ask(scheme.areq(NUMBER, version, messageCategory="02", **dict.fromkeys(purchase)))

    assert ares["transStatus"] == "Y"
    assert "authenticationValue" not in ares


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(("minutes", "taken"), [(-29, True), (29, True), (-31, False), (31, False)])
def test_a_purchase_is_of_now(scheme, ask, version, minutes, taken):
    at = datetime.now(UTC) + timedelta(minutes=minutes)

    answer = ask(scheme.areq(NUMBER, version, purchaseDate=f"{at:%Y%m%d%H%M%S}"))

    assert (answer["messageType"] == "ARes") == taken
    assert taken or (answer["errorCode"], answer["errorDetail"]) == ("203", "purchaseDate")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("messageType", "ARes", "101"),
        ("messageType", "CReq", "101"),
        ("messageType", "areq", "101"),
        ("messageType", MISSING, "201"),
        ("messageType", "", "203"),
        ("messageType", None, "203"),
        ("messageType", 1, "203"),
        ("messageVersion", "2.1.0", "102"),
        ("messageVersion", "2.3.0", "102"),
        ("messageVersion", "1.0.2", "102"),
        ("messageVersion", "x" * 100, "102"),
        ("messageVersion", MISSING, "201"),
        ("messageVersion", "", "203"),
        ("messageVersion", None, "203"),
        ("messageVersion", [], "203"),
    ],
)
def test_a_message_must_say_what_it_is(scheme, ask, name, value, code):
    erro = ask(mutated(scheme.areq(NUMBER), name, value))

    assert (erro["errorCode"], erro["errorDetail"]) == (code, name)


@pytest.mark.parametrize("name", ["messageType", "acctNumber", "email"])
def test_a_field_given_twice_is_refused(scheme, ask, name):
    areq = scheme.areq(NUMBER)
    body = json.dumps(areq)[:-1] + f', "{name}": {json.dumps(areq[name])}' + "}"

    erro = ask(body.encode())

    assert (erro["errorCode"], erro["errorDetail"]) == ("204", name)
    assert erro["threeDSServerTransID"] == areq["threeDSServerTransID"]


def test_a_part_given_twice_is_refused_too(scheme, ask):
    body = json.dumps(scheme.areq(NUMBER)).replace('"cc": "27"', '"cc": "27", "cc": "27"')

    assert ask(body.encode())["errorDetail"] == "cc"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'"AReq"']
)
def test_what_is_no_message_is_refused(ask, body):
    erro = ask(body)

    assert (erro["messageType"], erro["errorCode"]) == ("Erro", "101")


def test_fields_that_nobody_knows_are_ignored(scheme, ask):
    assert ask(scheme.areq(NUMBER, futureField={"a": [None, ""]}))["transStatus"] == "Y"


def test_only_json_is_taken(scheme):
    headers = {"Content-Type": "text/plain"}

    assert scheme.send(scheme.areq(NUMBER), headers=headers).status_code == 415


def test_a_refusal_is_logged_without_the_card(scheme, ask):
    areq = scheme.areq(NUMBER, mcc="")
    ask(areq)

    wanted = areq["threeDSServerTransID"]
    (line,) = [line for line in scheme.log("directory") if line["server_id"] == wanted]
    assert (line["kind"], line["status"], line["detail"]) == ("Erro", "203", "mcc")
