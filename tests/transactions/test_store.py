"""What the database itself refuses, whatever a program asks of it."""

import asyncio
import itertools
from dataclasses import replace

import asyncpg
import pytest

from oracle import ATTEMPT_MOVES
from paydesk import transactions
from paydesk.kit import ids
from paydesk.kit.moves import Raced
from paydesk.transactions import State, Step

pytestmark = pytest.mark.anyio

STATES = [state.value for state in State]


async def insert(shop, attempt):
    await shop.db.transact(
        lambda connection: transactions.insert(
            connection, attempt, transactions.Step.SUBMIT, due_seconds=60
        )
    )


async def test_a_second_live_attempt_is_refused(shop):
    begun = await shop.begin(await shop.create())
    second = replace(begun.transaction, id=ids.new("tra"), attempt=2)
    with pytest.raises(Raced):
        await insert(shop, second)
    await shop.look_until_settled(begun.transaction)


async def test_an_attempts_number_is_used_once(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    await shop.look_until_settled(begun.transaction)
    with pytest.raises(Raced):
        await insert(shop, replace(begun.transaction, id=ids.new("tra")))


async def test_of_eight_who_move_it_one_does(shop):
    begun = await shop.begin(await shop.create())

    async def move(connection):
        await transactions.save_move(
            connection,
            begun.transaction,
            Step.LOSE,
            to=State.UNKNOWN,
            facts=(),
            look_seconds=0,
            hold_seconds=60,
            learnt={},
        )

    ended = await asyncio.gather(
        *(shop.db.transact(move) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ended) == ["NoneType", *["Raced"] * 7]
    assert await shop.look_until_settled(begun.transaction) == "reversed"


async def test_exactly_the_tables_moves_pass_in_the_database(shop):
    begun = await shop.begin(await shop.create())
    passed = set()
    for one, other in itertools.permutations(STATES, 2):
        transaction = shop.owner.transaction()
        await transaction.start()
        await shop.owner.execute("set local session_replication_role = replica")
        await shop.owner.execute(
            "update transactions set state = $2 where id = $1", begun.transaction.id, one
        )
        await shop.owner.execute("set local session_replication_role = origin")
        try:
            await shop.owner.execute(
                "update transactions set state = $2 where id = $1", begun.transaction.id, other
            )
            passed.add((one, other))
        except asyncpg.CheckViolationError:
            pass
        finally:
            await transaction.rollback()
    assert passed == {(a, b) for a, targets in ATTEMPT_MOVES.items() for b in targets}
    await shop.look_until_settled(begun.transaction)


@pytest.mark.parametrize(
    "table",
    ["ledger_entries", "ledger_lines", "checkout_moves", "transaction_moves", "events"],
)
@pytest.mark.parametrize("deed", ["update {} set account_id = 1", "delete from {}", "truncate {}"])
async def test_history_can_not_be_rewritten(shop, table, deed):
    await shop.pay(await shop.create())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await shop.db.execute(deed.format(table))


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
