"""What is printed and kept of a run: its measures, the bars beside them, one table."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load showed.

    Units: milliseconds; CPU per request, over all processes of the kind.
    Shape: server and database are None where there is none at work; parts is the server's
        share by program.
    """

    per_second: float
    p50: float | None = None
    p99: float | None = None
    server: float | None = None
    database: float | None = None
    refused: int = 0
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and what it should be."""

    name: str
    figure: float
    bound: float
    unit: str
    is_floor: bool = False

    @property
    def holds(self) -> bool:
        return self.figure >= self.bound if self.is_floor else self.figure <= self.bound

    def text(self) -> str:
        sign = "≥" if self.is_floor else "≤"
        verdict = "" if self.holds else "  MISSED"
        return (
            f"{self.name} {_short(self.figure)} ({sign} {_short(self.bound)} {self.unit}){verdict}"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the middle of its rounds, and the bars it is held to."""

    name: str
    rounds: list[Load] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    note: str = ""

    def middle(self, of: str) -> float | None:
        """The median of one of Load's figures over the rounds."""
        known = [figure for load in self.rounds if (figure := getattr(load, of)) is not None]
        return median(known) if known else None


_FIGURES = ("per_second", "p50", "p99", "server", "database")
_HEAD = ("", "per second", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms", "bars")


def markdown(rows: list[Row]) -> str:
    """The table, aligned so that it can be read as it stands."""
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(line, widths) for line in (_HEAD, rule, *lines[1:]))


def record(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows for the JSON file, with every round."""
    return [
        {
            "name": row.name,
            **{figure: row.middle(figure) for figure in _FIGURES},
            "bars": [{**asdict(bar), "holds": bar.holds} for bar in row.bars],
            "note": row.note,
            "rounds": [asdict(load) for load in row.rounds],
        }
        for row in rows
    ]


def _cells(row: Row) -> tuple[str, ...]:
    refused = sum(load.refused for load in row.rounds)
    remarks = [bar.text() for bar in row.bars]
    remarks += [f"{refused} REFUSED"] if refused else []
    remarks += [row.note] if row.note else []
    figures = (row.middle(name) for name in _FIGURES)
    return (row.name, *("" if f is None else _short(f) for f in figures), "; ".join(remarks))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [cells[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:-1], strict=True)]
    return f"| {' | '.join([*padded, cells[-1].ljust(widths[-1])])} |"


def _short(figure: float) -> str:
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}".removesuffix(".00")
