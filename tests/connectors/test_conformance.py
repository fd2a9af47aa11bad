"""One suite that any connector must pass, whatever its acquirer.

A connector joins by its line in the registry and by `transcripts/<name>.json`: its acquirer's
answers to an authorisation, a modification, an inquiry about either and a reversal, named by what
they mean.
"""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

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
    NotFound,
    Proof,
    Unknown,
    origin_of,
)
from paydesk.connectors.registry import connectors
from paydesk.kit.money import Currency, Money
from says_nothing import SAYS_NOTHING

CONNECTORS = connectors("http://127.0.0.1:9400", "http://127.0.0.1:9401/areq")
ORDER = Authorisation(
    reference="tra_01k5m0000000000000000000/?#",
    order_reference="ORD 0045 {{card.number}} 4242424242424242",
    amount=Money(120000, Currency("ZAR", 2)),
    capture=True,
)
PROOF = Proof(
    eci="05",
    version="2.3.1",
    server_id="3f1c7a52-d2d2-4067-bcb1-b08d1690b26e",
    acquirer_bin="400000",
    acquirer_merchant_id="ACQ-MERCHANT-1",
    merchant_name="Loop Street Shop",
    merchant_country="ZA",
    value="AQaejvQ3QunVcrDkiErqX00zlJE=",
)
MODIFICATIONS = [
    Modification(
        kind=kind,
        reference="tra_01k5m0000000000000000001/?#",
        of_reference=ORDER.reference,
        of_provider_id="acq_01k",
        amount=Money(20000, Currency("ZAR", 2)),
    )
    for kind in ModificationKind
]


@pytest.fixture(params=CONNECTORS.values(), ids=CONNECTORS.keys())
def connector(request):
    return request.param


@pytest.fixture
def transcripts(connector):
    file = Path(__file__).parent / "transcripts" / f"{connector.manifest.name}.json"
    return json.loads(file.read_text())


def readers(connector):
    return {
        "authorisation": connector.read_authorisation,
        "inquiry": connector.read_inquiry,
        "modification": connector.read_modification,
        "modification inquiry": connector.read_modification_inquiry,
        "reversal": connector.read_reversal,
    }


def requests(connector):
    return [
        connector.authorise(ORDER),
        connector.inquire(ORDER.reference),
        connector.reverse(ORDER.reference),
    ]


def requests_to_modify(connector):
    for order in MODIFICATIONS:
        yield connector.modify(order)
        yield connector.inquire_modification(order)
        yield connector.reverse_modification(order)


def answer_of(transcript):
    return Answer(transcript["status"], json.dumps(transcript["body"]).encode())


def said(request):
    url = request.url.replace("%2F", "/").replace("%3F", "?").replace("%23", "#")
    return url + json.dumps(request.body)


def test_every_transcript_is_read_as_what_it_means(connector, transcripts):
    for kind, read in readers(connector).items():
        for meaning, transcript in transcripts[kind].items():
            assert type(read(answer_of(transcript))).__name__ == meaning


def test_yes_and_no_are_among_the_transcripts(transcripts):
    assert {"Approved", "Declined"} <= transcripts["authorisation"].keys()
    assert {"Approved", "Declined", "NotFound"} <= transcripts["inquiry"].keys()
    assert {"Approved", "Declined"} <= transcripts["modification"].keys()
    assert {"Approved", "Declined", "NotFound"} <= transcripts["modification inquiry"].keys()
    assert "Reversed" in transcripts["reversal"]


@pytest.mark.parametrize("answer", SAYS_NOTHING)
def test_an_answer_that_says_nothing_settles_nothing(connector, answer):
    for read in readers(connector).values():
        assert isinstance(read(answer), Unknown)


def test_a_yes_under_a_server_error_is_no_yes(connector, transcripts):
    for kind, read in readers(connector).items():
        for transcript in transcripts[kind].values():
            assert isinstance(read(answer_of({**transcript, "status": 503})), Unknown)


def test_a_yes_or_no_cut_short_settles_nothing(connector, transcripts):
    for kind, read in readers(connector).items():
        for transcript in transcripts[kind].values():
            whole = answer_of(transcript)
            assert isinstance(read(Answer(whole.status, whole.body[:-1])), Unknown)


@pytest.mark.parametrize("kind", ["authorisation", "modification"])
def test_not_found_is_an_answer_to_an_inquiry_only(connector, transcripts, kind):
    inquiry = {"authorisation": "inquiry", "modification": "modification inquiry"}[kind]
    not_found = answer_of(transcripts[inquiry]["NotFound"])

    assert isinstance(readers(connector)[inquiry](not_found), NotFound)
    assert isinstance(readers(connector)[kind](not_found), Unknown)


def test_an_approval_has_the_acquirers_id_and_a_decline_a_reason_of_the_list(
    connector, transcripts
):
    for kind in readers(connector).keys() - {"reversal"}:
        approved = readers(connector)[kind](answer_of(transcripts[kind]["Approved"]))
        declined = readers(connector)[kind](answer_of(transcripts[kind]["Declined"]))
        assert isinstance(approved, Approved)
        assert approved.provider_id
        assert isinstance(declined, Declined)
        assert declined.reason in DeclineReason


def test_requests_go_nowhere_but_to_the_manifests_origins(connector):
    for request in [*requests(connector), *requests_to_modify(connector)]:
        parts = urlsplit(request.url)
        assert f"{parts.scheme}://{parts.netloc}" in connector.manifest.origins
        assert parts.port is not None
        assert not parts.fragment


def test_every_request_carries_our_reference(connector):
    for request in requests(connector):
        assert ORDER.reference in said(request)
    for request in requests_to_modify(connector):
        assert MODIFICATIONS[0].reference in said(request)


def test_a_modification_says_what_is_to_be_done_to_what(connector):
    made = [connector.modify(order) for order in MODIFICATIONS]

    assert len({said(request) for request in made}) == len(ModificationKind)
    for request in made:
        assert ORDER.reference in said(request) or "acq_01k" in said(request)


def test_the_card_is_asked_for_by_pointers_into_the_body(connector):
    request = connector.authorise(ORDER)

    assert {CardField.NUMBER, CardField.EXPIRE_MONTH, CardField.EXPIRE_YEAR} <= set(
        request.fill.values()
    )
    for pointer in request.fill:
        *parents, name = pointer.removeprefix("/").split("/")
        place = request.body
        for parent in parents:
            place = place[parent]
        assert name not in place


def test_a_proof_is_carried_where_there_is_one(connector):
    proven = replace(ORDER, proof=PROOF)

    assert PROOF.value in json.dumps(connector.authorise(proven).body)
    assert PROOF.value not in json.dumps(connector.authorise(ORDER).body)
    assert connector.authorise(proven).fill == connector.authorise(ORDER).fill


def test_authentications_are_asked_for_at_the_manifest_s_origins(connector):
    directory = connector.manifest.directory
    if directory is not None:
        assert origin_of(directory.url) in connector.manifest.origins


def test_only_an_authorisation_asks_for_the_card(connector):
    assert not connector.inquire(ORDER.reference).fill
    assert not connector.reverse(ORDER.reference).fill
    assert not any(request.fill for request in requests_to_modify(connector))


def test_the_merchants_text_is_carried_untouched(connector):
    assert ORDER.order_reference in json.loads(json.dumps(connector.authorise(ORDER).body)).values()


def test_the_same_order_makes_the_same_request(connector):
    assert connector.authorise(ORDER) == connector.authorise(ORDER)
    assert list(requests_to_modify(connector)) == list(requests_to_modify(connector))


def test_no_amount_is_a_float(connector):
    def refuse(text):
        raise AssertionError(text)

    for request in [connector.authorise(ORDER), *requests_to_modify(connector)]:
        json.loads(json.dumps(request.body), parse_float=refuse)
