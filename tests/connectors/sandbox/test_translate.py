"""What the sandbox acquirer is sent, and how its answers are understood."""

import json

import pytest

from paydesk.connectors.contract import (
    Answer,
    Approved,
    Authorisation,
    CardField,
    Declined,
    DeclineReason,
    Modification,
    ModificationKind,
    NotReversed,
    Pending,
    Reversed,
    Unknown,
)
from paydesk.connectors.sandbox import SandboxConnector
from paydesk.kit.money import Currency, Money

REFUND = Modification(
    ModificationKind.REFUND, "tra_2", "tra_1", "acq_1", Money(5000, Currency("ZAR", 2))
)
CONNECTOR = SandboxConnector("http://127.0.0.1:9400")


def answer(status=200, **body):
    return Answer(status, json.dumps(body).encode())


def test_an_order_becomes_a_request_with_holes_for_the_card():
    order = Authorisation("tra_1", "ORD0045", Money(120000, Currency("ZAR", 2)), capture=True)

    request = CONNECTOR.authorise(order)

    assert (request.method, request.url) == ("POST", "http://127.0.0.1:9400/v1/authorisations")
    assert request.body == {
        "reference": "tra_1",
        "order": "ORD0045",
        "amount": 120000,
        "currency": "ZAR",
        "capture": True,
        "card": {},
    }
    assert request.fill == {
        "/card/number": CardField.NUMBER,
        "/card/expire_month": CardField.EXPIRE_MONTH,
        "/card/expire_year": CardField.EXPIRE_YEAR,
        "/card/security_code": CardField.SECURITY_CODE,
        "/card/name": CardField.NAME,
    }


def test_inquiry_and_reversal_name_the_reference():
    inquiry, reversal = CONNECTOR.inquire("tra_1"), CONNECTOR.reverse("tra_1")

    assert (inquiry.method, inquiry.body) == ("GET", None)
    assert inquiry.url == "http://127.0.0.1:9400/v1/authorisations/tra_1"
    assert (reversal.method, reversal.body) == ("POST", {"reference": "tra_1"})
    assert reversal.url == "http://127.0.0.1:9400/v1/reversals"


def test_a_refund_becomes_a_request_that_names_what_was_taken():
    request = CONNECTOR.modify(REFUND)

    assert (request.method, request.url) == ("POST", "http://127.0.0.1:9400/v1/modifications")
    assert request.body == {
        "reference": "tra_2",
        "kind": "refund",
        "of": "tra_1",
        "amount": 5000,
        "currency": "ZAR",
    }


def test_inquiry_and_reversal_of_a_modification_name_its_own_reference():
    inquiry = CONNECTOR.inquire_modification(REFUND)

    assert (inquiry.method, inquiry.body) == ("GET", None)
    assert inquiry.url == "http://127.0.0.1:9400/v1/modifications/tra_2"
    assert CONNECTOR.reverse_modification(REFUND) == CONNECTOR.reverse("tra_2")


def test_a_modification_above_what_is_left_is_declined_for_the_limit():
    declined = answer(result="declined", reason="exceeds_amount", code="61")

    assert CONNECTOR.read_modification(declined) == Declined(DeclineReason.LIMIT_EXCEEDED, "61")


def test_a_reversed_modification_is_found_as_an_explicit_no():
    finding = CONNECTOR.read_modification_inquiry(answer(result="reversed", code="12"))

    assert finding == Declined(DeclineReason.DECLINED_GENERIC, "reversed")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("05", DeclineReason.DECLINED_GENERIC),
        ("14", DeclineReason.INCORRECT_NUMBER),
        ("51", DeclineReason.INSUFFICIENT_FUNDS),
        ("54", DeclineReason.EXPIRED_CARD),
        ("N7", DeclineReason.INCORRECT_CVC),
        ("99", DeclineReason.DECLINED_GENERIC),
    ],
)
def test_a_decline_keeps_the_acquirers_code(code, reason):
    declined = answer(result="declined", reason="whatever", code=code)

    assert CONNECTOR.read_authorisation(declined) == Declined(reason, code)


def test_approved_and_review_are_read():
    approved = answer(result="approved", id="acq_1", authorisation_code="123456")

    assert CONNECTOR.read_authorisation(approved) == Approved("acq_1", "123456")
    assert CONNECTOR.read_authorisation(answer(result="review", id="acq_1")) == Pending("acq_1")


def test_a_reversed_reference_is_found_as_an_explicit_no():
    finding = CONNECTOR.read_inquiry(answer(result="reversed", had_approved=True))

    assert finding == Declined(DeclineReason.DECLINED_GENERIC, "reversed")


@pytest.mark.parametrize("had_approved", [True, False])
def test_a_reversal_tells_whether_there_was_an_approval(had_approved):
    reversed_ = answer(result="reversed", had_approved=had_approved)

    assert CONNECTOR.read_reversal(reversed_) == Reversed(had_approved)


def test_a_refused_reversal_is_read():
    refused = answer(result="refused", code="12")

    assert CONNECTOR.read_reversal(refused) == NotReversed("12")


@pytest.mark.parametrize(
    "body",
    [
        {"result": "approved"},
        {"result": "approved", "id": ""},
        {"result": "approved", "id": 5},
        {"result": "declined"},
        {"result": "declined", "code": None},
        {"result": "reversed", "had_approved": True},
        {"result": "APPROVED", "id": "acq_1"},
    ],
)
def test_an_authorisation_with_a_field_missing_settles_nothing(body):
    assert isinstance(CONNECTOR.read_authorisation(answer(**body)), Unknown)


@pytest.mark.parametrize("had_approved", [None, 1, "true"])
def test_a_reversal_that_does_not_say_what_it_undid_settles_nothing(had_approved):
    unclear = answer(result="reversed", had_approved=had_approved)

    assert isinstance(CONNECTOR.read_reversal(unclear), Unknown)
