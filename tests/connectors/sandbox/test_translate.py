"""What the sandbox acquirer is sent, and how its answers are understood."""

import json
from dataclasses import fields

import pytest

from paydesk.connectors.contract import (
    Answer,
    Approved,
    Authorisation,
    CardField,
    Declined,
    DeclineReason,
    Directory,
    Modification,
    ModificationKind,
    NotReversed,
    Pending,
    Proof,
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


PROOF = Proof(
    eci="05",
    version="2.2.0",
    server_id="3f1c7a52-d2d2-4067-bcb1-b08d1690b26e",
    acquirer_bin="400000",
    acquirer_merchant_id="ACQ-MERCHANT-1",
    merchant_name="Loop Street Shop",
    merchant_country="ZA",
    value="AQaejvQ3QunVcrDkiErqX00zlJE=",
    directory_id="0c9a3a0e-7f0b-4d6e-9a51-2f6a5f0c1b77",
    issuer_id="b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611",
    status="C",
    result_status="Y",
)


def test_the_proof_of_an_authentication_goes_along():
    order = Authorisation(
        "tra_1", "ORD0045", Money(120000, Currency("ZAR", 2)), capture=True, proof=PROOF
    )

    request = CONNECTOR.authorise(order)

    assert request.body["authentication"] == {
        "version": "2.2.0",
        "eci": "05",
        "value": "AQaejvQ3QunVcrDkiErqX00zlJE=",
        "directory_id": "0c9a3a0e-7f0b-4d6e-9a51-2f6a5f0c1b77",
        "server_id": "3f1c7a52-d2d2-4067-bcb1-b08d1690b26e",
        "issuer_id": "b5d0c1e4-52f0-4c1d-9d3e-7d1c2a90f611",
        "status": "C",
        "result_status": "Y",
        "status_reason": None,
        "challenge_cancel": None,
        "acquirer_bin": "400000",
        "acquirer_merchant_id": "ACQ-MERCHANT-1",
        "merchant_name": "Loop Street Shop",
        "merchant_country": "ZA",
    }
    assert set(request.body["authentication"]) == {field.name for field in fields(Proof)}
    assert PROOF.value not in repr(order)


def test_a_connector_without_a_directory_server_asks_for_no_authentication():
    assert CONNECTOR.manifest.directory is None
    assert CONNECTOR.manifest.origins == {"http://127.0.0.1:9400"}


def test_the_directory_server_is_one_of_the_places_that_requests_may_go():
    manifest = SandboxConnector("http://127.0.0.1:9400", "https://ds.example/areq").manifest

    assert manifest.origins == {"http://127.0.0.1:9400", "https://ds.example:443"}
    assert manifest.directory == Directory(
        url="https://ds.example/areq",
        server_reference="SANDBOX-3DSS-0001",
        requestor_id="MERCH0001",
        acquirer_bin="400000",
        acquirer_merchant_id="ACQ-MERCHANT-1",
        mcc="5732",
        country="ZA",
    )


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
        ("82", DeclineReason.AUTHENTICATION_FAILED),
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


@pytest.mark.parametrize(("eci", "read"), [("07", "07"), (None, None), (7, None), ("", None)])
def test_the_indicator_that_counted_in_the_end_is_read(eci, read):
    approved = answer(result="approved", id="acq_1", eci=eci)

    assert CONNECTOR.read_authorisation(approved) == Approved("acq_1", eci=read)
    assert CONNECTOR.read_inquiry(approved) == Approved("acq_1", eci=read)


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
