"""Entries in the books: two lines that come to nothing, once for each fact."""

import asyncpg
import pytest

from paydesk import ledger
from paydesk.kit import ids
from paydesk.kit.money import Currency, Money
from paydesk.ledger.entries import lines_of
from world import card

pytestmark = pytest.mark.anyio
ZAR = Currency("ZAR", 2)


async def lines(shop, attempt):
    rows = await shop.db.rows(
        """
        select e.fact, l.book, l.currency, l.amount from ledger_entries e
        join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
        where e.transaction_id = $1 order by e.id, l.position
        """,
        attempt.id,
    )
    return [tuple(row) for row in rows]


async def test_an_approval_is_owed_by_the_acquirer_to_the_merchant(shop):
    attempt = await shop.pay(await shop.create())
    assert await lines(shop, attempt) == [
        ("approval", "acquirer", "ZAR", 120000),
        ("approval", "merchant", "ZAR", -120000),
    ]


async def test_a_reversal_takes_it_back(shop):
    attempt = await shop.pay(await shop.create(), card(f1=6))
    await shop.look_until_settled(attempt)
    entries = await lines(shop, attempt)
    assert [amount for *_, amount in entries] == [120000, -120000, 120000, -120000]
    assert sum(amount for _, book, _, amount in entries if book == "acquirer") == 0


async def test_each_fact_is_posted_once(shop):
    attempt = await shop.pay(await shop.create())
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.db.transact(
            lambda connection: ledger.post(
                connection,
                attempt.account_id,
                attempt.id,
                fact="approval",
                amount=attempt.amount,
            )
        )


@pytest.mark.parametrize(
    "amounts", [(120000, -119999), (120000,), (1, 2), (-5, 4)], ids=["short", "one", "up", "down"]
)
async def test_the_database_refuses_what_does_not_balance(shop, amounts):
    attempt = await shop.pay(await shop.create())

    async def post(connection):
        id_ = ids.new("led")
        await connection.execute(
            "insert into ledger_entries values ($1, $2, $3, 'reversal')", 1, id_, attempt.id
        )
        for position, amount in enumerate(amounts):
            await connection.execute(
                "insert into ledger_lines values ($1, $2, $3, 'acquirer', 'ZAR', $4)",
                *(1, id_, position, amount),
            )

    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await shop.db.transact(post)


async def test_two_currencies_are_balanced_apart(shop):
    attempt = await shop.pay(await shop.create())

    async def post(connection):
        id_ = ids.new("led")
        await connection.execute(
            "insert into ledger_entries values ($1, $2, $3, 'reversal')", 1, id_, attempt.id
        )
        await connection.execute(
            """
            insert into ledger_lines values
                (1, $1, 0, 'acquirer', 'ZAR', 5), (1, $1, 1, 'merchant', 'USD', -5)
            """,
            id_,
        )

    with pytest.raises(asyncpg.CheckViolationError):
        await shop.db.transact(post)


@pytest.mark.parametrize("fact", ["approval", "reversal"])
@pytest.mark.parametrize("minor", [1, 120000, 10**12])
async def test_the_lines_of_every_fact_come_to_nothing(fact, minor):
    assert sum(line.amount.minor for line in lines_of(fact, Money(minor, ZAR))) == 0


async def test_the_books_verify_and_find_what_a_superuser_changed(shop):
    attempt = await shop.pay(await shop.create())
    assert (await ledger.verify(shop.owner)).wrong == ()
    connection, transaction = shop.owner, shop.owner.transaction()
    await transaction.start()
    await connection.execute("set local session_replication_role = replica")
    await connection.execute("update ledger_lines set amount = amount + 1 where amount > 0")
    await transaction.commit()
    verdict = await ledger.verify(shop.owner)
    assert verdict.entries >= 1
    assert any("does not balance" in fault for fault in verdict.wrong)
    await connection.execute(
        "begin; set local session_replication_role = replica; "
        "update ledger_lines set amount = amount - 1 where amount > 0; commit"
    )
    assert (await ledger.verify(shop.owner)).wrong == ()
    await connection.execute(
        "begin; set local session_replication_role = replica; "
        "delete from ledger_lines; delete from ledger_entries; commit"
    )
    verdict = await ledger.verify(shop.owner)
    assert f"{attempt.id} has no entry of a move of its money" in verdict.wrong


TAMPERED = [
    ("an entry without lines", "delete from ledger_lines where entry_id = :entry"),
    ("another currency", "update ledger_lines set currency = 'USD' where entry_id = :entry"),
    ("a changed book", "update ledger_lines set book = 'acquirer' where entry_id = :entry"),
    ("half of it", "update ledger_lines set amount = amount / 2 where entry_id = :entry"),
    ("a lost refund", "update transactions set refunded = 0 where id = :attempt"),
    ("a refund too many", "update transactions set refunded = refunded + 1 where id = :attempt"),
]


@pytest.mark.parametrize("deed", [deed for _, deed in TAMPERED], ids=[name for name, _ in TAMPERED])
async def test_what_a_superuser_changes_is_found(shop, deed):
    attempt = await shop.sale()
    await shop.modify(attempt, "refund", 5_000)
    assert attempt.id not in " ".join((await ledger.verify(shop.owner)).wrong)
    entry = await shop.db.value(
        "select id from ledger_entries where transaction_id = $1 and fact = 'approval'", attempt.id
    )
    changes = shop.owner.transaction()
    await changes.start()
    await shop.owner.execute("set local session_replication_role = replica")
    tampering = deed.replace(":entry", f"'{entry}'").replace(":attempt", f"'{attempt.id}'")
    await shop.owner.execute(tampering)
    wrong = " ".join((await ledger.verify(shop.owner)).wrong)
    await changes.rollback()
    assert attempt.id in wrong or entry in wrong
