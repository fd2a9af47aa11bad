"""Authentications and their messages as rows: found, noted, counted, forgotten in time."""

from dataclasses import replace

import asyncpg
import pytest

from issuer import BROWSER
from paydesk import limits, threeds
from paydesk.threeds import Policy, Script, State, Step, Version, store

pytestmark = pytest.mark.anyio

METHOD = {"state": State.METHOD, "method_url": "https://issuer.example/method"}
CHALLENGE = {
    "status": "C",
    "directory_id": "d",
    "issuer_id": "i",
    "challenge_url": "https://issuer.example/challenge",
}


async def ended(shop, asked, by=Step.END, said=None):
    return await shop.db.transact(lambda connection: threeds.move(connection, asked, by, said))


async def keep(shop, asked, kind, raw):
    await shop.db.transact(
        lambda connection: store.add_message(connection, asked, kind, raw, b"{}")
    )


@pytest.mark.parametrize(
    "browser",
    [
        BROWSER,
        replace(BROWSER, script=None, ip=None),
        replace(BROWSER, script=Script(True, "", 0, 0, 0, 0, 0, 840), accept="ü" * 3000),
    ],
)
@pytest.mark.parametrize("version", Version)
async def test_what_is_put_in_is_found_by_each_of_its_names(shop, begin, browser, version):
    asked = await begin(version=version, browser=browser, policy=Policy(True, False), **METHOD)
    found = [
        await store.of_transaction(shop.db, asked.account_id, asked.transaction_id),
        await store.of_token(shop.db, await token(shop, asked)),
    ]
    async with shop.db.connection() as connection, connection.transaction():
        found += [
            await store.of_id(connection, asked.id),
            await store.lock_of_transaction(connection, asked.account_id, asked.transaction_id),
        ]
    assert found == [asked] * 4


async def token(shop, asked):
    return await shop.db.value("select token_hash from authentications where id = $1", asked.id)


async def test_what_nobody_has_is_not_found(shop, begin):
    asked = await begin()
    assert await store.of_token(shop.db, bytes(32)) is None
    assert await store.of_transaction(shop.db, asked.account_id, "tra_other") is None
    assert await store.of_transaction(shop.db, asked.account_id + 1, asked.transaction_id) is None
    async with shop.db.connection() as connection:
        assert await store.of_id(connection, "00000000-0000-0000-0000-000000000000") is None
        another = asked.account_id + 1
        assert (await store.lock_of_transaction(connection, another, asked.transaction_id)) is None
        assert await store.sealed_value(connection, another, asked.id) is None


async def test_an_attempt_has_one_authentication(shop, begin):
    asked = await begin()
    second = replace(asked, id="3f1c7a52-d2d2-4067-bcb1-b08d1690b26e")
    async with shop.db.connection() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await store.insert(connection, second, token_hash=bytes(32))


async def test_the_method_frame_is_noted_once_and_only_while_it_is_waited_for(shop, begin, of):
    asked = await begin(**METHOD)
    await store.note_method(shop.db, asked)
    first = (await of(asked)).method_seen_at
    await store.note_method(shop.db, asked)
    assert first is not None
    assert (await of(asked)).method_seen_at == first
    late = await begin(**METHOD)
    await ended(shop, late, Step.ASK)
    await store.note_method(shop.db, late)
    assert (await of(late)).method_seen_at is None


async def test_the_first_return_from_a_challenge_counts(shop, begin, of):
    asked = await ended(shop, await begin(), Step.CHALLENGE, CHALLENGE)
    assert await store.note_return(shop.db, asked, "Y") is None
    noted = await of(asked)
    await store.note_return(shop.db, asked, "N")
    assert noted.returned_at is not None
    assert await of(asked) == noted
    assert noted.returned_status == "Y"


async def test_a_return_after_the_result_learns_what_that_was(shop, begin):
    asked = await ended(shop, await begin(), Step.CHALLENGE, CHALLENGE)
    await ended(shop, asked, Step.END, {"result_status": "N", "result_reason": "01"})
    assert await store.note_return(shop.db, asked, "Y") == "N"
    assert await store.note_return(shop.db, asked, "Y") is None  # it was noted before


async def test_nobody_returns_from_where_there_was_no_challenge(shop, begin, of):
    asked = await begin()
    await store.note_return(shop.db, asked, "Y")
    assert await of(asked) == asked


async def test_an_answer_and_a_result_are_told_apart(shop, begin):
    asked = await ended(shop, await begin(), Step.CHALLENGE, CHALLENGE)
    assert (asked.answer.status, asked.answer.eci, asked.result) == ("C", None, None)
    said = {"result_status": "Y", "eci": "05", "challenge_cancel": None}
    over = await ended(shop, asked, Step.END, said)
    assert (over.answer.status, over.answer.eci) == ("C", None)
    assert (over.result.status, over.result.eci) == ("Y", "05")
    assert (over.result.id, over.result.directory_id, over.result.issuer_id) == (asked.id, "d", "i")


async def test_messages_are_numbered_and_known_again_by_their_bytes(shop, begin):
    asked, other = await begin(), await begin()
    for kind, raw in (("AReq", b"1"), ("ARes", b"2"), ("RReq", b"3")):
        await keep(shop, asked, kind, raw)
    rows = await shop.owner.fetch(
        """
        select sequence, kind from authentication_messages
        where authentication_id = $1 order by sequence
        """,
        asked.id,
    )
    assert [tuple(row) for row in rows] == [(1, "AReq"), (2, "ARes"), (3, "RReq")]
    async with shop.db.connection() as connection:
        assert await store.has_message(connection, asked, "RReq")
        assert await store.has_message(connection, asked, "RReq", b"3")
        assert not await store.has_message(connection, asked, "RReq", b"4")
        assert not await store.has_message(connection, asked, "ARes", b"3")
        assert not await store.has_message(connection, other, "RReq")


@pytest.mark.parametrize(
    ("age", "stays"),
    [("539 days 23 hours", True), ("540 days 1 minute", False), ("10 years", False)],
)
async def test_messages_are_forgotten_after_the_days_they_are_kept(shop, begin, age, stays):
    asked = await begin()
    await keep(shop, asked, "AReq", b"1")
    await shop.owner.execute(
        "update authentication_messages set at = now() - $2::text::interval "
        "where authentication_id = $1",
        asked.id,
        age,
    )
    await store.forget_messages(shop.db, kept_days=540)
    async with shop.db.connection() as connection:
        assert await store.has_message(connection, asked, "AReq") == stays
        # The authentication itself stays: it tells who bears a loss.
        assert await store.of_id(connection, asked.id) == asked


@pytest.mark.parametrize(
    ("age", "stays"), [("539 days 23 hours", True), ("540 days 1 minute", False)]
)
async def test_browsers_are_forgotten_with_them_where_nobody_asked_too(shop, begin, of, age, stays):
    asked = await begin()
    await shop.owner.execute(
        "update authentications set created_at = now() - $2::text::interval where id = $1",
        asked.id,
        age,
    )
    await store.forget_messages(shop.db, kept_days=540)
    left = await of(asked)
    assert replace(left, browser=BROWSER) == asked
    assert (left.browser == BROWSER) == stays
    assert (left.browser.ip, left.browser.user_agent) == (
        (BROWSER.ip, BROWSER.user_agent) if stays else (None, "")
    )


async def test_the_oldest_are_forgotten_first_and_a_batch_at_a_time(shop, begin, monkeypatch):
    asked = await begin()
    for number in range(5):
        await keep(shop, asked, f"{number}", b"1")
    await shop.owner.execute(
        """
        update authentication_messages
        set at = now() - interval '100 years' - sequence * interval '1 day'
        where authentication_id = $1
        """,
        asked.id,
    )
    monkeypatch.setattr(limits, "MESSAGE_SWEEP_BATCH", 2)
    left = []
    for _ in range(3):
        await store.forget_messages(shop.db, kept_days=540)
        left.append(
            await shop.db.value(
                "select string_agg(kind, '' order by kind) from authentication_messages "
                "where authentication_id = $1",
                asked.id,
            )
        )
    assert left == ["012", "0", None]
