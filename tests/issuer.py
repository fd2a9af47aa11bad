"""What an issuer is asked and what it says, as the reliability paper's A.14 has it, by version."""

from dataclasses import replace
from datetime import UTC, datetime

from paydesk import lookups
from paydesk.kit import json
from paydesk.kit.money import Money
from paydesk.threeds.hear import read_ares, read_rreq
from paydesk.threeds.model import Browser, Completion, Payer, Question, Requestor, Script, Version

SERVER_ID = "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e"
DIRECTORY_ID = "0c9a3a0e-7f0b-4d6e-9a51-2f6a5f0c1b77"
ISSUER_ID = "b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611"
ANOTHER_ID = "11111111-2222-3333-4444-555555555555"
VALUE = "AQaejvQ3QunVcrDkiErqX00zlJE="

REQUESTOR = Requestor(
    id="MERCH0001",
    name="Loop Street Shop",
    url="https://shop.example",
    acquirer_bin="400000",
    acquirer_merchant_id="ACQ-MERCHANT-1",
    mcc="5732",
    country="ZA",
    server_reference="SANDBOX-3DSS-0001",
)
SCRIPT = Script(
    java=False,
    language="en-ZA",
    color_depth=24,
    screen_width=1920,
    screen_height=1080,
    window_width=1200,
    window_height=900,
    time_zone=-120,
)
BROWSER = Browser(
    accept="text/html,*/*;q=0.8",
    user_agent="Mozilla/5.0 (sample)",
    accept_language="en-ZA,en;q=0.9",
    ip="203.0.113.7",
    script=SCRIPT,
)
QUESTION = Question(
    id=SERVER_ID,
    version=Version.V2_2_0,
    completion=Completion.DONE,
    amount=Money(120000, lookups.currency("ZAR")),
    at=datetime(2025, 9, 13, 10, 15, 30, tzinfo=UTC),
    requestor=REQUESTOR,
    browser=BROWSER,
    results_url="https://pay.example/3ds/rreq",
    notification_url="https://pay.example/3ds/return/Zk3v",
    payer=Payer("johndoe@mail.example", "+27831234567"),
)


def question(version=Version.V2_2_0, **changes):
    return replace(QUESTION, version=version, **changes)


def method_of(version):
    """How a challenge is made, as the version says it."""
    if version is Version.V2_2_0:
        return {"authenticationType": "02"}
    return {"authenticationMethod": ["02"]}


def ares(status="C", version=Version.V2_2_0, **changes):
    """An ARes with what its status asks for; a change to ... leaves the field out."""
    goes_with = {
        "Y": {"authenticationValue": VALUE, "eci": "05"},
        "A": {"authenticationValue": VALUE, "eci": "06"},
        "N": {"transStatusReason": "01"},
        "U": {"transStatusReason": "22"},
        "R": {"transStatusReason": "11"},
        "C": {
            "acsChallengeMandated": "Y",
            **method_of(version),
            "acsURL": "https://acs.example/challenge",
        },
    }
    message = {
        "messageType": "ARes",
        "messageVersion": version.value,
        "threeDSServerTransID": SERVER_ID,
        "dsTransID": DIRECTORY_ID,
        "acsTransID": ISSUER_ID,
        "dsReferenceNumber": "SANDBOX-DS-0001",
        "acsReferenceNumber": "SANDBOX-ACS-0001",
        "transStatus": status,
        **goes_with.get(status, {}),
    }
    return changed(message, changes)


def rreq(status="Y", version=Version.V2_2_0, **changes):
    """An RReq with what its status asks for; a change to ... leaves the field out."""
    goes_with = {
        "Y": {"authenticationValue": VALUE, "eci": "05"},
        "A": {"authenticationValue": VALUE, "eci": "06"},
        "N": {"transStatusReason": "19"},
        "U": {"transStatusReason": "22"},
        "R": {"transStatusReason": "11"},
    }
    message = {
        "messageType": "RReq",
        "messageVersion": version.value,
        "threeDSServerTransID": SERVER_ID,
        "dsTransID": DIRECTORY_ID,
        "acsTransID": ISSUER_ID,
        "messageCategory": "01",
        "transStatus": status,
        **method_of(version),
        "interactionCounter": "01",
        **goes_with.get(status, {}),
    }
    return changed(message, changes)


def changed(message, changes):
    return {name: value for name, value in (message | changes).items() if value is not ...}


def hear_ares(message, version=Version.V2_2_0, *, is_test=False):
    return read_ares(json.write(message), SERVER_ID, version, is_test=is_test)


def hear_rreq(message):
    return read_rreq(json.write(message))
