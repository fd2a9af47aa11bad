"""`paydesk export`: what the API lists, as a table for a spreadsheet."""

import contextlib
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from paydesk import limits
from paydesk.cli.account import open_account
from paydesk.cli.faults import CommandFault

commands = typer.Typer(
    name="export", help="Write lists into files.", no_args_is_help=True, rich_markup_mode=None
)

_COLUMNS = (
    *("id", "created_at", "charged_at", "status_changed_at", "transaction_status"),
    *("transaction_reference", "currency", "amount"),
    *("amount_captured", "amount_voided", "amount_refunded", "order_id", "checkout_id"),
    *("customer_id", "payment_method_id", "payment_reference", "card_brand", "card_ending"),
    *("unpaid_reason",),
)
# Spreadsheets take a cell that begins like this for a formula, and some, as in South Africa, begin
# a cell at each semicolon, tab or line. Source: OWASP, "CSV Injection".
_FORMULA = re.compile(r'(?:\A|(?<=[;\t\r\n]))(?=[ "]*[=+\-@])|\A(?=[\t\r\n])')
# An escape sequence could rewrite what a terminal shows.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("A day is written 2026-01-31.") from None


@commands.callback()
def export() -> None:
    """Write lists into files."""


@commands.command()
def transactions(
    *,
    csv_: Annotated[bool, typer.Option("--csv", help="As CSV, the only form there is.")] = True,
    output: Annotated[
        Path | None, typer.Option(help="The file.", show_default="the terminal")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", parser=_day, metavar="DAY", help="Made on this day or later: 2026-01-31."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(parser=_day, metavar="DAY", help="Made on this day or earlier.")
    ] = None,
    data: Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")] = Path(
        "var/data"
    ),
    live: Annotated[bool, typer.Option("--live", help="Of the live account.")] = False,
) -> None:
    """Write the transactions, newest first, with times of South Africa."""
    assert csv_
    with open_account(data, is_live=live) as account, _opened(output) as file:
        found = account.client.transactions.each(
            limit=limits.LIST_LIMIT_MAX, created_at_start_date=from_, created_at_end_date=until
        )
        count = _write(file, _counted(found) if output else found)
    if output:
        typer.echo(f"{output}: {count} written.", err=True)


def _write(file: TextIO, transactions: Iterable[Mapping[str, Any]]) -> int:
    table = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    rest = iter(transactions)
    # The first is asked for before anything is written: a refusal leaves no half table behind.
    first = list(islice(rest, 1))
    table.writerow(_COLUMNS)
    count = 0
    for transaction in chain(first, rest):
        card = transaction["payment_data"]["card"] or {}
        shown = {**transaction, "card_brand": card.get("brand"), "card_ending": card.get("ending")}
        table.writerow([_cell(shown[column]) for column in _COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> str:
    """The value as a spreadsheet should show it: as it is, and never as a formula."""
    text = "" if value is None else str(value)
    return _FORMULA.sub("'", _CONTROL.sub("", text))


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """The file to write to, which is there when it is whole, or not at all."""
    if output is None:
        yield sys.stdout
        return
    draft = output.with_name(f"{output.name}.new")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(output)
    except OSError as fault:
        raise CommandFault(f"{output} can't be written: {fault.strerror}.") from fault
    finally:
        draft.unlink(missing_ok=True)


def _counted(found: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The same, with a count that grows on the terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} transactions"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        for one in found:
            progress.advance(task)
            yield one
