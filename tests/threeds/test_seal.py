"""The authentication value: sealed at rest, and opened for the acquirer and nobody else."""

import base64
from dataclasses import replace

import pytest

from issuer import ANOTHER_ID, DIRECTORY_ID, ISSUER_ID, VALUE
from paydesk import threeds
from paydesk.connectors.registry import connectors
from paydesk.kit.sealing import SealBroken
from paydesk.threeds import Result, Status, Step, Version
from paydesk.threeds.model import Answer
from paydesk.threeds.seal import proof, said_in_answer, said_in_result

pytestmark = pytest.mark.anyio

SANDBOX = connectors("http://127.0.0.1:9", "https://127.0.0.1:9/3ds")["sandbox"]
YES = Answer(Status.AUTHENTICATED, DIRECTORY_ID, ISSUER_ID, value=VALUE, eci="05")
CHALLENGE = Answer(
    Status.CHALLENGE, DIRECTORY_ID, ISSUER_ID, challenge_url="https://issuer.example/challenge"
)


async def answered(shop, asked, answer, by=Step.END):
    said = said_in_answer(shop.acquiring.asking, asked, answer)
    return await shop.db.transact(lambda connection: threeds.move(connection, asked, by, said))


async def resulted(shop, asked, value=VALUE, status=Status.AUTHENTICATED):
    result = Result(
        id=asked.id,
        version=Version.V2_2_0,
        directory_id=DIRECTORY_ID,
        issuer_id=ISSUER_ID,
        status=status,
        value=value,
        eci="06",
    )
    said = said_in_result(shop.acquiring.asking, asked, result)
    return await shop.db.transact(
        lambda connection: threeds.move(connection, asked, Step.END, said)
    )


async def proven(shop, asked):
    async with shop.db.connection() as connection:
        return await proof(connection, shop.acquiring.asking, SANDBOX, asked, "Corner shop")


async def test_a_yes_is_kept_sealed_and_proves_again(shop, begin):
    asked = await answered(shop, await begin(), YES)
    assert asked.answer == replace(YES, value=None)
    made = await proven(shop, asked)
    assert (made.value, made.eci, made.status, made.result_status) == (VALUE, "05", "Y", None)
    assert (made.server_id, made.merchant_name) == (asked.id, "Corner shop")
    assert (made.directory_id, made.issuer_id) == (DIRECTORY_ID, ISSUER_ID)


async def test_after_a_challenge_the_results_value_counts(shop, begin):
    asked = await answered(shop, await begin(), CHALLENGE, Step.CHALLENGE)
    over = await resulted(shop, asked)
    made = await proven(shop, over)
    assert (made.value, made.eci, made.status, made.result_status) == (VALUE, "06", "C", "Y")


async def test_the_value_is_in_no_table_in_the_clear(shop, begin):
    first = await answered(shop, await begin(), YES)
    second = await answered(shop, await begin(), CHALLENGE, Step.CHALLENGE)
    await resulted(shop, second)
    raw = base64.b64decode(VALUE)
    tables = await shop.owner.fetch(
        """
        select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema in ('public', 'vault')
        """
    )
    assert len(tables) > 20
    for table in tables:
        for (row,) in await shop.owner.fetch(f"select t::text from {table['name']} t"):
            assert VALUE not in row, table["name"]
            assert raw.hex() not in row, table["name"]
            assert VALUE.encode().hex() not in row, table["name"]
    sealed = await shop.owner.fetch(
        "select sealed_value from authentications where id = any($1)", [first.id, second.id]
    )
    assert len({row["sealed_value"] for row in sealed}) == 2


async def test_a_value_opens_for_its_own_authentication_only(shop, begin):
    asked, other = (
        await answered(shop, await begin(), YES),
        await answered(shop, await begin(), YES),
    )
    await shop.owner.execute(
        """
        update authentications set sealed_value =
            (select sealed_value from authentications where id = $1) where id = $2
        """,
        asked.id,
        other.id,
    )
    with pytest.raises(SealBroken):
        await proven(shop, other)


@pytest.mark.parametrize("status", [Status.DENIED, Status.UNAVAILABLE, Status.REJECTED])
async def test_nothing_is_proved_by_what_is_no_yes(shop, begin, status):
    no = Answer(status, DIRECTORY_ID, ISSUER_ID, reason="01")
    asked = await answered(shop, await begin(), no)
    with pytest.raises(ValueError, match="nothing was proved"):
        await proven(shop, asked)
    challenged = await answered(shop, await begin(), CHALLENGE, Step.CHALLENGE)
    over = await resulted(shop, challenged, None, status)
    with pytest.raises(ValueError, match="nothing was proved"):
        await proven(shop, over)


async def test_nothing_is_proved_before_anybody_has_answered(shop, begin):
    with pytest.raises(ValueError, match="nothing was proved"):
        await proven(shop, await begin())
    challenged = await answered(shop, await begin(), CHALLENGE, Step.CHALLENGE)
    with pytest.raises(ValueError, match="nothing was proved"):
        await proven(shop, challenged)


async def test_a_result_of_another_question_proves_nothing(shop, begin):
    asked = await answered(shop, await begin(), CHALLENGE, Step.CHALLENGE)
    over = await resulted(shop, asked)
    other = replace(over, result=replace(over.result, id=ANOTHER_ID))
    with pytest.raises(ValueError, match="another question"):
        await proven(shop, other)


async def test_no_repr_shows_the_value(shop, begin):
    asked = await answered(shop, await begin(), YES)
    assert VALUE not in f"{asked!r} {YES!r} {await proven(shop, asked)!r}"
