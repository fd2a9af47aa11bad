"""Pages of a list, newest first, by keyset: a page far back costs what the first one costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paydesk.db.connection import Connection, Row
from paydesk.db.statement import Statement


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list is wanted: how many entries, after the one with the id `cursor`."""

    limit: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page's rows, and the cursor of the next page, None on the last."""

    rows: Sequence[Row]
    next_cursor: str | None


async def list_rows(
    connection: Connection,
    select: str,
    *,
    page: Page,
    conditions: Mapping[str, Any],
    values: Mapping[str, Any],
    alias: str,
) -> Listed:
    """The page's rows of an account, newest first.

    Shape: select ends before `where`; its main table's alias has account_id and id. conditions
        are SQL as keys, each with one `:name` beside those of values and the value of that name;
        those with None are left out. values has account_id.
    """
    chosen = {sql: value for sql, value in conditions.items() if value is not None}
    where = [f"{alias}.account_id = :account_id", *chosen]
    given = dict(values)
    for sql, value in chosen.items():
        (name,) = (name for name in Statement(sql).names if name not in values)
        given[name] = value
    if page.cursor is not None:
        where.append(f"{alias}.id < :cursor")
        given["cursor"] = page.cursor
    # One more than is shown tells whether there is a next page. It stands in the text, because a
    # planner that does not know the number prepares for a tenth of the table, with workers.
    statement = Statement(
        f"{select} where {' and '.join(where)} order by {alias}.id desc limit {page.limit + 1}"
    )
    rows = await statement.rows(connection, given)
    shown = rows[: page.limit]
    return Listed(shown, shown[-1]["id"] if len(rows) > page.limit else None)
