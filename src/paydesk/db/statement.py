"""SQL with named values, so that a statement of seventy columns can be read and checked."""

import re
from collections.abc import Mapping
from typing import Any

from paydesk.db.connection import Connection, Row

# `:name`, but not the second colon of a cast `::text`.
_NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")


class Statement:
    """One statement, written once and run with a mapping of its values.

    >>> Statement("select :one::int + :two + :one").sql
    'select $1::int + $2 + $1'
    """

    def __init__(self, sql: str) -> None:
        names = list(dict.fromkeys(_NAME.findall(sql)))
        numbers = {name: f"${number}" for number, name in enumerate(names, start=1)}
        self.sql = _NAME.sub(lambda found: numbers[found[1]], sql).strip()
        self.names = names

    async def row(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        return await connection.fetchrow(self.sql, *[values[name] for name in self.names])

    async def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        return await connection.fetch(self.sql, *[values[name] for name in self.names])

    async def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Runs it and answers how many rows it touched."""
        tag = await connection.execute(self.sql, *[values[name] for name in self.names])
        return int(tag.rsplit(" ", 1)[-1])
