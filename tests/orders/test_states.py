"""The life of an order: the table, pair by pair, and the database that knows it too."""

from itertools import product

import asyncpg
import pytest

from paydesk import lookups, orders
from paydesk.kit.moves import IllegalMove, step
from paydesk.orders.states import MERCHANT_STEPS, MOVES, State, Step

# Written out once more, by hand: state, step, next state.
LIFE = """
    PENDING         pay       PAID
    PENDING         pay_part  PARTIALLY_PAID
    PENDING         void      CANCELLED
    PENDING         cancel    CANCELLED
    PENDING         expire    EXPIRED
    PARTIALLY_PAID  pay       PAID
    PARTIALLY_PAID  pay_part  PARTIALLY_PAID
    PARTIALLY_PAID  refund    REFUNDED
    PAID            refund    REFUNDED
    CANCELLED       reopen    PENDING
    CANCELLED       expire    EXPIRED
    EXPIRED         reopen    PENDING
    EXPIRED         cancel    CANCELLED
"""
ROWS = {
    (State(state), Step(by)): State(to)
    for state, by, to in (line.split() for line in LIFE.strip().splitlines())
}


@pytest.mark.parametrize(("state", "by"), list(product(State, Step)))
def test_every_state_and_step_moves_as_written_or_not_at_all(state, by):
    if (state, by) in ROWS:
        assert step(MOVES, state, by).to is ROWS[state, by]
    else:
        with pytest.raises(IllegalMove):
            step(MOVES, state, by)


def test_the_states_are_the_lookups_of_order_status():
    assert {lookup.enum for lookup in lookups.group("order_status")} == set(State)


def test_the_merchant_moves_no_order_that_is_paid_and_pays_none():
    for (state, by), move in MOVES.items():
        if by in MERCHANT_STEPS.values():
            assert not state.is_paid
            assert not move.to.is_paid
            assert MERCHANT_STEPS[move.to] is by


@pytest.fixture
async def database(server):
    """A connection of the owner's, whose changes are taken back."""
    connection = await asyncpg.connect(server.database_url())
    changes = connection.transaction()
    await changes.start()
    yield connection
    await changes.rollback()
    await connection.close()


@pytest.fixture
def order(merchant):
    made = merchant.http.post(
        "/orders/create", json={"description": "Tea", "amount_total": "1.00", "currency": "ZAR"}
    )
    return made.json()["results"][0]


async def _move(database, order, *steps):
    account_id = await database.fetchval("select account_id from orders where id = $1", order["id"])
    for by in steps:
        await orders.move(database, account_id, order["id"], by)
    return account_id


@pytest.mark.anyio
async def test_a_move_is_saved_with_its_history(database, order):
    await _move(database, order, Step.PAY_PART, Step.PAY_PART, Step.PAY, Step.REFUND)
    row = await database.fetchrow("select status, moves from orders where id = $1", order["id"])
    assert tuple(row) == ("REFUNDED", 4)
    moves = await database.fetch(
        "select sequence, from_state, to_state, step from order_moves where order_id = $1",
        order["id"],
    )
    assert [tuple(move) for move in moves] == [
        (1, "PENDING", "PARTIALLY_PAID", "pay_part"),
        (2, "PARTIALLY_PAID", "PARTIALLY_PAID", "pay_part"),
        (3, "PARTIALLY_PAID", "PAID", "pay"),
        (4, "PAID", "REFUNDED", "refund"),
    ]
    for deed in ("update order_moves set step = 'pay'", "delete from order_moves"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction():
                await database.execute(deed)


@pytest.mark.anyio
async def test_an_order_that_stands_elsewhere_stays_there(database, order):
    account_id = await _move(database, order, Step.CANCEL)
    with pytest.raises(IllegalMove):
        await orders.move(database, account_id, order["id"], Step.PAY)
    await orders.follow(database, account_id, order["id"], Step.PAY)
    status = await database.fetchval("select status from orders where id = $1", order["id"])
    assert status == "CANCELLED"
    with pytest.raises(orders.OrderMissing):
        await orders.move(database, account_id + 1, order["id"], Step.REOPEN)


@pytest.mark.anyio
async def test_the_database_refuses_every_other_move(database, order):
    change = "update orders set status = $1 where id = $2"
    for state in State:
        legal = {move.to for (before, _), move in MOVES.items() if before is state} | {state}
        await database.execute("alter table orders disable trigger orders_legal")
        await database.execute(change, str(state), order["id"])
        await database.execute("alter table orders enable trigger orders_legal")
        for target in [*State, "nonsense"]:
            attempt = database.transaction()
            await attempt.start()
            if target in legal:
                await database.execute(change, str(target), order["id"])
            else:
                with pytest.raises(asyncpg.CheckViolationError, match=f"{state} to {target}"):
                    await database.execute(change, str(target), order["id"])
            await attempt.rollback()


@pytest.mark.anyio
async def test_the_database_lets_an_order_begin_pending_only(database, order):
    with pytest.raises(asyncpg.CheckViolationError, match="illegal start"):
        await database.execute(
            """
            insert into orders (account_id, id, reference, currency, amount_total, status)
            select account_id, 'ord_other', reference, currency, amount_total, 'PAID'
            from orders where id = $1
            """,
            order["id"],
        )
