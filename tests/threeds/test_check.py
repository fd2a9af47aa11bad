"""Every field of an answer and a result, spoiled in every way, gets the right code.

Source: reliability paper 3DS-1, its 300 mutated messages.
"""

from functools import partial

import pytest

from issuer import ANOTHER_ID, SERVER_ID, ares, hear_ares, hear_rreq, rreq
from paydesk.kit import json
from paydesk.threeds.hear import read_ares, read_rreq
from paydesk.threeds.model import MessageAtFault, Version

OLD, NEW = Version
LONG = "x" * 5000

# What every spoiled field is told as; the heads of a message have codes of their own.
SPOILED = {
    "missing": (..., "201"),
    "empty": ("", "203"),
    "null": (None, "203"),
    "over-long": (LONG, "203"),
    "number": (7, "203"),
    "boolean": (True, "203"),
    "array": ([], "203"),
    "object": ({}, "203"),
}
HEADS = {("messageType", "over-long"): "101", ("messageVersion", "over-long"): "102"}
MAY_BE_LEFT_OUT = {
    "acsOperatorID": "ACS-1",
    "acsDecConInd": "N",
    "interactionCounter": "01",
    "challengeCancel": "01",
}
LISTED = {OLD: {"whiteListStatus": "Y"}, NEW: {"trustListStatus": "Y"}}
# A nested object that is there but empty lacks what it must have.
NESTED = {("cardholderInfo", "object"): "201"}


def cardholder_info(version):
    return {"cardholderInfo": "Call us" if version is OLD else {"text": "Call us"}}


def messages(version):
    """A message for each set of fields that go together, with the names of those it needs."""
    for status in "CYN":
        needed = ares(status, version)
        optional = {name: MAY_BE_LEFT_OUT[name] for name in ("acsOperatorID", "acsDecConInd")}
        yield "ares", needed | optional | LISTED[version] | cardholder_info(version), needed.keys()
    for status in "YN":
        needed = rreq(status, version, interactionCounter=...)
        method = {"authenticationType", "authenticationMethod"}
        optional = {
            name: MAY_BE_LEFT_OUT[name] for name in ("interactionCounter", "challengeCancel")
        }
        yield "rreq", needed | optional | LISTED[version], needed.keys() - method


def mutations():
    seen = set()
    for version in Version:
        for kind, message, needed in messages(version):
            for name in message:
                if (version, kind, name) in seen:
                    continue
                seen.add((version, kind, name))
                for way, (value, code) in SPOILED.items():
                    if way == "missing" and name not in needed:
                        continue
                    spoiled = {**message, name: value}
                    if value is ...:
                        del spoiled[name]
                    expected = HEADS.get((name, way)) or code
                    if version is NEW and (name, way) in NESTED:
                        expected = NESTED[name, way]
                    label = f"{version}-{kind}-{message['transStatus']}-{name}-{way}"
                    yield pytest.param(kind, version, spoiled, name, expected, id=label)


MUTATIONS = list(mutations())


def fault_of(kind, version, raw):
    read = partial(read_ares, question_id=SERVER_ID, version=version, is_test=False)
    with pytest.raises(MessageAtFault) as raised:
        (read if kind == "ares" else read_rreq)(raw)
    return raised.value.fault


@pytest.mark.parametrize("version", Version)
def test_unspoiled_they_are_taken(version):
    for kind, message, _ in messages(version):
        assert hear_ares(message, version) if kind == "ares" else hear_rreq(message)


def test_there_are_more_than_three_hundred():
    assert len(MUTATIONS) > 300


@pytest.mark.parametrize(("kind", "version", "message", "name", "code"), MUTATIONS)
def test_a_spoiled_field_has_its_code_and_is_named(kind, version, message, name, code):
    fault = fault_of(kind, version, json.write(message))

    assert fault.code == code
    if code != "102":
        assert fault.detail.split(".")[0] == name


@pytest.mark.parametrize(
    ("kind", "version", "message"),
    [
        pytest.param(kind, version, message, id=f"{version}-{kind}-{message['transStatus']}")
        for version in Version
        for kind, message, _ in messages(version)
    ],
)
def test_a_field_that_is_there_twice_is_named(kind, version, message):
    for name in message:
        once = json.write({name: message[name]})
        twice = once[:-1] + b"," + json.write(message)[1:]
        fault = fault_of(kind, version, twice)
        assert (fault.code, fault.detail) == ("204", name)


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("name", ["threeDSServerTransID", "dsTransID", "acsTransID"])
@pytest.mark.parametrize(
    "text",
    [
        ANOTHER_ID[:-1],
        ANOTHER_ID + "0",
        ANOTHER_ID.replace("-", ""),
        "{" + ANOTHER_ID[1:-1] + "}",
        "g" + ANOTHER_ID[1:],
        "１" + ANOTHER_ID[1:],
        ANOTHER_ID[:-1] + "\n",
    ],
)
def test_an_id_that_is_no_uuid_is_at_fault(version, name, text):
    for kind, message in (("ares", ares("Y", version)), ("rreq", rreq("Y", version))):
        fault = fault_of(kind, version, json.write({**message, name: text}))
        assert (fault.code, fault.detail) == ("203", name)
