"""Writes entries into the journal, in the transaction of the move that caused them."""

from paydesk.db.connection import Connection
from paydesk.db.statement import Statement
from paydesk.kit import ids
from paydesk.kit.money import Money
from paydesk.ledger.entries import lines_of

_POST = Statement("""
    with entry as (
        insert into ledger_entries (
            account_id, id, transaction_id, modification_id, deposit_id, fact
        )
        values (:account_id, :id, :transaction_id, :modification_id, :deposit_id, :fact)
    )
    insert into ledger_lines (account_id, entry_id, position, book, currency, amount)
    select :account_id, :id, line.* from unnest(
        :positions::smallint[], :books::text[], :currencies::text[], :amounts::bigint[]
    ) as line
""")


async def post(
    connection: Connection,
    account_id: int,
    transaction_id: str,
    *,
    fact: str,
    amount: Money,
    modification_id: str | None = None,
    deposit_id: str | None = None,
    from_deposits: bool = False,
) -> None:
    """Posts the balanced entry of this fact about this attempt, a modification of it or a deposit.

    At most one of each can be posted.
    """
    lines = lines_of(fact, amount, from_deposits=from_deposits)
    await _POST.run(
        connection,
        {
            "account_id": account_id,
            "id": ids.new("led"),
            "transaction_id": transaction_id,
            "modification_id": modification_id,
            "deposit_id": deposit_id,
            "fact": fact,
            "positions": list(range(len(lines))),
            "books": [line.book for line in lines],
            "currencies": [line.amount.currency.code for line in lines],
            "amounts": [line.amount.minor for line in lines],
        },
    )
