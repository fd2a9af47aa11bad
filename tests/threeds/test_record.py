"""The messages of an authentication as they are kept: all that was said, but no card, no proof."""

import hashlib

import pytest

from issuer import VALUE
from paydesk.kit import json
from paydesk.threeds import Heard, keep_message, keep_messages

pytestmark = pytest.mark.anyio

AREQ = {"messageType": "AReq", "threeDSCompInd": "Y", "purchaseAmount": "120000"}
CARD = {
    "acctNumber": "4000001200010700",
    "cardExpiryDate": "4012",
    "cardholderName": "Canary Holder",
}
ARES = {"messageType": "ARes", "transStatus": "Y", "eci": "05"}


async def kept(shop, asked):
    return await shop.owner.fetch(
        """
        select kind, body, digest from authentication_messages
        where authentication_id = $1 order by sequence
        """,
        asked.id,
    )


async def keep(shop, asked, raw, kind="RReq"):
    await shop.db.transact(lambda connection: keep_message(connection, asked, kind, raw))
    return (await kept(shop, asked))[-1]


async def test_a_question_and_its_answer_are_kept_without_card_and_proof(shop, begin):
    asked = await begin()
    heard = Heard(
        None, None, json.write(AREQ | CARD), json.write(ARES | {"authenticationValue": VALUE})
    )
    await shop.db.transact(lambda connection: keep_messages(connection, asked, heard))
    rows = await kept(shop, asked)
    assert [row["kind"] for row in rows] == ["AReq", "ARes"]
    assert [json.read_object(row["body"].encode()) for row in rows] == [AREQ, ARES]


async def test_a_question_without_an_answer_is_kept_alone(shop, begin):
    asked = await begin()
    heard = Heard(None, "timeout", json.write(AREQ), b"")
    await shop.db.transact(lambda connection: keep_messages(connection, asked, heard))
    assert [row["kind"] for row in await kept(shop, asked)] == ["AReq"]


async def test_a_message_is_known_again_by_all_of_it(shop, begin):
    raw = json.write({"messageType": "RReq", "authenticationValue": VALUE})
    row = await keep(shop, await begin(), raw)
    assert row["digest"] == hashlib.sha256(raw).digest()


@pytest.mark.parametrize(
    "raw", [b"4000001200010700", b'{"acctNumber": "4000001200010700"', b"\xff"]
)
async def test_of_what_is_no_message_only_its_length_is_kept(shop, begin, raw):
    row = await keep(shop, await begin(), raw)
    assert json.read_object(row["body"].encode()) == {"unreadable_bytes": len(raw)}


async def test_a_field_that_is_not_known_here_is_not_kept(shop, begin):
    """Schemes and issuers add fields of their own, and nobody knows what these hold."""
    known = {"messageType": "RReq", "transStatus": "Y", "eci": "05"}
    more = {
        "issuerNote": "4000001200010700",
        "messageExtension": [{"data": {"acctNumber": "4000001200010700", "value": VALUE}}],
    }
    row = await keep(shop, await begin(), json.write(known | more))
    assert json.read_object(row["body"].encode()) == known
