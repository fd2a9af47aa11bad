"""Asking a directory server through the vault: how often, with what, and what is made of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web

from issuer import BROWSER, SERVER_ID, ares
from paydesk import limits
from paydesk.cards import Vault
from paydesk.connectors.registry import connectors
from paydesk.kit.money import Money
from paydesk.kit.page_tokens import return_token
from paydesk.kit.sealing import Sealer
from paydesk.lookups import currency
from paydesk.threeds import (
    Asking,
    Authentication,
    Payer,
    Policy,
    Purchase,
    State,
    Status,
    Version,
    ask,
)

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))
ASKING = Asking(
    public_url="https://pay.example",
    results_url="https://results.example/3ds/results",
    page_key=KEY,
    sealer=Sealer(KEY),
    challenge_seconds=660,
)
SANDBOX = connectors("http://127.0.0.1:9", "https://directory.example/3ds")["sandbox"]
ASKED = Authentication(
    account_id=1,
    id=SERVER_ID,
    transaction_id="tra_1",
    state=State.ASKING,
    version=Version.V2_2_0,
    browser=BROWSER,
    policy=Policy(),
)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOT_SENT = {"lost": "connect", "sent": False}
TOO_LATE = {"lost": "timeout", "sent": True}
AWAY = 503


class Shelf:
    """In the vault's place at its socket: keeps what is asked, and replies by its list."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []

    async def take(self, request):
        self.asked.append(await request.json())
        reply = self.replies.pop(0)
        if isinstance(reply, int):
            return web.json_response({"fault": "away"}, status=reply)
        return web.json_response(reply)


@pytest.fixture
async def asked(anyio_backend):
    """Asks with such replies: what was heard, and what the vault was given each time."""
    folder, runners = TemporaryDirectory(prefix="pd-"), []

    async def run(*replies, **changes):
        shelf = Shelf(*replies)
        application = web.Application()
        application.router.add_post("/forward", shelf.take)
        runners.append(web.AppRunner(application))
        await runners[-1].setup()
        path = Path(folder.name) / f"{len(runners)}.sock"
        await web.UnixSite(runners[-1], str(path)).start()
        vault = Vault(f"unix:{path}")
        purchase = Purchase(Money(120_000, currency("ZAR")), "Corner shop", Payer())
        heard = await ask(
            ASKING, vault, SANDBOX, replace(ASKED, **changes), purchase, card_id="car_1", at=AT
        )
        await vault.close()
        assert shelf.replies == []
        return heard, shelf.asked

    yield run
    for runner in runners:
        await runner.cleanup()
    folder.cleanup()


def said(message, status=200):
    text = message if isinstance(message, str) else json.dumps(message)
    return {"answer": {"status": status, "body": text}}


def said_yes(**changes):
    return said(ares("Y", **changes))


async def test_the_question_goes_by_the_vault_and_its_answer_is_heard(asked):
    heard, (given,) = await asked(said_yes())
    assert (heard.status, heard.why) == (Status.AUTHENTICATED, None)
    assert heard.answer.status is Status.AUTHENTICATED
    assert (given["account"], given["card"], given["connector"]) == (1, "car_1", "sandbox")
    assert given["timeout_seconds"] == limits.AREQ_SECONDS_MAX
    assert given["request"]["method"] == "POST"
    assert given["request"]["url"] == "https://directory.example/3ds"
    body = given["request"]["body"]
    assert body["threeDSServerTransID"] == SERVER_ID
    assert body["threeDSServerURL"] == ASKING.results_url
    secret = return_token(SERVER_ID, KEY)
    assert body["notificationURL"] == f"https://pay.example/3ds/return/{secret}"
    assert body["purchaseDate"] == "20260301120000"
    assert set(given["fill"]) == {"/acctNumber", "/cardExpiryDate", "/cardholderName"}
    assert json.loads(heard.sent) == body


@pytest.mark.parametrize(
    ("changes", "completion"),
    [
        ({}, "U"),
        ({"method_url": "https://issuer.example/method"}, "N"),
        ({"method_url": "https://issuer.example/method", "method_seen_at": AT}, "Y"),
    ],
)
async def test_the_issuer_is_told_how_its_method_frame_ended(asked, changes, completion):
    _, (given,) = await asked(said_yes(), **changes)
    assert given["request"]["body"]["threeDSCompInd"] == completion


async def test_a_question_in_2_3_1_has_an_id_of_its_own(asked):
    _, (old,) = await asked(said_yes())
    _, (first,) = await asked(said_yes(), version=Version.V2_3_1)
    _, (second,) = await asked(said_yes(), version=Version.V2_3_1)
    assert "X-Request-ID" not in old["request"]["headers"]
    ids = {one["request"]["headers"]["X-Request-ID"] for one in (first, second)}
    assert len(ids) == 2


@pytest.mark.parametrize("first", [NOT_SENT, AWAY])
async def test_where_no_connection_could_be_made_it_is_asked_once_more(asked, first):
    heard, given = await asked(first, said_yes())
    assert heard.status is Status.AUTHENTICATED
    assert given[0] == given[1]


@pytest.mark.parametrize(("reply", "why"), [(NOT_SENT, "connect"), (AWAY, "vault_away")])
async def test_twice_is_all(asked, reply, why):
    heard, given = await asked(reply, reply)
    assert (heard.answer, heard.status, heard.why, heard.got) == (None, None, why, b"")
    assert len(given) == 2


async def test_what_may_have_arrived_is_not_asked_again(asked):
    heard, given = await asked(TOO_LATE)
    assert (heard.answer, heard.why) == (None, "timeout")
    assert len(given) == 1


@pytest.mark.parametrize(
    ("answer", "why", "status"),
    [
        ({"messageType": "Erro", "errorCode": "203"}, "erro_203", None),
        ({"messageType": "Erro"}, "erro_", None),
        ("<html>busy</html>", "malformed_101", None),
        ("", "malformed_101", None),
        (ares("Y", threeDSServerTransID="11111111-2222-3333-4444-555555555555"), None, None),
        (ares("Y", eci=None), None, None),
        (ares("N", eci=7), None, Status.DENIED),
        (ares("R", eci=7), None, Status.REJECTED),
        (ares("U", eci=7), None, None),
        (ares("C", eci=7), None, None),
    ],
)
async def test_of_a_message_at_fault_only_a_no_is_believed(asked, answer, why, status):
    heard, given = await asked(said(answer))
    assert (heard.answer, heard.status) == (None, status)
    assert heard.why == why if why else heard.why.startswith("malformed_")
    assert heard.got == (answer if isinstance(answer, str) else json.dumps(answer)).encode()
    assert len(given) == 1
