"""Whether the books agree with themselves and with the attempts they tell of."""

from dataclasses import dataclass

from paydesk.db.connection import Database


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries there are, and what is wrong; an empty list is well."""

    entries: int
    wrong: tuple[str, ...]


async def verify(db: Database) -> Verdict:
    """Reads the whole ledger: balance of each entry, and an entry for each fact of each move."""
    unbalanced = await db.rows(
        """
        select entry_id, currency from ledger_lines
        group by account_id, entry_id, currency having sum(amount) <> 0
        """
    )
    missing = await db.rows(
        """
        select m.transaction_id, m.fact from transaction_moves m
        left join ledger_entries e on e.account_id = m.account_id
            and e.transaction_id = m.transaction_id and e.fact = m.fact
        where m.fact is not null and e.id is null
        """
    )
    surplus = await db.rows(
        """
        select e.id, e.transaction_id from ledger_entries e
        left join transactions t on t.account_id = e.account_id and t.id = e.transaction_id
        where t.id is null
            or (e.fact = 'approval' and t.approved_at is null)
            or (e.fact = 'reversal' and t.reversed_at is null)
        """
    )
    wrong = [f"{row['entry_id']} does not balance in {row['currency']}" for row in unbalanced]
    wrong += [f"{row['transaction_id']} has no entry of its {row['fact']}" for row in missing]
    wrong += [f"{row['id']} tells of nothing {row['transaction_id']} did" for row in surplus]
    return Verdict(await db.value("select count(*) from ledger_entries"), tuple(wrong))
