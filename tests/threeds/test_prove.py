"""What the acquirer is told of an authentication."""

from dataclasses import replace

import pytest

from issuer import (
    ANOTHER_ID,
    DIRECTORY_ID,
    ISSUER_ID,
    QUESTION,
    SERVER_ID,
    VALUE,
    ares,
    hear_ares,
    hear_rreq,
    question,
    rreq,
)
from paydesk.connectors.contract import Proof
from paydesk.threeds.ask import write_areq
from paydesk.threeds.model import Version
from paydesk.threeds.prove import prove

CHALLENGED = hear_ares(ares("C"))


def proof_of(answer, result=None, *, asked=QUESTION):
    return prove(asked.id, asked.version, asked.requestor, answer, result)


def test_a_frictionless_yes_is_proved_by_its_answer():
    assert proof_of(hear_ares(ares("Y"))) == Proof(
        eci="05",
        version="2.2.0",
        server_id=SERVER_ID,
        acquirer_bin="400000",
        acquirer_merchant_id="ACQ-MERCHANT-1",
        merchant_name="Loop Street Shop",
        merchant_country="ZA",
        value=VALUE,
        directory_id=DIRECTORY_ID,
        issuer_id=ISSUER_ID,
        status="Y",
    )


def test_a_challenge_is_proved_by_its_result():
    proof = proof_of(CHALLENGED, hear_rreq(rreq("A", transStatusReason="26")))

    assert (proof.status, proof.result_status, proof.eci) == ("C", "A", "06")
    assert (proof.value, proof.status_reason, proof.challenge_cancel) == (VALUE, "26", None)


def test_the_acquirer_is_told_the_name_that_the_issuer_was():
    asked = question(requestor=replace(QUESTION.requestor, name="a" * 64))

    proof = proof_of(hear_ares(ares("Y")), asked=asked)

    assert proof.merchant_name == write_areq(asked)[0]["merchantName"]


@pytest.mark.parametrize("status", "NURCDI")
def test_an_answer_that_is_no_yes_proves_nothing(status):
    with pytest.raises(ValueError, match="nothing was proved"):
        proof_of(hear_ares(ares(status)))


@pytest.mark.parametrize("status", "NUR")
def test_a_yes_does_not_count_against_the_result_s_no(status):
    with pytest.raises(ValueError, match="nothing was proved"):
        proof_of(hear_ares(ares("Y")), hear_rreq(rreq(status)))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ANOTHER_ID},
        {"directory_id": ANOTHER_ID},
        {"issuer_id": ANOTHER_ID},
        {"version": Version.V2_3_1},
    ],
)
def test_the_result_of_another_question_proves_nothing(changes):
    with pytest.raises(ValueError, match="another question"):
        proof_of(CHALLENGED, replace(hear_rreq(rreq("Y")), **changes))


def test_a_proof_does_not_show_its_value():
    assert VALUE not in repr(proof_of(hear_ares(ares("Y"))))
