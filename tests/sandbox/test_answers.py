"""What comes back for an AReq: every third digit of the scheme, in both versions and brands."""

import json
import uuid

import httpx2
import pytest

from paydesk.sandbox.cavv import Proven, cavv

BRANDS = ["40000012", "52000012"]
VERSIONS = [("1", "2.2.0"), ("2", "2.3.1")]
ECI = {
    ("40000012", "Y"): "05",
    ("40000012", "A"): "06",
    ("52000012", "Y"): "02",
    ("52000012", "A"): "01",
}


def test_an_authentication_is_answered_with_its_proof(scheme):
    areq = scheme.areq("4000001200010007")

    ares = scheme.ask(areq)

    assert ares.pop("authenticationValue") == cavv(
        (scheme.folder / "cavv.key").read_bytes(),
        Proven(
            issuer_id=ares["acsTransID"],
            number="4000001200010007",
            minor=120000,
            currency="710",
            exponent=2,
            merchant_id="ACQ-MERCHANT-1",
            eci="05",
        ),
    )
    ids = {str(uuid.UUID(ares.pop(name))) for name in ("dsTransID", "acsTransID")}
    assert len(ids) == 2
    assert ares == {
        "messageType": "ARes",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": areq["threeDSServerTransID"],
        "dsReferenceNumber": "SANDBOX-DS-0001",
        "acsReferenceNumber": "SANDBOX-ACS-0001",
        "transStatus": "Y",
        "eci": "05",
    }


@pytest.mark.parametrize("prefix", BRANDS)
@pytest.mark.parametrize(("d1", "version"), [*VERSIONS, ("2", "2.2.0")])
@pytest.mark.parametrize(("d3", "status"), list(enumerate("YNARIU")))
def test_the_third_digit_makes_the_status(scheme, card, prefix, d1, version, d3, status):
    ares = scheme.ask(scheme.areq(card(prefix=prefix, d=f"{d1}0{d3}0"), version))

    assert (ares["transStatus"], ares["messageVersion"]) == (status, version)
    none = "07" if prefix == "40000012" else "00"
    assert ares["eci"] == ECI.get((prefix, status), none)
    assert len(ares.get("authenticationValue", "")) == (28 if status in "YA" else 0)
    assert ("transStatusReason" in ares) == (status in "NRU")
    if status in "NR":
        text = ares["cardholderInfo"] if version == "2.2.0" else ares["cardholderInfo"]["text"]
        assert 0 < len(text) <= 128
    else:
        assert "cardholderInfo" not in ares


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_a_challenge_says_where(scheme, card, d1, version):
    ares = scheme.ask(scheme.areq(card(d=f"{d1}072"), version))

    assert ares["transStatus"] == "C"
    assert ares["acsChallengeMandated"] == "Y"
    assert ares["acsURL"] == f"{scheme.issuer}/challenge"
    assert "eci" not in ares
    assert "authenticationValue" not in ares
    how = {"authenticationType": "02"} if version == "2.2.0" else {"authenticationMethod": ["02"]}
    assert {name: value for name, value in ares.items() if name.startswith("auth")} == how


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_an_issuer_s_error_is_handed_on(scheme, card, d1, version):
    areq = scheme.areq(card(d=f"{d1}080"), version)

    erro = scheme.ask(areq)

    assert (erro["messageType"], erro["errorComponent"]) == ("Erro", "A")
    assert erro["messageVersion"] == version
    assert erro["threeDSServerTransID"] == areq["threeDSServerTransID"]


@pytest.mark.parametrize(("d1", "version"), VERSIONS)
def test_a_malformed_answer_is_handed_on(scheme, card, d1, version):
    answer = scheme.send(scheme.areq(card(d=f"{d1}090"), version))

    assert answer.status_code == 200
    with pytest.raises(ValueError):
        json.loads(answer.content)


def test_an_issuer_without_an_answer_keeps_the_caller_waiting(scheme, card, eventually):
    areq = scheme.areq(card(d="1060"))

    with pytest.raises(httpx2.ReadTimeout):
        scheme.send(areq, timeout=httpx2.Timeout(30, read=0.5))

    eventually(
        lambda: any(line.get("server_id") == areq["threeDSServerTransID"] for line in scheme.log())
    )
    kinds = [
        line["kind"]
        for line in scheme.log()
        if line.get("server_id") == areq["threeDSServerTransID"]
    ]
    assert kinds == ["AReq"]


@pytest.mark.parametrize(
    "number",
    ["4242424242424242", "5555555555554444", "378282246310005", "4000000000000002"],
)
def test_the_classic_cards_are_authenticated_at_once(scheme, number):
    assert scheme.ask(scheme.areq(number))["transStatus"] == "Y"


@pytest.mark.parametrize("number", ["4111111111111111", "4000001200000008"])
def test_for_a_card_that_takes_no_part_the_directory_answers_itself(scheme, number):
    ares = scheme.ask(scheme.areq(number))

    assert (ares["transStatus"], ares["transStatusReason"]) == ("U", "13")
    assert ares["acsTransID"] == ares["dsTransID"]
    assert ares["acsReferenceNumber"] == ares["dsReferenceNumber"]


@pytest.mark.parametrize(("d", "version"), [("1000", "2.3.1"), ("9000", "2.2.0")])
def test_a_version_that_the_issuer_does_not_speak_is_refused(scheme, card, d, version):
    erro = scheme.ask(scheme.areq(card(d=d), version))

    assert (erro["errorCode"], erro["errorDetail"]) == ("102", "messageVersion")


def test_a_wish_for_trust_listing_is_answered_in_the_version_s_words(scheme, card):
    old = scheme.ask(scheme.areq(card(d="1000"), threeDSRequestorChallengeInd="09"))
    new = scheme.ask(scheme.areq(card(d="2000"), "2.3.1", threeDSRequestorChallengeInd=["09"]))

    assert (old["whiteListStatus"], new["trustListStatus"]) == ("N", "N")
    assert "trustListStatus" not in old
    assert "whiteListStatus" not in new


def test_a_mandated_challenge_is_made_where_the_card_would_have_passed_without(scheme, card):
    old = scheme.ask(scheme.areq(card(d="1000"), threeDSRequestorChallengeInd="04"))
    new = scheme.ask(scheme.areq(card(d="2020"), "2.3.1", threeDSRequestorChallengeInd=["04"]))
    refused = scheme.ask(scheme.areq(card(d="1010"), threeDSRequestorChallengeInd="04"))

    assert (old["transStatus"], new["transStatus"], refused["transStatus"]) == ("C", "C", "N")
    assert old["acsChallengeMandated"] == "Y"


def test_the_newer_version_names_request_and_response(scheme, card):
    headers = {"X-Request-ID": "req-1"}

    new = scheme.send(scheme.areq(card(d="2000"), "2.3.1"), headers=headers)
    old = scheme.send(scheme.areq(card(d="1000")), headers=headers)

    assert new.headers["X-Request-ID"] == "req-1"
    assert uuid.UUID(new.headers["X-Response-ID"])
    assert "X-Response-ID" not in old.headers


def test_a_caller_without_a_certificate_gets_no_answer(scheme):
    with pytest.raises(httpx2.TransportError):
        scheme.send(scheme.areq("4000001200010007"), name=None)


def test_no_card_number_and_no_proof_reach_the_disk(scheme, card):
    number = card(3, 1, 4, d="1072")
    scheme.ask(scheme.areq(number))
    value = scheme.ask(scheme.areq(card(3, 1, 4)))["authenticationValue"]

    written = b"".join(path.read_bytes() for path in scheme.folder.iterdir() if path.is_file())
    assert number.encode() not in written
    assert value.encode() not in written
