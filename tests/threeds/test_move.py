"""The one door: who moves an authentication, and what is saved with a move."""

import asyncio

import pytest

from paydesk.kit.moves import IllegalMove, Raced
from paydesk.threeds import State, Step, move

pytestmark = pytest.mark.anyio


async def moved(shop, asked, by, said=None):
    return await shop.db.transact(lambda connection: move(connection, asked, by, said))


async def test_a_move_is_saved_with_what_was_said(shop, begin, of):
    asked = await begin()
    said = {"status": "N", "status_reason": "01", "directory_id": "d", "issuer_id": "i"}
    ended = await moved(shop, asked, Step.END, said)
    assert (ended.state, ended.moves) == (State.ENDED, 2)
    assert (ended.answer.status, ended.answer.reason) == ("N", "01")
    assert await of(asked) == ended


async def test_a_later_move_that_says_nothing_forgets_nothing(shop, begin):
    asked = await begin()
    said = {
        "status": "C",
        "directory_id": "d",
        "issuer_id": "i",
        "challenge_url": "https://issuer.example/challenge",
        "challenge_window": "03",
        "cardholder_text": "Call us.",
    }
    challenged = await moved(shop, asked, Step.CHALLENGE, said)
    ended = await moved(shop, challenged, Step.END)
    assert ended.answer == challenged.answer
    assert (ended.challenge_window, ended.answer.cardholder_text) == ("03", "Call us.")
    assert ended.result is None


async def test_a_step_that_the_table_has_not_is_refused(shop, begin, of):
    asked = await begin()
    with pytest.raises(IllegalMove):
        await moved(shop, asked, Step.ASK)
    assert await of(asked) == asked


async def test_whoever_read_it_before_a_move_is_too_late(shop, begin):
    asked = await begin()
    await moved(shop, asked, Step.CHALLENGE)
    with pytest.raises(Raced):
        await moved(shop, asked, Step.END)


async def test_of_eight_at_once_one_moves_it(shop, begin, of):
    asked = await begin(state=State.METHOD, method_url="https://issuer.example/method")
    steps = [Step.ASK, Step.END] * 4
    tries = await asyncio.gather(*(moved(shop, asked, by) for by in steps), return_exceptions=True)
    (only,) = [one for one in tries if not isinstance(one, Raced)]
    assert await of(asked) == only
    assert only.moves == 2
