"""Whether the books agree with themselves and with the attempts they tell of."""

from dataclasses import dataclass

from paydesk.db.connection import Database


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries there are, and what is wrong; an empty list is well."""

    entries: int
    wrong: tuple[str, ...]


async def verify(db: Database) -> Verdict:
    """Reads the whole ledger: each entry's balance, an entry for each fact, and the sums."""
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
        union all
        select m.modification_id, m.fact from modification_moves m
        join modifications o on o.account_id = m.account_id and o.id = m.modification_id
        left join ledger_entries e on e.account_id = m.account_id
            and e.modification_id = m.modification_id
            and e.fact = case m.fact when 'approval' then o.kind else o.kind || '_reversal' end
        where m.fact is not null and o.kind <> 'void' and e.id is null
        """
    )
    surplus = await db.rows(
        """
        select e.id, e.transaction_id from ledger_entries e
        left join transactions t on t.account_id = e.account_id and t.id = e.transaction_id
        where t.id is null
            or (e.fact = 'approval' and t.approved_at is null)
            or (e.fact = 'reversal' and t.reversed_at is null)
        union all
        select e.id, e.modification_id from ledger_entries e
        join modifications o on o.account_id = e.account_id and o.id = e.modification_id
        where (e.fact = o.kind and o.approved_at is null)
            or (e.fact = o.kind || '_reversal' and o.reversed_at is null)
            or e.fact not in (o.kind, o.kind || '_reversal')
        """
    )
    sums = await db.rows(
        """
        select t.id from transactions t
        join (
            select account_id, transaction_id, -sum(l.amount) as owed
            from ledger_entries join ledger_lines l using (account_id)
            where l.entry_id = id and l.book = 'merchant' group by account_id, transaction_id
        ) e on e.account_id = t.account_id and e.transaction_id = t.id
        where t.state = 'approved' and e.owed <> t.captured - t.refunded
        """
    )
    wrong = [f"{row['entry_id']} does not balance in {row['currency']}" for row in unbalanced]
    wrong += [f"{row['transaction_id']} has no entry of its {row['fact']}" for row in missing]
    wrong += [f"{row['id']} tells of nothing {row['transaction_id']} did" for row in surplus]
    wrong += [f"{row['id']} has other sums than its entries" for row in sums]
    return Verdict(await db.value("select count(*) from ledger_entries"), tuple(wrong))
