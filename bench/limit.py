"""How fast could creating be? pgbench runs the store's own inserts with nothing around them.

Statements and values come from the stores of checkouts and orders, so they cannot drift apart.
Only what has to be new in every transaction is made in SQL, from a number that pgbench counts.
"""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.body import body, order_body
from bench.load import CONNECTIONS
from bench.server import Server
from bench.table import Load
from paydesk import orders
from paydesk.checkouts import Terms, read_create, store
from paydesk.db.postgres_programs import find_programs
from paydesk.db.statement import Statement
from paydesk.payment_methods import MethodType, PaymentMethod, PaymentMethodID
from paydesk.settings import read_settings

# Any will do: nothing of it is written.
_CARD = PaymentMethod(PaymentMethodID("pam_bench"), MethodType.CARD, "BENCH")

_FRESH: Mapping[str, str] = {
    "checkout_id": "('chk_' || lpad(:number::text, 26, '0'))",
    "session_id": "('ses_' || lpad(:number::text, 26, '0'))",
    "order_id": "('ord_' || lpad(:number::text, 26, '0'))",
    "order_reference": "('ORD' || lpad(:number::text, 12, '0'))",
    "customer_id": "('cus_' || lpad(:number::text, 26, '0'))",
    "customer_reference": "('LIM' || lpad(:number::text, 12, '0'))",
    "token_hash": "sha256(:number::text::bytea)",
}
_COUNT = "\\set turn :turn + 1\n\\set number :turn * 1000 + :client_id\n"
_TURNS_PER_ROUND = 10_000_000
# pgbench's connections end with it; their time is read when PostgreSQL has noticed.
_EXIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Inserts:
    """A statement that is run again and again, and its values, the _FRESH ones left out."""

    statement: Statement
    values: Mapping[str, Any]


def checkout_inserts(account_id: int) -> Inserts:
    """A checkout with a new customer and a new order."""
    terms = Terms(is_live=False, loopback_allowed=True, payment_methods=(_CARD,), life_seconds=7200)
    record = body("https://merchant.example/webhooks", order="ORD1", customer="CLN1")
    return Inserts(
        store.create_statement(makes_customer=True, makes_order=True),
        store.create_values(account_id, read_create(record, terms), bytes(32)),
    )


def order_inserts(account_id: int) -> Inserts:
    """An order with an item."""
    insert_order = orders.INSERT_ORDER.format(customer=":customer_id")
    command = orders.read_create(order_body(reference="ORD1"))
    return Inserts(
        Statement(
            f"with items_made as ({orders.INSERT_ITEMS}) {insert_order} returning created_at"
        ),
        {**orders.order_values(command.order), "account_id": account_id, "customer_id": None},
    )


def find_pgbench() -> Path | None:
    """pgbench, beside the programs that the server was started with. The wheels have none."""
    path = find_programs(read_settings().postgres).folder / "pgbench"
    return path if path.exists() else None


def run(
    pgbench: Path,
    server: Server,
    inserts: Inserts,
    *,
    seconds: int,
    turn: int,
    is_planned_once: bool = False,
) -> Load:
    """What one round of pgbench showed. turn numbers the rounds, so that none repeats an id.

    Left to itself PostgreSQL plans this statement anew each time; is_planned_once asks for what
    Paydesk's own connections ask for.
    """
    script, values = _script(inserts)
    path = server.data / "limit.sql"
    path.write_text(script)
    values["turn"] = str(turn * _TURNS_PER_ROUND)
    before = server.cpu_seconds()["postgres"]
    said = subprocess.run(
        [pgbench, "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1", "-T", str(seconds)]
        + [part for name, value in values.items() for part in ("-D", f"{name}={value}")]
        + ["-f", path],
        env={
            "PATH": os.defpath,
            **_connection(server),
            **({"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"} if is_planned_once else {}),
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    time.sleep(_EXIT_SECONDS)
    spent = server.cpu_seconds()["postgres"] - before
    per_second = float(re.search(r"tps = ([0-9.]+)", said)[1])
    count = int(re.search(r"actually processed: ([0-9]+)", said)[1])
    return Load(per_second=per_second, database=1000 * spent / count)


def _script(inserts: Inserts) -> tuple[str, dict[str, str]]:
    """The statement with pgbench's variables, and the values of those that stay the same."""
    statement, values = inserts.statement, inserts.values

    def variable(match: re.Match[str]) -> str:
        name = statement.names[int(match[1]) - 1]
        if values[name] is None:
            return "null"
        return _FRESH.get(name, f":{name}")

    sql = re.sub(r"\$([0-9]+)", variable, statement.sql)
    steady = {
        name: _text(values[name])
        for name in statement.names
        if name not in _FRESH and values[name] is not None
    }
    return f"{_COUNT}{sql};\n", steady


def _text(value: Any) -> str:
    """The value as PostgreSQL reads it from text."""
    if not isinstance(value, list | tuple):
        return str(value)
    members = ("NULL" if member is None else _quoted(str(member)) for member in value)
    return "{" + ",".join(members) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _connection(server: Server) -> dict[str, str]:
    """The server's address in the variables that PostgreSQL's own programs read."""
    parts = urlsplit(server.database_url())
    query = parse_qs(parts.query)
    return {
        "PGHOST": query["host"][0],
        "PGPORT": query["port"][0],
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path.lstrip("/"),
    }
