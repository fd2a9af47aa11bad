"""A challenge in the payer's browser: every fourth digit of the scheme, time-outs, a restart."""

import pytest

VERSIONS = [("1", "2.2.0"), ("2", "2.3.1")]
BY_ITSELF = {
    # d4: transStatus of the RReq and of the CRes, reason, cancellation
    0: ("Y", "Y", None, None),
    1: ("N", "N", "01", None),
    4: ("N", "N", "01", "01"),
    7: ("Y", "Y", None, None),
    8: ("N", "Y", "01", None),
}


def verdict(rreq):
    return tuple(rreq.get(name) for name in ("transStatus", "transStatusReason", "challengeCancel"))


def test_a_payer_who_types_the_code_is_authenticated(scheme, card):
    challenge = scheme.challenge(card(d="1072"))

    page = challenge.open()
    last = challenge.act(page, code="123456")

    (rreq,) = challenge.results()
    assert len(rreq.pop("authenticationValue")) == 28
    ids = {
        "messageVersion": "2.2.0",
        "threeDSServerTransID": challenge.areq["threeDSServerTransID"],
        "acsTransID": challenge.ares["acsTransID"],
    }
    assert rreq == {
        **ids,
        "messageType": "RReq",
        "dsTransID": challenge.ares["dsTransID"],
        "messageCategory": "01",
        "transStatus": "Y",
        "authenticationType": "02",
        "eci": "05",
        "interactionCounter": "01",
    }
    assert last.action == "http://127.0.0.1:8000/3ds/return/Zk3v"
    assert last.told("cres") == {
        **ids,
        "messageType": "CRes",
        "challengeCompletionInd": "Y",
        "transStatus": "Y",
    }
    assert last.fields["threeDSSessionData"] == "SGVsbG8"


def test_the_page_shows_what_is_paid_and_hides_the_card(scheme, card):
    page = scheme.challenge(card(d="1072")).open()

    assert "Loop Street &lt;Shop&gt;" in page.html
    assert "ZAR 1,200.00" in page.html
    assert f"•••• {card(d='1072')[-4:]}" in page.html
    assert card(d="1072") not in page.html
    field = page.inputs["code"]
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert "<noscript>" not in page.html
    assert page.html.count("<script") == 0


@pytest.mark.parametrize("d4", [0, 2, 3, 9])
def test_any_page_may_be_framed_and_loads_nothing(scheme, card, d4):
    page = scheme.challenge(card(d=f"107{d4}")).open()

    assert "X-Frame-Options" not in page.headers
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors" not in policy


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
@pytest.mark.parametrize("d4", sorted(BY_ITSELF))
def test_a_challenge_may_go_by_itself(scheme, card, d1, version, d4):
    challenge = scheme.challenge(card(d=f"{d1}07{d4}"), version)

    page = challenge.open()
    assert challenge.results() == []
    assert page.buttons == [{}]  # in noscript
    last = challenge.act(page)

    status, shown, reason, cancel = BY_ITSELF[d4]
    results = challenge.results()
    assert {verdict(rreq) for rreq in results} == {(status, reason, cancel)}
    assert last.told("cres")["transStatus"] == shown
    assert len(results) == (2 if d4 == 7 else 1)
    assert results[0] == results[-1]
    how = {"authenticationType": "02"} if version == "2.2.0" else {"authenticationMethod": ["02"]}
    assert how.items() <= results[0].items()
    assert challenge.events()[-2:] == ["RReq", "CRes"]


@pytest.mark.parametrize(
    ("prefix", "passed", "failed"), [("40000012", "05", "07"), ("52000012", "02", "00")]
)
def test_the_result_s_eci_is_the_scheme_s(scheme, card, prefix, passed, failed):
    for d4, eci in ((0, passed), (1, failed)):
        challenge = scheme.challenge(card(prefix=prefix, d=f"107{d4}"))
        challenge.act(challenge.open())
        (rreq,) = challenge.results()
        assert rreq["eci"] == eci
        assert ("authenticationValue" in rreq) == (d4 == 0)


@pytest.mark.parametrize("d4", [2, 9])
def test_three_wrong_codes_are_too_many(scheme, card, d4):
    challenge = scheme.challenge(card(d=f"107{d4}"))
    page = challenge.open()

    for left in ("2", "1"):
        page = challenge.act(page, code="000000")
        assert f"Tries left: {left}." in page.html
        assert page.inputs["code"]["aria-invalid"] == "true"
        assert challenge.results() == []
    last = challenge.act(page, code="")

    assert last.told("cres")["transStatus"] == "N"
    (rreq,) = challenge.results()
    assert verdict(rreq) == ("N", "19", None)
    assert rreq["interactionCounter"] == "03"


def test_a_wrong_code_may_be_followed_by_the_right_one(scheme, card):
    challenge = scheme.challenge(card(d="1072"))

    page = challenge.act(challenge.open(), code="1234")
    last = challenge.act(page, code="123 456")

    assert last.told("cres")["transStatus"] == "Y"
    assert challenge.results()[0]["interactionCounter"] == "02"


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_a_payer_may_cancel(scheme, card, d1, version):
    challenge = scheme.challenge(card(d=f"{d1}072"), version)

    last = challenge.act(challenge.open(), cancel="1", code="")

    assert last.told("cres")["transStatus"] == "N"
    assert [verdict(rreq) for rreq in challenge.results()] == [("N", "01", "01")]


def test_a_result_may_never_be_reported(scheme, card):
    challenge = scheme.challenge(card(d="1075"))

    last = challenge.act(challenge.open())

    assert last.told("cres")["transStatus"] == "Y"
    assert challenge.results() == []
    assert challenge.events()[-1] == "CRes"


def test_a_result_may_be_reported_after_the_browser_left(quick_scheme, card, eventually):
    challenge = quick_scheme.challenge(card(d="1076"))

    last = challenge.act(challenge.open())

    assert last.told("cres")["transStatus"] == "Y"
    eventually(lambda: "RReq" in challenge.events())
    assert challenge.events()[-2:] == ["CRes", "RReq"]
    assert [verdict(rreq) for rreq in challenge.results()] == [("Y", None, None)]


def test_an_issuer_may_give_up_by_itself(quick_scheme, card, eventually):
    challenge = quick_scheme.challenge(card(d="1073"))

    assert 'http-equiv="refresh"' in challenge.open().html
    last = eventually(lambda: (page := challenge.look()).fields and page)

    assert last.told("cres")["transStatus"] == "N"
    assert [verdict(rreq) for rreq in challenge.results()] == [("N", "14", "04")]


def test_an_issuer_does_not_wait_for_ever(quick_scheme, card, eventually):
    never_opened = quick_scheme.challenge(card(d="1072"))
    left_alone = quick_scheme.challenge(card(d="2072"), "2.3.1")
    page = left_alone.open()

    eventually(lambda: never_opened.results() and left_alone.results())

    assert [verdict(rreq) for rreq in never_opened.results()] == [("N", "14", "05")]
    assert [verdict(rreq) for rreq in left_alone.results()] == [("N", "14", "04")]
    assert never_opened.open().told("erro")["errorCode"] == "402"
    assert left_alone.act(page, code="123456").told("cres")["transStatus"] == "N"


def test_a_page_may_try_to_take_over_the_window(scheme, card):
    page = scheme.challenge(card(d="1079")).open()

    assert 'top.location = "/escaped"' in page.html
    assert page.inputs["code"]
    assert scheme.get("/escaped").status == 400


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_a_page_that_is_loaded_again_goes_on(scheme, card, d1, version):
    challenge = scheme.challenge(card(d=f"{d1}072"), version)
    challenge.act(challenge.open(), code="1")

    again = challenge.open()
    last = challenge.act(again, code="123456")

    assert last.told("cres")["transStatus"] == "Y"
    assert challenge.results()[0]["interactionCounter"] == "02"
    assert challenge.events().count("CReq") == 1


def test_the_older_version_shows_the_end_again(scheme, card):
    challenge = scheme.challenge(card(d="1070"))
    last = challenge.act(challenge.open())

    assert challenge.open().fields == last.fields
    assert challenge.look().fields == last.fields
    assert len(challenge.results()) == 1


def test_the_newer_version_refuses_a_creq_after_the_result(scheme, card):
    challenge = scheme.challenge(card(d="2070"), "2.3.1")
    challenge.act(challenge.open())

    erro = challenge.open().told("erro")

    assert (erro["errorCode"], erro["errorComponent"]) == ("315", "A")
    assert erro["errorMessageType"] == "CReq"


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_another_creq_for_a_live_challenge_is_refused_and_changes_nothing(
    scheme, card, d1, version
):
    challenge = scheme.challenge(card(d=f"{d1}072"), version)
    page = challenge.open()

    refused = challenge.open(challenge.creq(challengeWindowSize="01"))

    assert refused.action == challenge.areq["notificationURL"]
    assert refused.told("erro")["errorCode"] == "305"
    assert refused.fields["threeDSSessionData"] == "SGVsbG8"
    assert challenge.act(page, code="123456").told("cres")["transStatus"] == "Y"


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"messageType": "RReq"}, "101", "messageType"),
        ({"messageType": None}, "201", "messageType"),
        ({"messageVersion": "2.1.0"}, "102", "messageVersion"),
        ({"messageVersion": "2.3.1"}, "305", "messageVersion"),
        ({"challengeWindowSize": None}, "201", "challengeWindowSize"),
        ({"challengeWindowSize": ""}, "203", "challengeWindowSize"),
        ({"challengeWindowSize": "06"}, "203", "challengeWindowSize"),
        ({"challengeWindowSize": 5}, "203", "challengeWindowSize"),
        ({"threeDSServerTransID": None}, "201", "threeDSServerTransID"),
        ({"threeDSServerTransID": "1"}, "203", "threeDSServerTransID"),
        (
            {"threeDSServerTransID": "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e"},
            "301",
            "threeDSServerTransID",
        ),
    ],
)
def test_a_wrong_creq_is_refused_by_way_of_the_browser(scheme, card, changes, code, detail):
    challenge = scheme.challenge(card(d="1072"))

    erro = challenge.open(challenge.creq(**changes)).told("erro")

    assert (erro["errorCode"], erro["errorDetail"]) == (code, detail)
    assert erro["acsTransID"] == challenge.ares["acsTransID"]
    assert challenge.open().inputs["code"]


@pytest.mark.parametrize(
    "creq",
    [
        "",
        "!",
        "e30",
        "e30=",
        "e3 0",
        "A",
        "bnVsbA",
        "eyJhIjoxLCJhIjoyfQ",
        "_____w",
    ],
)
def test_what_is_no_creq_leads_nowhere(scheme, card, creq):
    page = scheme.post("/challenge", {"creq": creq})

    assert (page.status, page.action) == (400, None)


def test_a_creq_for_nothing_known_leads_nowhere(scheme, card):
    challenge = scheme.challenge(card(d="1072"))
    nobody = challenge.creq(acsTransID="b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611")

    page = challenge.open(nobody)

    assert (page.status, page.action) == (400, None)
    assert scheme.get("/challenge/nobody").status == 404
    assert challenge.look().status == 404  # not opened yet


@pytest.mark.parametrize("session", ["x" * 1025, "a b", "<b>"])
def test_wrong_session_data_is_refused(scheme, card, session):
    challenge = scheme.challenge(card(d="1072"))
    challenge.session = session

    page = challenge.open()

    assert page.told("erro")["errorDetail"] == "threeDSSessionData"
    assert "threeDSSessionData" not in page.fields


def test_session_data_is_given_back_only_where_there_was_some(scheme, card):
    challenge = scheme.challenge(card(d="1070"))
    challenge.session = None

    assert list(challenge.act(challenge.open()).fields) == ["cres"]


@pytest.mark.parametrize("method", ["present", "late", "wrong_id", "silent"])
def test_the_method_page_calls_back_as_its_digit_says(scheme, method):
    server_id = "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e"
    url = "http://127.0.0.1:8000/3ds/method/r7Qk"
    data = {"threeDSServerTransID": server_id, "threeDSMethodNotificationURL": url}

    page = scheme.post(f"/method/{method}", {"threeDSMethodData": scheme.encoded(data)})

    assert page.status == 200
    if method == "silent":
        assert page.action is None
        return
    assert page.action == url
    told = page.told("threeDSMethodData")
    assert list(told) == ["threeDSServerTransID"]
    assert (told["threeDSServerTransID"] == server_id) == (method != "wrong_id")
    assert ("12000" in page.html) == (method == "late")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"threeDSServerTransID": "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e"},
        {
            "threeDSServerTransID": "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e",
            "threeDSMethodNotificationURL": "javascript:alert(1)",
        },
        {"threeDSServerTransID": "1", "threeDSMethodNotificationURL": "https://pay.example"},
    ],
)
def test_what_is_no_method_request_leads_nowhere(scheme, data):
    page = scheme.post("/method/present", {"threeDSMethodData": scheme.encoded(data)})

    assert (page.status, page.action) == (400, None)
    assert scheme.post("/method/none", {}).status == 404


def test_a_killed_sandbox_goes_on_with_its_challenges(own_scheme, card, eventually):
    open_one = own_scheme.challenge(card(d="1072"))
    page = open_one.act(open_one.open(), code="1")
    late = own_scheme.challenge(card(d="2076"), "2.3.1")
    late.act(late.open())
    ended = own_scheme.challenge(card(d="1071"))
    last = ended.act(ended.open())

    own_scheme.sandbox.kill()
    assert late.results() == []
    own_scheme.sandbox.start()

    assert open_one.act(page, code="123456").told("cres")["transStatus"] == "Y"
    assert open_one.results()[0]["interactionCounter"] == "02"
    assert len(open_one.results()[0]["authenticationValue"]) == 28
    eventually(late.results)
    assert ended.open().fields == last.fields
    assert len(ended.results()) == 1


def test_only_the_issuer_reports_results(scheme, card):
    challenge = scheme.challenge(card(d="1070"))
    challenge.act(challenge.open())
    (rreq,) = challenge.results()

    erro = scheme.send(rreq, path="/results").json()

    assert (erro["messageType"], erro["errorCode"]) == ("Erro", "303")
    assert len(challenge.results()) == 1


def test_a_result_goes_only_where_its_transaction_came_from(scheme, card):
    challenge = scheme.challenge(card(d="1070"))
    challenge.act(challenge.open())
    (rreq,) = challenge.results()

    def report(**changes):
        return scheme.send({**rreq, **changes}, path="/results", name="directory").json()

    unknown = "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e"
    assert report(dsTransID=unknown)["errorCode"] == "301"
    assert report(threeDSServerTransID=unknown)["errorCode"] == "301"
    assert report(messageVersion="2.3.1")["errorCode"] == "305"
    assert report(transStatus="X")["errorCode"] == "203"
    assert report(messageType="AReq")["errorCode"] == "101"
    assert len(challenge.results()) == 1
    assert report()["messageType"] == "RRes"
    # As a 3DS server that is gone, or is not one.
    gone = scheme.areq(card(d="1070"), threeDSServerURL="https://127.0.0.1:9/results")
    other = {"threeDSServerTransID": gone["threeDSServerTransID"]}
    other["dsTransID"] = scheme.ask(gone)["dsTransID"]
    assert report(**other)["errorCode"] == "405"


def test_the_newer_version_s_results_name_their_request(scheme, card):
    challenge = scheme.challenge(card(d="2070"), "2.3.1")
    challenge.act(challenge.open())

    rreq = challenge.results()[0]
    assert scheme.server.headers[scheme.server.results.index(rreq)]["X-Request-ID"]


def test_both_programs_keep_a_log(scheme, card):
    challenge = scheme.challenge(card(d="1070"))
    challenge.act(challenge.open())

    wanted = challenge.areq["threeDSServerTransID"]
    of_directory = [line for line in scheme.log("directory") if line["server_id"] == wanted]
    assert [line["kind"] for line in of_directory] == ["AReq", "ARes", "RReq", "RRes"]
    assert [line.get("status") for line in of_directory] == [None, "C", "Y", "01"]
    assert challenge.events() == ["AReq", "ARes", "CReq", "result", "RReq", "CRes"]
    lines = [line for line in scheme.log() if line.get("issuer_id") == challenge.ares["acsTransID"]]
    assert {(line["version"], line["card_ending"]) for line in lines} == {
        ("2.2.0", challenge.areq["acctNumber"][-4:])
    }
    assert all(line["at"].endswith("Z") for line in lines + of_directory)
