"""`paydesk key`: makes, lists, rotates and revokes API keys."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from paydesk import limits, merchants
from paydesk.cli.data_database import work_on_database
from paydesk.cli.faults import CommandFault
from paydesk.kit import clock
from paydesk.merchants import Access, IssuedKey, Key, KeyKind, Section

commands = typer.Typer(
    name="key",
    help="Make, list, rotate and revoke API keys.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
OfMerchant = Annotated[
    str | None,
    typer.Option("--merchant", help="The merchant's id or exact name, where there are several."),
]
KeyName = Annotated[str, typer.Argument(metavar="KEY", help="The key, such as key_test_…")]
_DATA = Path("var/data")


@commands.command()
def create(
    *,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    name: Annotated[str, typer.Option(help="Where the key is used; for your own overview.")] = "",
    live: Annotated[bool, typer.Option("--live", help="For the live account.")] = False,
    public: Annotated[
        bool, typer.Option("--public", help="A public key, for forms: it has no secret.")
    ] = False,
    section: Annotated[
        list[Section] | None, typer.Option(help="A part of the API; give several.  [default: all]")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="The key may only read.")] = False,
) -> None:
    """Make a key; its secret is printed here and never again."""
    if public and (section or read_only):
        raise CommandFault("A public key opens forms alone: leave out --section and --read-only.")
    if len(name) > limits.KEY_NAME_LENGTH_MAX or not name.isprintable():
        raise CommandFault(f"A key's name has {limits.KEY_NAME_LENGTH_MAX} characters at most.")
    access = Access(frozenset(section) if section else None, may_write=not read_only)

    async def work(connection: asyncpg.Connection) -> IssuedKey:
        accounts = await merchants.merchant_accounts(connection, merchant)
        account = next(account for account in accounts if account.is_live == live)
        return await merchants.create_key(
            connection,
            account.id,
            is_live=live,
            kind=KeyKind.PUBLIC if public else KeyKind.SECRET,
            name=name,
            access=access,
        )

    _print(work_on_database(data, work))


@commands.command("list")
def list_(*, data: Data = _DATA, merchant: OfMerchant = None) -> None:
    """List the keys: name, what they open and whether they work."""

    async def work(connection: asyncpg.Connection) -> tuple[list[Key], datetime]:
        keys = await merchants.list_keys(connection, await _account_ids(connection, merchant))
        return keys, await connection.fetchval("select now()")

    keys, now = work_on_database(data, work)
    rows = [("key", "name", "opens", "status", "created")]
    rows += [
        (k.api_key, k.name, _opens(k), _status(k, now), clock.sast(k.created_at)) for k in keys
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@commands.command()
def rotate(
    key: KeyName,
    *,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    overlap_hours: Annotated[
        int,
        typer.Option(min=0, max=limits.KEY_OVERLAP_HOURS_MAX, help="How long the old one works."),
    ] = 24,
) -> None:
    """Make a new key like this one; the old one ends after the overlap."""

    async def work(connection: asyncpg.Connection) -> IssuedKey:
        among = await _among(connection, merchant)
        return await merchants.rotate_key(connection, among, key, overlap_hours=overlap_hours)

    _print(work_on_database(data, work))
    typer.echo(f"{key} ends in {overlap_hours} hours.")


@commands.command()
def revoke(key: KeyName, *, data: Data = _DATA, merchant: OfMerchant = None) -> None:
    """End a key at once."""

    async def work(connection: asyncpg.Connection) -> None:
        await merchants.revoke_key(connection, await _among(connection, merchant), key)

    work_on_database(data, work)
    typer.echo(f"{key} is revoked.")


async def _among(connection: asyncpg.Connection, merchant: str | None) -> list[int] | None:
    """The accounts to look for a key in: all, because its name is unique, or one merchant's."""
    return None if merchant is None else await _account_ids(connection, merchant)


async def _account_ids(connection: asyncpg.Connection, merchant: str | None) -> list[int]:
    accounts = await merchants.merchant_accounts(connection, merchant)
    return [account.id for account in accounts]


def _print(issued: IssuedKey) -> None:
    if issued.api_secret is None:
        typer.echo(f"public_key  {issued.api_key}")
        return
    typer.echo(f"api_key     {issued.api_key}\napi_secret  {issued.api_secret}")
    typer.echo("Keep the secret now: only a hash of it is stored.")


def _opens(key: Key) -> str:
    if key.kind is KeyKind.PUBLIC:
        return "forms"
    sections = "all" if key.access.sections is None else ",".join(sorted(key.access.sections))
    return sections if key.access.may_write else f"{sections} (read-only)"


def _status(key: Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    ends_at = key.access.ends_at
    if ends_at is None:
        return "works"
    return f"ends {clock.sast(ends_at)}" if ends_at > now else "ended"
