"""`paydesk methods`: the ways to pay that an account offers, and with which terms."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from paydesk import merchants, payment_methods
from paydesk.cli.data_database import work_on_database
from paydesk.connectors.registry import bank_modes
from paydesk.payment_methods import MethodType, PaymentMethod

commands = typer.Typer(
    name="methods",
    help="List, add, change and remove an account's ways to pay.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
OfMerchant = Annotated[
    str | None,
    typer.Option("--merchant", help="The merchant's id or exact name, where there are several."),
]
Live = Annotated[bool, typer.Option("--live", help="Of the live account.")]
Type = Annotated[MethodType, typer.Argument(metavar="TYPE", help=", ".join(MethodType))]
Name = Annotated[
    str | None, typer.Option("--name", help="What payers' statements say: 8 characters.")
]
ItemLimit = Annotated[
    str | None, typer.Option(help='The most that one payment may be, in rand; "" is no limit.')
]
MonthlyLimit = Annotated[
    str | None, typer.Option(help='The most of a month in all, in rand; "" is no limit.')
]
Connector = Annotated[
    str | None,
    typer.Option(help='The bank that collects or reports; "" where you see money come in.'),
]
BankName = Annotated[str | None, typer.Option(help="PAYIN: the bank that payers send money to.")]
Holder = Annotated[str | None, typer.Option(help="PAYIN: whose account it is.")]
Number = Annotated[str | None, typer.Option(help="PAYIN: the account's number.")]
Branch = Annotated[str | None, typer.Option(help="PAYIN: the branch's code.")]
_DATA = Path("var/data")


@commands.command("list")
def list_(*, data: Data = _DATA, merchant: OfMerchant = None, live: Live = False) -> None:
    """List the ways to pay, with their limits in rand."""

    async def work(connection: asyncpg.Connection) -> Sequence[PaymentMethod]:
        account_id = await _account_id(connection, merchant, is_live=live)
        return await payment_methods.list_payment_methods(connection, account_id)

    methods = work_on_database(data, work)
    if not methods:
        typer.echo("This account has no way to pay.")
    for method in methods:
        typer.echo(_line(method))


@commands.command()
def add(
    type_: Type,
    *,
    name: Name = None,
    item_limit: ItemLimit = None,
    monthly_limit: MonthlyLimit = None,
    connector: Connector = None,
    bank_name: BankName = None,
    account_holder: Holder = None,
    account_number: Number = None,
    branch_code: Branch = None,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    live: Live = False,
) -> None:
    """Offer a way to pay from now on."""
    account = (bank_name, account_holder, account_number, branch_code)
    record = _record(name, item_limit, monthly_limit, connector, account)
    _set_up(payment_methods.set_up_payment_method, data, merchant, type_, record, is_live=live)


@commands.command()
def change(
    type_: Type,
    *,
    name: Name = None,
    item_limit: ItemLimit = None,
    monthly_limit: MonthlyLimit = None,
    connector: Connector = None,
    bank_name: BankName = None,
    account_holder: Holder = None,
    account_number: Number = None,
    branch_code: Branch = None,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    live: Live = False,
) -> None:
    """Change what is named; the rest stays."""
    account = (bank_name, account_holder, account_number, branch_code)
    record = _record(name, item_limit, monthly_limit, connector, account)
    _set_up(payment_methods.change_payment_method, data, merchant, type_, record, is_live=live)


@commands.command()
def remove(
    type_: Type, *, data: Data = _DATA, merchant: OfMerchant = None, live: Live = False
) -> None:
    """Offer a way to pay no more; payers who have chosen it can still pay."""

    async def work(connection: asyncpg.Connection) -> None:
        account_id = await _account_id(connection, merchant, is_live=live)
        await payment_methods.remove_payment_method(connection, account_id, type_)

    work_on_database(data, work)
    typer.echo(f"{type_} is offered no more.")


def _set_up(
    deed: Callable[..., Any],
    data: Path,
    merchant: str | None,
    type_: MethodType,
    record: dict[str, Any],
    *,
    is_live: bool,
) -> None:
    """Does the deed, which makes the method of the record, and prints the method."""

    async def work(connection: asyncpg.Connection) -> PaymentMethod:
        account_id = await _account_id(connection, merchant, is_live=is_live)
        made: PaymentMethod = await deed(
            connection, account_id, type_, record, banks=bank_modes(), is_live=is_live
        )
        return made

    typer.echo(_line(work_on_database(data, work)))


async def _account_id(
    connection: asyncpg.Connection, merchant: str | None, *, is_live: bool
) -> int:
    accounts = await merchants.merchant_accounts(connection, merchant)
    return next(account.id for account in accounts if account.is_live == is_live)


def _record(
    name: str | None,
    item_limit: str | None,
    monthly_limit: str | None,
    connector: str | None,
    account: tuple[str | None, ...],
) -> dict[str, Any]:
    """What was given, as it is read; account is in the order of the options."""
    fields = ("bank_name", "account_holder", "account_number", "branch_code")
    bank_account = _given(dict(zip(fields, account, strict=True)))
    return _given(
        {
            "abbreviated_name": name,
            "item_limit": item_limit,
            "monthly_limit": monthly_limit,
            "connector": connector,
            "bank_account": bank_account or None,
        }
    )


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _line(method: PaymentMethod) -> str:
    """A method on one line: what is not set is not there."""
    account = method.bank_account
    parts = [
        f"{method.type:<12}",
        f'"{method.abbreviated_name}"',
        f"at {method.connector}" if method.connector else "",
        f"at most {method.item_limit.text()}" if method.item_limit else "",
        f"at most {method.monthly_limit.text()} a month" if method.monthly_limit else "",
        f"into {account.account_number}, branch {account.branch_code}, of "
        f"{account.account_holder} at {account.bank_name}"
        if account
        else "",
    ]
    return "  ".join(part for part in parts if part)
