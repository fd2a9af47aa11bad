"""The card ranges that a directory server hands out."""

import uuid
from itertools import pairwise

import pytest

from paydesk.sandbox.ranges import card_ranges, serial_of

# Of A.11 in the reliability paper.
NUMBERS = [
    "4000001200010007",
    "5200001200010002",
    "4000001200010106",
    "5200001200010101",
    "4000001200010205",
    "5200001200010200",
    "4000001200010304",
    "5200001200010309",
    "4000001200010403",
    "5200001200010408",
    "4000001200010502",
    "5200001200010507",
    "4000001200010601",
    "5200001200010606",
    "4000001200010700",
    "5200001200010705",
    "4000001200010718",
    "5200001200010713",
    "4000001200010726",
    "5200001200010721",
    "4000001200011005",
    "5200001200011000",
    "4000001200012722",
    "5200001200012727",
    "4000001200020725",
    "5200001200020720",
]
URL = "http://127.0.0.1:9000/method"
RANGES = card_ranges(URL)


def ranges_of(number, ranges=RANGES):
    # Numbers of different lengths are not compared.
    return [
        found
        for found in ranges
        if len(found.startRange) == len(number) and found.startRange <= number <= found.endRange
    ]


def preq(**changes):
    return {
        "messageType": "PReq",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": str(uuid.uuid4()),
        "threeDSServerRefNumber": "SANDBOX-3DSS-0001",
        **changes,
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_every_example_card_is_in_its_one_range(number):
    (found,) = ranges_of(number)

    end = {"1": "2.2.0", "2": "2.3.1"}[number[11]]
    assert (found.acsStartProtocolVersion, found.acsEndProtocolVersion) == ("2.2.0", end)
    method = {"0": f"{URL}/present", "1": None, "2": f"{URL}/silent"}[number[12]]
    assert found.threeDSMethodURL == method
    assert (found.actionInd, found.acsInfoInd) == ("A", ["01", "02"])


@pytest.mark.parametrize("d1", "0345678")
def test_other_cards_of_the_scheme_take_no_part(card, d1):
    assert ranges_of(card(d=f"{d1}000")) == []


def test_a_card_whose_lookup_is_down_shares_no_version(card):
    (found,) = ranges_of(card(d="9000"))

    assert (found.acsStartProtocolVersion, found.acsEndProtocolVersion) == ("1.0.2", "1.0.2")


@pytest.mark.parametrize(
    ("d2", "method"),
    [
        (0, "present"),
        (1, None),
        (2, "silent"),
        (3, "late"),
        (4, "wrong_id"),
        *[(d2, "present") for d2 in (5, 6, 7, 8, 9)],
    ],
)
@pytest.mark.parametrize("d1", "12")
def test_the_second_digit_makes_the_method(card, d1, d2, method):
    (found,) = ranges_of(card(9, 9, 9, d=f"{d1}{d2}00"))

    assert found.threeDSMethodURL == (method and f"{URL}/{method}")


@pytest.mark.parametrize("number", ["4242424242424242", "378282246310005", "4000000000000127"])
def test_a_classic_card_is_a_range_of_its_own(number):
    (found,) = ranges_of(number)

    assert (found.startRange, found.endRange) == (number, number)
    assert found.acsEndProtocolVersion == "2.2.0"
    assert found.threeDSMethodURL is None


def test_ranges_are_in_order_and_do_not_overlap():
    of_sixteen = [found for found in RANGES if len(found.startRange) == 16]

    assert len(of_sixteen) > 20_000
    for before, after in pairwise(of_sixteen):
        assert before.startRange <= before.endRange < after.startRange


def test_the_serial_number_is_that_of_the_ranges():
    assert serial_of(RANGES) == serial_of(card_ranges(URL))
    assert serial_of(RANGES) != serial_of(card_ranges("http://127.0.0.1:9001/method"))


@pytest.mark.parametrize("version", ["2.2.0", "2.3.1"])
def test_the_directory_hands_out_its_ranges_once(scheme, version):
    asked = preq(messageVersion=version)

    first = scheme.ask(asked)
    again = scheme.ask(preq(messageVersion=version, serialNum=first["serialNum"]))
    older = scheme.ask(preq(messageVersion=version, serialNum="1"))

    ranges = [
        found.model_dump(exclude_none=True) for found in card_ranges(f"{scheme.issuer}/method")
    ]
    assert first.pop("cardRangeData") == ranges == older.pop("cardRangeData")
    assert uuid.UUID(first.pop("dsTransID"))
    assert first == {
        "messageType": "PRes",
        "messageVersion": version,
        "threeDSServerTransID": asked["threeDSServerTransID"],
        "dsStartProtocolVersion": "2.2.0",
        "dsEndProtocolVersion": "2.3.1",
        "serialNum": again["serialNum"],
    }
    assert "cardRangeData" not in again


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"threeDSServerTransID": None}, "203", "threeDSServerTransID"),
        ({"threeDSServerTransID": "1"}, "203", "threeDSServerTransID"),
        ({"threeDSServerRefNumber": ""}, "203", "threeDSServerRefNumber"),
        ({"serialNum": ""}, "203", "serialNum"),
        ({"serialNum": "1" * 21}, "203", "serialNum"),
        ({"messageType": "RReq"}, "101", "messageType"),
        ({"messageVersion": "2.1.0"}, "102", "messageVersion"),
    ],
)
def test_a_wrong_question_is_refused(scheme, changes, code, detail):
    erro = scheme.ask(preq(**changes))

    assert (erro["errorCode"], erro["errorDetail"]) == (code, detail)
