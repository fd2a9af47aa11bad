"""Whether the books agree with themselves and with the attempts they tell of."""

from dataclasses import dataclass

from paydesk.db.connection import Connection


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries there are, and what is wrong; an empty list is well."""

    entries: int
    wrong: tuple[str, ...]


# Each finds one kind of wrong; `id` names the entry or the attempt.
_CHECKS = {
    "{id} does not balance": """
        select entry_id as id from ledger_lines
        group by account_id, entry_id, currency having sum(amount) <> 0
    """,
    "{id} has other than two lines": """
        select e.id from ledger_entries e
        left join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
        group by e.account_id, e.id having count(l.position) <> 2
    """,
    "{id} tells of nothing that was done": """
        select e.id from ledger_entries e
        join transactions t on t.account_id = e.account_id and t.id = e.transaction_id
        left join modifications m on m.account_id = e.account_id and m.id = e.modification_id
        left join deposits d on d.account_id = e.account_id and d.id = e.deposit_id
        where not coalesce(case
            when e.deposit_id is not null then d.transaction_id = t.id and e.fact = 'deposit'
            when m.id is null and e.fact = 'approval' then t.approved_at is not null
            when m.id is null and e.fact = 'reversal' then t.reversed_at is not null
            when e.fact = m.kind then m.approved_at is not null
            when e.fact = m.kind || '_reversal' then m.reversed_at is not null
        end, false)
    """,
    "{id} has no entry of a move of its money": """
        select m.transaction_id as id from transaction_moves m
        left join ledger_entries e on e.account_id = m.account_id
            and e.transaction_id = m.transaction_id and e.fact = m.fact
        where m.fact is not null and e.id is null
        union
        select m.modification_id from modification_moves m
        join modifications o on o.account_id = m.account_id and o.id = m.modification_id
        left join ledger_entries e on e.account_id = m.account_id
            and e.modification_id = m.modification_id
            and e.fact = case m.fact when 'approval' then o.kind else o.kind || '_reversal' end
        where m.fact is not null and o.kind <> 'void' and e.id is null
    """,
    "{id} has no entry": """
        select d.id from deposits d
        left join ledger_entries e on e.account_id = d.account_id and e.deposit_id = d.id
        where e.id is null
    """,
    "{id} has other deposits than it received": """
        select t.id from transactions t
        left join (
            select account_id, transaction_id, sum(amount) as amount
            from deposits group by account_id, transaction_id
        ) d on d.account_id = t.account_id and d.transaction_id = t.id
        where t.received <> coalesce(d.amount, 0)
    """,
    "{id} owes its payer other than the books say": """
        select t.id from transactions t
        left join (
            select e.account_id, e.transaction_id, sum(l.amount) as amount
            from ledger_entries e
            join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
            where l.book = 'deposits' group by e.account_id, e.transaction_id
        ) s on s.account_id = t.account_id and s.transaction_id = t.id
        where -coalesce(s.amount, 0) <> t.received - t.returned
            - case when t.state = 'approved' and t.received > 0 then t.amount else 0 end
    """,
    # In each book, and in its own currency alone; a sum that is wanted and has no line is missed.
    # What payers are owed is in the acquirer's book too, until it pays or goes back.
    "{id} has other sums than its entries": """
        select t.id from transactions t
        cross join (values ('acquirer', 1), ('merchant', -1)) as b (book, sign)
        left join (
            select e.account_id, e.transaction_id, replace(l.book, 'deposits', 'acquirer') as book,
                sum(l.amount) as amount, array_agg(distinct l.currency) as currencies
            from ledger_entries e
            join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
            group by e.account_id, e.transaction_id, replace(l.book, 'deposits', 'acquirer')
        ) s on s.account_id = t.account_id and s.transaction_id = t.id and s.book = b.book
        where t.state in ('approved', 'declined', 'reversed') and (
            coalesce(s.amount, 0)
                <> b.sign * case t.state when 'approved' then t.captured - t.refunded else 0 end
            or s.currencies <> array[t.currency]
        )
    """,
    "{id} has other sums than what was done with it": """
        select t.id from transactions t
        left join (
            select account_id, transaction_id,
                coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured,
                coalesce(sum(amount) filter (where kind = 'void'), 0) as voided,
                coalesce(sum(amount) filter (where kind = 'refund'), 0) as refunded,
                coalesce(sum(amount) filter (where kind = 'return'), 0) as returned
            from modifications where state = 'approved' group by account_id, transaction_id
        ) m on m.account_id = t.account_id and m.transaction_id = t.id
        where t.returned <> coalesce(m.returned, 0)
            or t.state = 'approved' and (t.captured, t.voided, t.refunded) is distinct from (
                case when t.is_hold then 0 else t.amount end + coalesce(m.captured, 0),
                coalesce(m.voided, 0), coalesce(m.refunded, 0)
            )
    """,
}


async def verify(connection: Connection) -> Verdict:
    """Reads the whole ledger beside the attempts and modifications that it tells of."""
    wrong = []
    for sentence, sql in _CHECKS.items():
        wrong += sorted({sentence.format(id=row["id"]) for row in await connection.fetch(sql)})
    entries: int = await connection.fetchval("select count(*) from ledger_entries")
    return Verdict(entries, tuple(wrong))
