"""One suite that any connector to a bank must pass, as `test_conformance.py` is for acquirers.

A bank joins by its line in the registry and by `transcripts/<name>.json`.
"""

import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from paydesk.connectors.contract import (
    Answer,
    Approved,
    Collection,
    Credit,
    Declined,
    DeclineReason,
    Deposit,
    Modification,
    ModificationKind,
    Pending,
    Reversed,
    Stands,
    StatementPage,
    Unknown,
    Way,
)
from paydesk.connectors.registry import banks
from paydesk.kit.money import Currency, Money
from says_nothing import SAYS_NOTHING

KEY = bytes(range(32))
BANKS = banks("http://127.0.0.1:9402", KEY)
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ZAR = Currency("ZAR", 2)
REFERENCE = "tra_01k5m0000000000000000000/?#"
COLLECTION = {
    way: Collection(
        reference=REFERENCE,
        amount=Money(120000, ZAR),
        way=way,
        return_url="https://pay.example/bank/return/secret",
        notify_url="https://pay.example/bank/notify/bank",
        until=NOW + timedelta(minutes=10),
    )
    for way in Way
}
GIVING_BACK = [
    Modification(kind, "mod_01k/?#", REFERENCE, "bnk_1", Money(20000, ZAR))
    for kind in (ModificationKind.REFUND, ModificationKind.RETURN)
]


@pytest.fixture(params=BANKS.values(), ids=BANKS.keys())
def bank(request):
    return request.param


@pytest.fixture
def transcripts(bank):
    file = Path(__file__).parent / "transcripts" / f"{bank.manifest.name}.json"
    return json.loads(file.read_text())


def readers(bank):
    return {
        "collection": bank.read_collection,
        "inquiry": bank.read_inquiry,
        "reversal": bank.read_reversal,
        "modification": bank.read_modification,
        "modification inquiry": bank.read_modification_inquiry,
        "modification reversal": bank.read_modification_reversal,
    }


def requests(bank):
    yield from (bank.collect(order) for order in COLLECTION.values())
    yield bank.inquire(REFERENCE)
    yield bank.reverse(REFERENCE)
    yield bank.list_deposits(REFERENCE)
    yield from (bank.list_credits(after) for after in ("", "bnk_1/?#&"))
    for order in GIVING_BACK:
        yield bank.modify(order)
        yield bank.inquire_modification(order)
        yield bank.reverse_modification(order)


def answer_of(transcript):
    return Answer(transcript["status"], json.dumps(transcript["body"]).encode())


def test_every_transcript_is_read_as_what_it_means(bank, transcripts):
    assert transcripts.keys() == readers(bank).keys()
    for kind, read in readers(bank).items():
        for meaning, transcript in transcripts[kind].items():
            assert type(read(answer_of(transcript))).__name__ == meaning


@pytest.mark.parametrize("answer", SAYS_NOTHING)
def test_an_answer_that_says_nothing_settles_nothing(bank, answer):
    for read in [*readers(bank).values(), bank.read_deposits, bank.read_credits]:
        assert isinstance(read(answer), Unknown)


def test_what_is_cut_short_or_under_a_server_error_settles_nothing(bank, transcripts):
    for kind, read in readers(bank).items():
        for transcript in transcripts[kind].values():
            whole = answer_of(transcript)
            assert isinstance(read(Answer(whole.status, whole.body[:-1])), Unknown)
            assert isinstance(read(Answer(503, whole.body)), Unknown)


def test_requests_go_nowhere_but_to_the_manifests_origins(bank):
    for request in requests(bank):
        parts = urlsplit(request.url)
        assert f"{parts.scheme}://{parts.netloc}" in bank.manifest.origins
        assert not parts.fragment
        assert not request.fill


def test_links_and_codes_are_told_apart(bank):
    made = [bank.collect(order).body for order in COLLECTION.values()]
    assert made[0] != made[1]
    for body in made:
        assert REFERENCE in body.values()


def test_a_payer_is_sent_to_the_bank_and_nowhere_else(bank, transcripts):
    found = bank.read_collection(answer_of(transcripts["collection"]["Awaiting"]))
    parts = urlsplit(found.url)
    assert f"{parts.scheme}://{parts.netloc}" in bank.manifest.origins


@pytest.mark.parametrize(
    "page", [None, "", "https://evil.example/", "pay", 7, "/\0", "@evil.example"]
)
def test_a_page_that_is_not_the_banks_is_not_gone_to(bank, page):
    body = {"result": "open", "id": "bnk_1", "page": page}
    assert isinstance(bank.read_collection(answer_of({"status": 200, "body": body})), Unknown)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("paid", Approved("bnk_1")),
        ("waiting", Pending("bnk_1")),
        ("cancelled", Declined(DeclineReason.CANCELLED_BY_PAYER, "cancelled")),
        ("expired", Declined(DeclineReason.EXPIRED, "expired")),
        ("refused", Declined(DeclineReason.DECLINED_GENERIC, "refused")),
    ],
)
def test_what_could_not_be_ended_stands(bank, result, outcome):
    body = {"result": result, "id": "bnk_1", "page": "/pay/1"}
    assert bank.read_reversal(answer_of({"status": 200, "body": body})) == Stands(outcome)


def test_a_fence_before_the_question_moved_nothing(bank, transcripts):
    found = bank.read_reversal(answer_of(transcripts["reversal"]["Reversed"]))
    assert found == Reversed(had_approved=False)


def deposits(bank, *entries):
    body = {"credits": list(entries)}
    return bank.read_deposits(answer_of({"status": 200, "body": body}))


CREDIT = {"id": "bnk_1", "reference": "K7", "amount": 5, "currency": "ZAR", "sender": "S. Ender"}


def test_deposits_are_read_whole(bank):
    assert deposits(bank) == []
    assert deposits(bank, CREDIT, {**CREDIT, "id": "bnk_2", "sender": None}) == [
        Deposit("bnk_1", Money(5, ZAR), "S. Ender"),
        Deposit("bnk_2", Money(5, ZAR), None),
    ]


@pytest.mark.parametrize(
    "change",
    [
        *({"amount": amount} for amount in (0, -5, "5", True, 5.0)),
        *({"currency": "zar"}, {"currency": ""}, {"id": ""}, {"id": None}),
    ],
)
def test_a_deposit_that_is_not_understood_leaves_none_out(bank, change):
    assert isinstance(deposits(bank, CREDIT, {**CREDIT, **change}), Unknown)


def test_another_currency_is_no_deposit_and_hides_none(bank):
    abroad = {**CREDIT, "id": "bnk_2", "currency": "USD"}
    assert deposits(bank, abroad, CREDIT) == [Deposit("bnk_1", Money(5, ZAR), "S. Ender")]


def statement(bank, *entries, **changes):
    body = {"credits": list(entries), "next": "bnk_9", "has_more": False, **changes}
    return bank.read_credits(answer_of({"status": 200, "body": body}))


def test_a_statement_is_read_whole(bank):
    assert statement(bank) == StatementPage([], "bnk_9", has_more=False)
    other = {**CREDIT, "id": "bnk_2", "reference": "", "currency": "USD", "sender": None}
    assert statement(bank, CREDIT, other, has_more=True) == StatementPage(
        [Credit("bnk_1", "K7", 5, "ZAR", "S. Ender"), Credit("bnk_2", "", 5, "USD")],
        "bnk_9",
        has_more=True,
    )


def test_a_sum_is_not_overlooked_for_what_its_sender_wrote(bank):
    odd = {**CREDIT, "reference": "K7\0\n" + "x" * 5000, "sender": "\0"}
    (read,) = statement(bank, odd).credits
    assert (read.minor, read.sender) == (5, None)
    assert read.reference.isprintable()
    assert len(read.reference) <= 200


@pytest.mark.parametrize(
    "change",
    [
        *({"amount": amount} for amount in (0, -5, "5", True, 5.0, 2**63)),
        *({"currency": "zar"}, {"currency": ""}, {"id": ""}, {"id": None}, {"reference": None}),
    ],
)
def test_a_sum_that_is_not_understood_is_not_read_past(bank, change):
    assert isinstance(statement(bank, CREDIT, {**CREDIT, **change}), Unknown)


@pytest.mark.parametrize(
    "change", [{"next": None}, {"next": "x" * 5000}, {"next": "\0"}, {"has_more": "no"}]
)
def test_a_statement_that_does_not_say_how_to_go_on_is_not_understood(bank, change):
    assert isinstance(statement(bank, CREDIT, **change), Unknown)


def notice(body=b'{"id": "bnk_1", "reference": "tra_1"}', *, at=NOW, key=KEY):
    when = str(int(at.timestamp()))
    signature = hmac.digest(key, f"{when}.".encode() + body, "sha256").hex()
    return {"x-bank-timestamp": when, "x-bank-signature": signature}, body


def test_a_notice_names_its_reference(bank):
    assert bank.read_notice(*notice(), NOW) == "tra_1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_notice_is_nobodys(bank, seconds):
    assert bank.read_notice(*notice(at=NOW + timedelta(seconds=seconds)), NOW) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"reference": 7}', b"\xff", b"null"])
def test_a_signed_notice_of_nothing_names_nothing(bank, body):
    assert bank.read_notice(*notice(body), NOW) is None


def test_a_forged_notice_is_nobodys(bank):
    headers, body = notice(key=bytes(32))
    assert bank.read_notice(headers, body, NOW) is None
    headers, body = notice()
    for at in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[at // 8] ^= 1 << at % 8
        assert bank.read_notice(headers, bytes(flipped), NOW) is None
    assert bank.read_notice({**headers, "x-bank-timestamp": "٣"}, body, NOW) is None
    assert bank.read_notice({**headers, "x-bank-signature": "é"}, body, NOW) is None
    assert bank.read_notice({}, body, NOW) is None
