"""Which lookups there are: read from the CSV files in `seed/`, where a file's name is its group.

Shape: a row is enum and title; provinces also name their parent as `country:ZA`, currencies
    their number of decimals and, as countries do, their ISO number of three digits; banks their
    universal branch code.
Source: ISO 4217 and ISO 3166-1 for currencies and countries (precious metals, test and
    accounting codes left out: nobody pays in them); payment providers' lists for the banks'
    branch codes, left out where lists differ; the API's reference for the rest, as far as it names
    values: docs/divergences.md.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from paydesk.kit.money import Currency
from paydesk.lookups.model import Lookup, id_of


@dataclass(frozen=True, slots=True)
class Seed:
    """All groups, in order of their names, the currencies by code, and the ISO numbers.

    Shape: numeric is {("currency", "ZAR"): "710"}, for currencies and countries.
    """

    groups: dict[str, tuple[Lookup, ...]]
    currencies: dict[str, Currency]
    numeric: dict[tuple[str, str], str]


def load_seed() -> Seed:
    """Everything in the packaged files."""
    groups = {}
    currencies = {}
    numeric: dict[tuple[str, str], str] = {}
    for group, rows in _files():
        groups[group] = tuple(_lookup(group, row) for row in rows)
        numeric |= {(group, row["enum"]): row["numeric"] for row in rows if "numeric" in row}
        if group == "currency":
            currencies = {row["enum"]: Currency(row["enum"], int(row["digits"])) for row in rows}
    return Seed(groups, currencies, numeric)


def _files() -> Iterator[tuple[str, list[dict[str, str]]]]:
    for file in sorted((files("paydesk.lookups") / "seed").iterdir(), key=lambda file: file.name):
        rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        yield file.name.removesuffix(".csv"), list(rows)


def _lookup(group: str, row: dict[str, str]) -> Lookup:
    parent = row.get("parent")
    parent_id = id_of(*parent.split(":")) if parent else None
    return Lookup(
        id_of(group, row["enum"]),
        group,
        row["enum"],
        row["title"],
        parent_id,
        row.get("branch_code") or None,
    )
