"""The sandbox's own lists of currencies and countries, by ISO 4217 and ISO 3166-1."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as schemes name it: a number of three digits, and how many decimals it has."""

    code: str
    numeric: str
    exponent: int

    def text(self, minor: int) -> str:
        """The amount as people read it.

        >>> Currency("ZAR", "710", 2).text(120000)
        'ZAR 1,200.00'
        """
        whole, part = divmod(minor, 10**self.exponent)
        decimals = f".{part:0{self.exponent}d}" if self.exponent else ""
        return f"{self.code} {whole:,}{decimals}"


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# Codes of metals, funds and nothing (955 to 964, 999) are not in the list: no card pays in them.
_CURRENCIES = [
    Currency(row["code"], row["numeric"], int(row["exponent"])) for row in _rows("currencies.csv")
]
BY_CODE = {currency.code: currency for currency in _CURRENCIES}
BY_NUMERIC = {currency.numeric: currency for currency in _CURRENCIES}
COUNTRIES = frozenset(row["numeric"] for row in _rows("countries.csv"))
